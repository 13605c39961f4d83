package dev.eosin.data.synthetic;

import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/// An endless series of drawn tiles of which [Facts] are true, with what may be said and asked
/// about them: pure functions of (key, series, index). Words need no picture and picture no words.
///
/// @param key where all draws come from
/// @param series another number gives other tiles
/// @param size width and height of a tile in pixels
public record FactTiles(RandomKey key, long series, int size) {
  /// Changes with drawing and wording: a resumed run must not continue on others.
  public static final int DRAWING_VERSION = 1;

  private static final int CAPTIONS_PER_TILE = 4;

  /// Sparse, moderate, dense.
  private static final double[] SCALES = {1.5, 1, 0.65};

  private static final double NARROWING = 0.85;
  private static final double WIDEST = 64;
  private static final double LOOSEST = 28;
  private static final double FILLING = 0.9;
  private static final double BOLDNESS = 1.4;

  /// Less than 1: more tissue is seen than on other tiles, so that there is enough of it to count.
  private static final double ZOOM = 0.75;

  /// The text of each class by its label, in the order of the classes.
  public static Map<String, String> classTexts() {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Tissue tissue : Tissue.values()) {
      texts.put(tissue.label(), FactWords.tissue(Fact.TISSUE.words().get(tissue.ordinal())));
    }
    return Collections.unmodifiableMap(texts);
  }

  /// What is true of tile `index`.
  public Facts facts(long index) {
    return Facts.draw(key.stream(Purpose.FACTS, series, index));
  }

  /// The class of a tile.
  public static String label(Facts facts) {
    return Tissue.values()[facts.tissue()].label();
  }

  /// Draws tile `index`.
  public RgbImage draw(long index) {
    return draw(facts(index), index);
  }

  /// Draws what tile `index` would be if other facts were true.
  public RgbImage draw(Facts facts, long index) {
    RandomStream random = key.stream(Purpose.FACT_TILE, series, index);
    Appearance look = look(facts, random);
    Calcification drawn = Calcification.draw(facts.quadrant(), random);
    Optional<Calcification> over =
        facts.calcification() == 1 ? Optional.of(drawn) : Optional.empty();
    return TileRenderer.render(look, StainBand.values()[facts.stain()], over, size, random);
  }

  private static Appearance look(Facts facts, RandomStream random) {
    return new Appearance(
        Tissue.values()[facts.tissue()],
        Appearance.between(random, 0.45, 0.55),
        Appearance.between(random, 0.9, 1.1),
        Appearance.between(random, 0.9, 1.1),
        0,
        0,
        ZOOM * Appearance.between(random, 0.95, 1.05),
        Appearance.between(random, 0, 2 * Math.PI),
        Appearance.between(random, 0.35, 0.6),
        Appearance.between(random, 1, 3),
        Appearance.between(random, 0.94, 0.99),
        new Spread(NARROWING, WIDEST, LOOSEST, FILLING, SCALES[facts.density()], BOLDNESS));
  }

  /// Captions of tile `index` that state every fact, in different orders and words.
  public List<String> captions(long index) {
    return captions(index, FactWords::stated);
  }

  /// Captions of tile `index` that state what is there: tissue, density and stain in different
  /// orders and words, then a calcification, always in the same words, where there is one. With
  /// another value, or the calcification left out or put in, such a caption is one that another
  /// tile has with the same probability.
  public List<String> findings(long index) {
    return captions(index, FactWords::found);
  }

  private List<String> captions(long index, BiFunction<Facts, RandomStream, String> words) {
    RandomStream random = key.stream(Purpose.FACT_CAPTION, series, index);
    Facts facts = facts(index);
    List<String> captions = new ArrayList<>();
    for (int i = 0; i < CAPTIONS_PER_TILE; i++) {
      captions.add(words.apply(facts, random));
    }
    return captions;
  }

  /// How many questions are asked about a tile: three about each fact that is there to be seen.
  public static int questions(Facts facts) {
    return FactQuestion.Kind.values().length * facts.shown().size();
  }

  /// Question `number` of [#questions] about tile `index`.
  public FactQuestion question(long index, int number) {
    Facts facts = facts(index);
    int kinds = FactQuestion.Kind.values().length;
    RandomStream random =
        key.stream(
            Purpose.FACT_QUESTION, series, Math.addExact(Math.multiplyExact(index, 64L), number));
    return FactQuestion.of(
        facts,
        facts.shown().get(number / kinds),
        FactQuestion.Kind.values()[number % kinds],
        random);
  }

  /// Every question about tile `index`, in an order of its own.
  public List<FactQuestion> dialogue(long index) {
    List<FactQuestion> asked = new ArrayList<>();
    int count = questions(facts(index));
    for (int number = 0; number < count; number++) {
      asked.add(question(index, number));
    }
    // No question has this number.
    long order = Math.addExact(Math.multiplyExact(index, 64L), 63);
    RandomStream random = key.stream(Purpose.FACT_QUESTION, series, order);
    for (int last = count - 1; last > 0; last--) {
      Collections.swap(asked, last, random.nextInt(last + 1));
    }
    return asked;
  }

  /// Facts told in words and questions about them, of conversation `index`, without a picture.
  ///
  /// @return the questions; what is told stands in the first one alone
  public List<FactQuestion> conversation(long index, int questions) {
    RandomStream random = key.stream(Purpose.FACT_CONVERSATION, series, index);
    Facts facts = Facts.draw(random);
    List<FactQuestion> asked = new ArrayList<>();
    for (int i = 0; i < questions; i++) {
      List<Fact> shown = facts.shown();
      Fact fact = shown.get(random.nextInt(shown.size()));
      FactQuestion.Kind[] kinds = FactQuestion.Kind.values();
      asked.add(FactQuestion.of(facts, fact, kinds[random.nextInt(kinds.length)], random));
    }
    return asked;
  }
}
