package dev.eosin.data.synthetic;

import dev.eosin.random.RandomStream;
import java.util.List;
import java.util.Locale;

/// Words for a tile from the same numbers it is drawn from.
final class CaptionWriter {
  /// In most captions the class is named as prompts name it; the others use a synonym.
  private static final double PLAIN_NAME = 0.7;

  private CaptionWriter() {}

  /// One caption; another stream gives another wording of the same facts.
  static String write(Appearance look, RandomStream random) {
    String name = name(look, random);
    String finding = pick(Vocabulary.findings(look.tissue()), random);
    String density = pick(Vocabulary.density(look.tissue(), look.cellularity()), random);
    String stain = stain(look, random);
    return switch (random.nextInt(8)) {
      case 0 -> "An H&E image of %s.".formatted(name);
      case 1 -> "An H&E image of %s with %s.".formatted(name, finding);
      case 2 -> "%s showing %s and %s.".formatted(capital(name), finding, density);
      case 3 -> "Histopathology of %s, %s.".formatted(name, stain);
      case 4 -> "%s: %s, %s; %s.".formatted(capital(name), finding, density, stain);
      case 5 -> "This tile shows %s with %s.".formatted(name, density);
      case 6 -> "H&E stained section, %s, %s seen in %s.".formatted(stain, finding, name);
      default -> "Microscopy of %s; there are %s.".formatted(name, finding);
    };
  }

  private static String name(Appearance look, RandomStream random) {
    String plain = look.tissue().text();
    return random.nextDouble() < PLAIN_NAME
        ? plain
        : pick(Vocabulary.synonyms(look.tissue()), random);
  }

  private static String stain(Appearance look, RandomStream random) {
    double strength = look.haematoxylin() + look.eosin();
    double balance = look.haematoxylin() - look.eosin();
    if (balance > 0.25) {
      return pick(List.of("haematoxylin-rich", "bluish staining"), random);
    }
    if (balance < -0.25) {
      return pick(List.of("eosin-rich", "pinkish staining"), random);
    }
    if (strength > 2.25) {
      return pick(List.of("deeply stained", "strong staining"), random);
    }
    return strength < 1.8
        ? pick(List.of("palely stained", "weak staining"), random)
        : pick(List.of("well stained", "even staining"), random);
  }

  private static String pick(List<String> choices, RandomStream random) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
