package dev.eosin.api;

import java.util.Arrays;
import java.util.List;

/// How an image compares with texts.
///
/// @param image its name
/// @param texts that it was compared with, or the names of the classes that they stand for
/// @param cosines of the image with each of them, in -1 to 1
/// @param probabilities of each of them: with the model's logit scale, and among all of them
///   (adding up to 1), or each for itself where the model was trained with a sigmoid loss
public record Match(String image, List<String> texts, double[] cosines, double[] probabilities) {
  public Match {
    texts = List.copyOf(texts);
    cosines = cosines.clone();
    probabilities = probabilities.clone();
  }

  /// A copy.
  @Override
  public double[] cosines() {
    return cosines.clone();
  }

  /// A copy.
  @Override
  public double[] probabilities() {
    return probabilities.clone();
  }

  /// The place of the text with the largest cosine, the first of equals.
  public int best() {
    int best = 0;
    for (int i = 1; i < cosines.length; i++) {
      best = cosines[i] > cosines[best] ? i : best;
    }
    return best;
  }

  /// The text with the largest cosine.
  public String text() {
    return texts.get(best());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Match match
        && image.equals(match.image)
        && texts.equals(match.texts)
        && Arrays.equals(cosines, match.cosines)
        && Arrays.equals(probabilities, match.probabilities);
  }

  @Override
  public int hashCode() {
    return 31 * image.hashCode() + Arrays.hashCode(cosines);
  }
}
