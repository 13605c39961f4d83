package dev.eosin.eval;

import java.util.Arrays;
import java.util.OptionalDouble;

/// How likely each of several texts is for an image, by a model's cosines.
///
/// @param scale by which cosines become logits
/// @param bias added to them, of models that were trained with a sigmoid loss
public record ClassProbabilities(double scale, OptionalDouble bias) {
  /// Among all texts, adding up to 1, or each for itself where there is a bias.
  ///
  /// @param cosines of an image with each text
  public double[] of(double[] cosines) {
    double[] logits = new double[cosines.length];
    Arrays.setAll(logits, i -> scale * cosines[i] + bias.orElse(0));
    if (bias.isPresent()) {
      return Arrays.stream(logits).map(logit -> 1 / (1 + Math.exp(-logit))).toArray();
    }
    double largest = Arrays.stream(logits).max().orElse(0);
    double[] powers = Arrays.stream(logits).map(logit -> Math.exp(logit - largest)).toArray();
    double sum = Arrays.stream(powers).sum();
    return Arrays.stream(powers).map(power -> power / sum).toArray();
  }
}
