package dev.eosin.albef;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.eval.PairEmbedder;
import dev.eosin.eval.PairFeatures;
import dev.eosin.group.Group;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.text.Tokenizer;
import dev.eosin.train.DivergedException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Embeds images and captions with an [Albef]'s trained encoder as it stands. e is the embedding
/// size.
///
/// @param learner whose model it is
/// @param tokenizer of captions
/// @param length most ids of a caption
/// @param height of the images in pixels
/// @param width of the images in pixels
public record AlbefEmbedder(
    AlbefLearner learner, Tokenizer tokenizer, int length, int height, int width)
    implements PairEmbedder {
  private PairEncoder encoder() {
    return learner.step().model().trained();
  }

  private Engine engine() {
    return learner.parameters().engine();
  }

  @Override
  public float[][] embedImages(byte[] images, int count) {
    int[] rows = IntStream.range(0, count).toArray();
    return embedImages(new BatchImages(images, height, width, rows));
  }

  @Override
  public float[][] embedImages(BatchImages images) {
    float[][] all = new float[images.count()][];
    int atOnce = learner.step().atOnce();
    for (int from = 0; from < all.length; from += atOnce) {
      int to = Math.min(all.length, from + atOnce);
      try (Tensor pixels =
          learner.inputs().pixels(images.pixels(), from, to, images.height(), images.width())) {
        float[][] part = rows(pass -> encoder().imageFeatures(pass, pixels));
        System.arraycopy(part, 0, all, from, part.length);
      }
    }
    return all;
  }

  @Override
  public float[][] embedTexts(List<String> texts) {
    float[][] all = new float[texts.size()][];
    int atOnce = learner.step().atOnce();
    for (int from = 0; from < all.length; from += atOnce) {
      int to = Math.min(all.length, from + atOnce);
      CaptionRows some =
          CaptionRows.of(
              texts.subList(from, to).stream()
                  .map(text -> tokenizer.encode(text, length))
                  .toList());
      float[][] part = rows(pass -> encoder().textFeatures(pass, some));
      System.arraycopy(part, 0, all, from, part.length);
    }
    return all;
  }

  private float[][] rows(Function<Pass, Value> given) {
    try (Forward graph = new Forward(engine())) {
      var pass = new Pass(graph, learner.parameters(), learner.step().execution());
      float[] flat = given.apply(pass).data().toFloats();
      requireFinite(flat);
      int e = encoder().projections().embedSize();
      float[][] rows = new float[flat.length / e][];
      for (int row = 0; row < rows.length; row++) {
        rows[row] = Arrays.copyOfRange(flat, row * e, (row + 1) * e);
      }
      return rows;
    }
  }

  /// A metric would take NaN for an answer: no other text has a larger cosine.
  private static void requireFinite(float... values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new DivergedException("an embedding is not finite; the model's weights are broken");
      }
    }
  }

  @Override
  public Pairs pairs(Batch batch) {
    AlbefStep.Rows rows = learner.rows(batch, Group.ALONE);
    try (Tensor pixels = rows.pixels()) {
      double loss = learner.measure(rows);
      Features features = learner.step().features(encoder(), rows);
      try {
        requireFinite(features.images().toFloats());
        requireFinite(features.texts().toFloats());
      } catch (DivergedException e) {
        features.close();
        throw e;
      }
      return new Pairs(features.images(), features.texts(), loss);
    }
  }

  @Override
  public double logitScale() {
    String temperature = learner.step().model().judgement().temperature();
    return 1 / learner.parameters().get(temperature).master().toFloat();
  }

  @Override
  public PairFeatures roomFor(int most) {
    return new PairFeatures(engine(), most, encoder().projections().embedSize());
  }
}
