package dev.eosin.data.synthetic;

import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.List;

/// The words for [Facts]: plain and lower-case, so few different ones that a tokenizer of 2,000
/// entries that is trained on them has each as one token.
final class FactWords {
  /// What is told begins with this.
  static final String FACTS = "facts: ";

  private static final String SEPARATOR = ", ";

  /// The share of the told facts that are nothing but the words of their values.
  private static final double BARE = 0.1;

  private FactWords() {}

  /// The facts as they are told to someone who does not see the tile: stated, or their words alone.
  static String told(Facts facts, RandomStream random) {
    return FACTS + (random.nextDouble() < BARE ? bare(facts, random) : stated(facts, random)) + ".";
  }

  /// What every tile has in any order, then the calcification where there is one.
  static String found(Facts facts, RandomStream random) {
    List<String> parts = everyTiles(facts, random);
    shuffle(parts, random);
    if (facts.shows(Fact.QUADRANT)) {
      parts.add(presentForms().getFirst().formatted(facts.word(Fact.QUADRANT)));
    }
    return String.join(SEPARATOR, parts);
  }

  private static List<String> everyTiles(Facts facts, RandomStream random) {
    List<String> parts = new ArrayList<>();
    parts.add(filled(tissueForms(), facts.word(Fact.TISSUE), random));
    parts.add(filled(densityForms(), facts.word(Fact.DENSITY), random));
    parts.add(filled(stainForms(), facts.word(Fact.STAIN), random));
    return parts;
  }

  /// Every fact that is there to be seen, in any order.
  static String stated(Facts facts, RandomStream random) {
    List<String> parts = everyTiles(facts, random);
    parts.add(
        facts.shows(Fact.QUADRANT)
            ? filled(presentForms(), facts.word(Fact.QUADRANT), random)
            : pick(absentForms(), random));
    shuffle(parts, random);
    return String.join(SEPARATOR, parts);
  }

  private static String bare(Facts facts, RandomStream random) {
    List<String> words = new ArrayList<>();
    words.add(facts.word(Fact.TISSUE));
    words.add(facts.word(Fact.DENSITY));
    words.add(facts.word(Fact.STAIN));
    words.add(
        facts.word(Fact.CALCIFICATION)
            + (facts.shows(Fact.QUADRANT) ? " " + facts.word(Fact.QUADRANT) : ""));
    shuffle(words, random);
    return String.join(" ", words);
  }

  /// A class as prompts name it.
  static String tissue(String word) {
    return tissueForms().getFirst().formatted(word);
  }

  private static List<String> tissueForms() {
    return List.of("%s tissue", "the tissue is %s", "tissue: %s", "%s");
  }

  private static List<String> densityForms() {
    return List.of("%s cells", "the density is %s", "density: %s", "%s");
  }

  private static List<String> stainForms() {
    return List.of("%s stain", "the stain is %s", "stain: %s", "%s");
  }

  private static List<String> presentForms() {
    return List.of(
        "calcification present in the %s",
        "calcification: present, quadrant: %s",
        "the calcification is present in the %s",
        "present %s");
  }

  private static List<String> absentForms() {
    return List.of(
        "calcification absent", "calcification: absent", "the calcification is absent", "absent");
  }

  /// Whether a fact has a value.
  static String closed(Fact fact, String value, RandomStream random) {
    return filled(closedForms(fact), value, random);
  }

  static List<String> closedForms(Fact fact) {
    return switch (fact) {
      case TISSUE -> List.of("is the tissue %s?", "is this %s?", "does the tile show %s tissue?");
      case DENSITY -> List.of("is the density %s?", "are the cells %s?");
      case STAIN -> List.of("is the stain %s?", "is the tile stained %s?");
      case CALCIFICATION -> List.of("is calcification %s?", "is the calcification %s?");
      case QUADRANT -> List.of("is the calcification in the %s?", "is the quadrant %s?");
    };
  }

  /// Which value a fact has.
  static String open(Fact fact, RandomStream random) {
    return pick(openForms(fact), random);
  }

  static List<String> openForms(Fact fact) {
    return switch (fact) {
      case TISSUE -> List.of("which tissue is it?", "what tissue is shown?");
      case DENSITY -> List.of("what is the density?", "how dense are the cells?");
      case STAIN -> List.of("what is the stain?", "which colour is the stain?");
      case CALCIFICATION ->
          List.of("is calcification present or absent?", "is the calcification present or absent?");
      case QUADRANT ->
          List.of("where is the calcification?", "which quadrant has the calcification?");
    };
  }

  private static String filled(List<String> forms, String value, RandomStream random) {
    return pick(forms, random).formatted(value);
  }

  private static String pick(List<String> choices, RandomStream random) {
    return choices.get(random.nextInt(choices.size()));
  }

  /// Fisher and Yates.
  private static void shuffle(List<String> parts, RandomStream random) {
    for (int last = parts.size() - 1; last > 0; last--) {
      int chosen = random.nextInt(last + 1);
      String moved = parts.get(chosen);
      parts.set(chosen, parts.get(last));
      parts.set(last, moved);
    }
  }
}
