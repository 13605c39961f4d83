package dev.eosin.eval;

import dev.eosin.data.batches.BatchImages;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// One pass of zero-shot classification over labelled images:
///
/// ```java
/// var evaluation = new ZeroShotEvaluation(prompts, embedder);
/// for (Batch batch : batches) {
///   evaluation.add(labels(batch), evaluation.classify(batch.images()), groups(batch));
/// }
/// ZeroShotResult result = evaluation.result(key, 1_000);
/// ```
public final class ZeroShotEvaluation {
  private final ImageTextEmbedder embedder;
  private final ZeroShotClassifier classifier;
  private final IntStream.Builder truth = IntStream.builder();
  private final IntStream.Builder predicted = IntStream.builder();
  private final List<Optional<String>> groups = new ArrayList<>();

  /// Embeds the prompts with the model as it is now.
  ///
  /// @param prompts the prompts of each class
  public ZeroShotEvaluation(List<List<String>> prompts, ImageTextEmbedder embedder) {
    this.embedder = embedder;
    this.classifier = ZeroShotClassifier.build(prompts, embedder);
  }

  /// Classifies a batch.
  ///
  /// @param images [b, 3, h, w] uint8, or longer
  /// @param labels `[b]` true classes
  /// @param groupOfRow `[b]` slide, patient or original tile, where known
  public void add(byte[] images, int[] labels, List<Optional<String>> groupOfRow) {
    add(labels, classify(images, labels.length), groupOfRow);
  }

  /// The nearest class of each image.
  ///
  /// @param images [b, 3, h, w] uint8, or longer
  /// @param count b
  /// @return `[b]`
  public int[] classify(byte[] images, int count) {
    return nearest(embedder.embedImages(images, count), count);
  }

  /// As above, of all images of a batch.
  public int[] classify(BatchImages images) {
    return nearest(embedder.embedImages(images), images.count());
  }

  private int[] nearest(float[][] embedded, int count) {
    int v = embedder.vectorsPerImage();
    return IntStream.range(0, count)
        .map(row -> classifier.classify(embedded, row * v, (row + 1) * v))
        .toArray();
  }

  /// Adds rows that are classified.
  ///
  /// @param labels `[b]` true classes
  /// @param found `[b]` what [#classify] said
  /// @param groupOfRow `[b]` slide, patient or original tile, where known
  public void add(int[] labels, int[] found, List<Optional<String>> groupOfRow) {
    if (labels.length != groupOfRow.size() || labels.length != found.length) {
      throw new IllegalArgumentException(
          "%d labels, %d found and %d groups"
              .formatted(labels.length, found.length, groupOfRow.size()));
    }
    for (int row = 0; row < labels.length; row++) {
      truth.add(labels[row]);
      predicted.add(found[row]);
    }
    groups.addAll(groupOfRow);
  }

  /// Ends the pass.
  ///
  /// @param key of the run
  /// @param resamples of the bootstrap; 0 for no intervals; there are none of a single group
  /// @throws IllegalStateException when there was no row
  public ZeroShotResult result(RandomKey key, int resamples) {
    int[] truths = truth.build().toArray();
    int[] predictions = predicted.build().toArray();
    if (truths.length == 0) {
      throw new IllegalStateException("there was no image to classify");
    }
    int classes = classifier.classes();
    ConfusionMatrix confusion = ConfusionMatrix.of(truths, predictions, classes);
    if (resamples == 0) {
      return new ZeroShotResult(confusion, Optional.empty());
    }
    Bootstrap bootstrap = new Bootstrap(key, resamples, truths, predictions, groups, classes);
    if (bootstrap.units() < 2) {
      // The resamples of a single group are all alike, which is no certainty.
      return new ZeroShotResult(confusion, Optional.empty());
    }
    return new ZeroShotResult(
        confusion,
        Optional.of(
            new ZeroShotResult.Intervals(
                bootstrap.interval(ConfusionMatrix::top1),
                bootstrap.interval(ConfusionMatrix::balancedAccuracy))));
  }
}
