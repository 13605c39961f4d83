package dev.eosin.clip;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/// Between which values the loss of a batch lies while it is learned, without label smoothing: what
/// a model can reach at best, and what one that tells no pairs apart has. b pairs.
///
/// @param floor the least loss that the captions and the teacher allow
/// @param chance of a model for which all pairs are alike
record LossFloor(double floor, double chance) {
  private static final double FAR_BELOW = 0.8;

  /// @param classes of the rows, one number for those that share their positives; with one positive
  ///   each, for those whose captions are equal [b]
  /// @param teacher its logits [b][b], where the loss has one
  static LossFloor of(LossSettings loss, int[] classes, Optional<float[][]> teacher) {
    int[] counts = new int[classes.length];
    Arrays.stream(classes).forEach(caption -> counts[caption]++);
    int[] alike = Arrays.stream(classes).map(caption -> counts[caption]).toArray();
    int b = classes.length;
    return switch (loss) {
      case LossSettings.SigLip siglip ->
          switch (siglip.positives()) {
            // Every question has its answer in the caption.
            case EQUAL_CAPTIONS, SAME_LABEL, SAME_IMAGE ->
                new LossFloor(0, guesses(b, Arrays.stream(alike).average()));
            case OWN_CAPTION ->
                new LossFloor(
                    Arrays.stream(alike).mapToDouble(LossFloor::oneOf).average().orElse(0),
                    oneOf(b));
          };
      case LossSettings.Contrastive contrastive -> {
        double weight = contrastive.distillation().map(DistillationSettings::weight).orElse(0.0);
        double floor =
            teacher.isEmpty()
                ? Arrays.stream(alike).mapToDouble(Math::log).average().orElse(0)
                : between(classes, alike, teacher.get(), weight);
        yield new LossFloor(floor, (1 + weight) * Math.log(b));
      }
    };
  }

  /// Whether the loss that is trained is that of chance only while nothing is told apart: with soft
  /// targets, or where nearly all captions are alike, what was learned may be hardly below it.
  boolean tells(LossSettings loss) {
    return switch (loss) {
      case LossSettings.Contrastive plain ->
          plain.labelSmoothing() == 0
              && plain.distillation().isEmpty()
              && floor <= FAR_BELOW * chance;
      case LossSettings.SigLip _ -> false;
    };
  }

  private static double oneOf(int alike) {
    return guesses(alike, OptionalDouble.of(1));
  }

  /// SigLIP's loss of a row: so many questions that look the same, of which some are a yes.
  private static double guesses(int questions, OptionalDouble yes) {
    double share = yes.orElse(0) / questions;
    return questions * (information(share) + information(1 - share));
  }

  /// Two targets at once: the best answer is their mixture, and its entropy is what is left. Rows
  /// of one caption look the same, so what they ask for is spread over all of them.
  private static double between(int[] classes, int[] alike, float[][] teacher, double weight) {
    int b = classes.length;
    double sum = 0;
    for (int row = 0; row < b; row++) {
      double[] byRow = softmax(teacher, row, true);
      double[] byColumn = softmax(teacher, row, false);
      for (int other = 0; other < b; other++) {
        double own = classes[other] == classes[row] ? 1.0 / alike[row] : 0;
        sum += information((own + weight * byRow[other]) / (1 + weight));
        sum += information((own + weight * byColumn[other]) / (1 + weight));
      }
    }
    return (1 + weight) * sum / (2 * b);
  }

  private static double[] softmax(float[][] logits, int at, boolean row) {
    double[] x = new double[logits.length];
    Arrays.setAll(x, other -> row ? logits[at][other] : logits[other][at]);
    double most = Arrays.stream(x).max().orElse(0);
    Arrays.setAll(x, other -> Math.exp(x[other] - most));
    double sum = Arrays.stream(x).sum();
    Arrays.setAll(x, other -> x[other] / sum);
    return x;
  }

  private static double information(double share) {
    return share > 0 ? -share * Math.log(share) : 0;
  }
}
