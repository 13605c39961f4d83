package dev.eosin.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Classifies images by the nearest class text: each class is the mean direction of its prompts'
/// embeddings.
///
/// As open_clip's `build_zero_shot_classifier` (after Radford et al. 2021, section 3.1.4):
/// normalise every prompt's embedding, average over the prompts, normalise again.
public final class ZeroShotClassifier {
  private final double[][] directions;

  private ZeroShotClassifier(double[][] directions) {
    this.directions = directions;
  }

  /// Embeds the prompts.
  ///
  /// @param prompts the prompts of each class; at least one each
  public static ZeroShotClassifier build(List<List<String>> prompts, ImageTextEmbedder embedder) {
    float[][] embedded = embedder.embedTexts(prompts.stream().flatMap(List::stream).toList());
    List<float[][]> byClass = new ArrayList<>();
    int next = 0;
    for (List<String> ofClass : prompts) {
      float[][] rows = new float[ofClass.size()][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = embedded[next++];
      }
      byClass.add(rows);
    }
    return of(byClass);
  }

  /// From prompt embeddings at hand.
  ///
  /// @param features for each class [prompts, e], of any length
  /// @throws IllegalArgumentException when there is no class, or a class without prompts
  public static ZeroShotClassifier of(List<float[][]> features) {
    if (features.isEmpty() || features.stream().anyMatch(rows -> rows.length == 0)) {
      throw new IllegalArgumentException("every class needs at least one prompt");
    }
    return new ZeroShotClassifier(
        features.stream().map(ZeroShotClassifier::meanDirection).toArray(double[][]::new));
  }

  private static double[] meanDirection(float[][] prompts) {
    double[] sum = new double[prompts[0].length];
    for (double[] prompt : Vectors.normalised(prompts)) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += prompt[i] / prompts.length;
      }
    }
    return Vectors.normalised(sum);
  }

  /// Number of classes.
  public int classes() {
    return directions.length;
  }

  /// A class's direction, `[e]`, length 1; a copy.
  public double[] direction(int classIndex) {
    return directions[classIndex].clone();
  }

  /// The cosine of an image's embedding with every class.
  ///
  /// @param image `[e]`, of any length
  /// @return `[classes]`, in -1 to 1; times the model's logit scale they are the logits
  public double[] cosines(float[] image) {
    double[] unit = Vectors.normalised(image);
    double[] cosines = new double[directions.length];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = Vectors.dot(unit, directions[i]);
    }
    return cosines;
  }

  /// The class with the largest cosine, the first of equals.
  public int classify(float[] image) {
    return largest(cosines(image));
  }

  /// The class with the largest cosine of any of an image's vectors, the first of equals.
  ///
  /// @param vectors all embeddings [b v,e]
  /// @param from the image's first
  /// @param to after its last
  int classify(float[][] vectors, int from, int to) {
    double[] largest = cosines(vectors[from]);
    for (int row = from + 1; row < to; row++) {
      double[] further = cosines(vectors[row]);
      Arrays.setAll(largest, i -> Math.max(largest[i], further[i]));
    }
    return largest(largest);
  }

  private static int largest(double[] cosines) {
    int best = 0;
    for (int i = 1; i < cosines.length; i++) {
      if (cosines[i] > cosines[best]) {
        best = i;
      }
    }
    return best;
  }
}
