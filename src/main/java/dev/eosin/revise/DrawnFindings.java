package dev.eosin.revise;

import dev.eosin.data.synthetic.Fact;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Degrades captions of drawn findings so that nothing in the words tells it: another value is
/// uniform among the others, and a calcification is left out as often as one is put in, so that a
/// degraded caption is one that another tile has with the same probability.
final class DrawnFindings {
  private static final String CALCIFICATION = ", calcification present in the ";

  /// The share of degraded captions whose calcification is left out or put in.
  private static final double STATEMENTS = 0.4;

  private DrawnFindings() {}

  /// Whether a caption states a tissue, a density and a stain, as those of findings do.
  static boolean are(String caption) {
    return spot(caption, Fact.TISSUE).isPresent()
        && spot(caption, Fact.DENSITY).isPresent()
        && spot(caption, Fact.STAIN).isPresent();
  }

  /// @param clean the share that is left as it is
  /// @return one edit, or none
  static CaptionEdits degrade(String caption, double clean, RandomStream random) {
    if (random.nextDouble() < clean) {
      return CaptionEdits.NONE;
    }
    int begins = caption.indexOf(CALCIFICATION);
    if (random.nextDouble() < STATEMENTS) {
      return new CaptionEdits(List.of(ofStatement(caption, begins, random)));
    }
    List<Fact> facts = new ArrayList<>(List.of(Fact.TISSUE, Fact.DENSITY, Fact.STAIN));
    if (begins >= 0) {
      facts.add(Fact.QUADRANT);
    }
    Fact fact = facts.get(random.nextInt(facts.size()));
    Spot spot = spot(caption, fact).orElseThrow();
    List<String> others = new ArrayList<>(fact.words());
    others.remove(spot.value());
    String other = others.get(random.nextInt(others.size()));
    return new CaptionEdits(
        List.of(new CaptionEdit.Modify(spot.at(), spot.value(), other, fact.label())));
  }

  private static CaptionEdit ofStatement(String caption, int begins, RandomStream random) {
    if (begins >= 0) {
      return new CaptionEdit.Delete(begins, caption.substring(begins), Fact.CALCIFICATION.label());
    }
    List<String> quadrants = Fact.QUADRANT.words();
    String added = CALCIFICATION + quadrants.get(random.nextInt(quadrants.size()));
    return new CaptionEdit.Add(caption.length(), added, Fact.CALCIFICATION.label());
  }

  private record Spot(int at, String value) {}

  private static Optional<Spot> spot(String caption, Fact fact) {
    for (String value : fact.words()) {
      for (int at = caption.indexOf(value); at >= 0; at = caption.indexOf(value, at + 1)) {
        if (Words.stand(caption, at, at + value.length())) {
          return Optional.of(new Spot(at, value));
        }
      }
    }
    return Optional.empty();
  }
}
