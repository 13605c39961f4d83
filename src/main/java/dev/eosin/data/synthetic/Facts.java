package dev.eosin.data.synthetic;

import dev.eosin.random.RandomStream;
import java.util.Arrays;
import java.util.List;

/// What is true of a tile: five facts, each drawn uniformly and independently of the others, by
/// number of the fact's value.
///
/// @param quadrant drawn for every tile, but seen, told and asked only where there is a
///   calcification
public record Facts(int tissue, int density, int stain, int calcification, int quadrant) {
  static Facts draw(RandomStream random) {
    return new Facts(
        one(Fact.TISSUE, random),
        one(Fact.DENSITY, random),
        one(Fact.STAIN, random),
        one(Fact.CALCIFICATION, random),
        one(Fact.QUADRANT, random));
  }

  private static int one(Fact fact, RandomStream random) {
    return random.nextInt(fact.words().size());
  }

  /// The number of a fact's value.
  public int value(Fact fact) {
    return switch (fact) {
      case TISSUE -> tissue;
      case DENSITY -> density;
      case STAIN -> stain;
      case CALCIFICATION -> calcification;
      case QUADRANT -> quadrant;
    };
  }

  /// The word of a fact's value.
  public String word(Fact fact) {
    return fact.words().get(value(fact));
  }

  /// Whether a fact is there to be seen: the quadrant is not where there is no calcification.
  public boolean shows(Fact fact) {
    return fact != Fact.QUADRANT || calcification == 1;
  }

  /// The facts that are there to be seen.
  public List<Fact> shown() {
    return Arrays.stream(Fact.values()).filter(this::shows).toList();
  }
}
