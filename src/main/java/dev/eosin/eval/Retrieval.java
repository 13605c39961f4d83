package dev.eosin.eval;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// How well images find their texts and texts their image within one set, by cosine.
///
/// A rank counts how many others score strictly higher, so ties are in favour of the right one; a
/// hit at k is a rank below k.
public final class Retrieval {
  private final int[] ranksOfImages;
  private final int[] ranksOfTexts;

  private Retrieval(int[] ranksOfImages, int[] ranksOfTexts) {
    this.ranksOfImages = ranksOfImages;
    this.ranksOfTexts = ranksOfTexts;
  }

  /// Pairs: image i belongs to text i.
  ///
  /// @param images [n, e], of any length
  /// @param texts [n, e], of any length
  public static Retrieval ofPairs(float[][] images, float[][] texts) {
    int[] diagonal = new int[texts.length];
    Arrays.setAll(diagonal, i -> i);
    return of(images, texts, diagonal);
  }

  /// Several texts per image. An image's rank is that of the best of its own texts.
  ///
  /// @param images [n, e], of any length
  /// @param texts [m, e], of any length
  /// @param imageOfText `[m]` the image each text belongs to; every image needs at least one
  /// @throws IllegalArgumentException when the sizes disagree
  public static Retrieval of(float[][] images, float[][] texts, int[] imageOfText) {
    if (imageOfText.length != texts.length
        || Arrays.stream(imageOfText).distinct().count() != images.length) {
      throw new IllegalArgumentException(
          "%d images, %d texts: every text needs its image and every image a text"
              .formatted(images.length, texts.length));
    }
    double[][] cosines = cosines(Vectors.normalised(images), Vectors.normalised(texts));
    int[] ranksOfImages = new int[images.length];
    for (int image = 0; image < images.length; image++) {
      double own = Double.NEGATIVE_INFINITY;
      for (int text = 0; text < texts.length; text++) {
        if (imageOfText[text] == image) {
          own = Math.max(own, cosines[image][text]);
        }
      }
      for (double cosine : cosines[image]) {
        ranksOfImages[image] += cosine > own ? 1 : 0;
      }
    }
    int[] ranksOfTexts = new int[texts.length];
    for (int text = 0; text < texts.length; text++) {
      double own = cosines[imageOfText[text]][text];
      for (double[] row : cosines) {
        ranksOfTexts[text] += row[text] > own ? 1 : 0;
      }
    }
    return new Retrieval(ranksOfImages, ranksOfTexts);
  }

  private static double[][] cosines(double[][] images, double[][] texts) {
    double[][] cosines = new double[images.length][texts.length];
    for (int image = 0; image < images.length; image++) {
      for (int text = 0; text < texts.length; text++) {
        cosines[image][text] = Vectors.dot(images[image], texts[text]);
      }
    }
    return cosines;
  }

  /// `[n]` for each image, how many texts score higher than its own.
  public int[] ranksOfImages() {
    return ranksOfImages.clone();
  }

  /// `[m]` for each text, how many images score higher than its own.
  public int[] ranksOfTexts() {
    return ranksOfTexts.clone();
  }

  /// The share of images with one of their own texts among the k best.
  public double imageToTextRecall(int k) {
    return shareBelow(ranksOfImages, k);
  }

  /// The share of texts with their own image among the k best.
  public double textToImageRecall(int k) {
    return shareBelow(ranksOfTexts, k);
  }

  private static double shareBelow(int[] ranks, int k) {
    return (double) Arrays.stream(ranks).filter(rank -> rank < k).count() / ranks.length;
  }

  /// Recall at 1, 5 and 10 by their names in `log.jsonl`: `image_to_text_recall_at_1`, ...
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (int k : new int[] {1, 5, 10}) {
      metrics.put("image_to_text_recall_at_" + k, imageToTextRecall(k));
    }
    for (int k : new int[] {1, 5, 10}) {
      metrics.put("text_to_image_recall_at_" + k, textToImageRecall(k));
    }
    return metrics;
  }

  /// Several sets as one, for recall within batches: shares are over all rows.
  public Retrieval and(Retrieval other) {
    return new Retrieval(
        joined(ranksOfImages, other.ranksOfImages), joined(ranksOfTexts, other.ranksOfTexts));
  }

  private static int[] joined(int[] first, int[] second) {
    int[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
