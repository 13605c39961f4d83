package dev.eosin.clip;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.eval.PairEmbedder;
import dev.eosin.eval.PairFeatures;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.text.Tokenizer;
import dev.eosin.tower.ImageSpec;
import dev.eosin.train.DivergedException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Embeds images and captions with a [Clip] as it stands, without gradients. e is the embedding
/// size.
public final class ClipEncoder implements PairEmbedder {
  private static final int CAPTIONS_AT_ONCE = 64;
  private final Clip clip;
  private final ClipInputs inputs;
  private final Tokenizer tokenizer;
  private final PairLoss loss;
  private final int atOnce;

  /// @param loss that [#pairs] reports
  /// @param atOnce rows that go through a tower together
  public ClipEncoder(Clip clip, ClipInputs inputs, Tokenizer tokenizer, PairLoss loss, int atOnce) {
    this.clip = clip;
    this.inputs = inputs;
    this.tokenizer = tokenizer;
    this.loss = loss;
    this.atOnce = atOnce;
  }

  @Override
  public float[][] embedImages(byte[] images, int count) {
    ImageSpec size = clip.spec().image();
    int[] rows = IntStream.range(0, count).toArray();
    return embedImages(new BatchImages(images, size.height(), size.width(), rows));
  }

  @Override
  public float[][] embedImages(BatchImages images) {
    float[][] all = new float[images.count()][];
    for (int from = 0; from < all.length; from += atOnce) {
      int to = Math.min(all.length, from + atOnce);
      try (Forward graph = new Forward(engine());
          Tensor pixels = inputs.pixels(images, from, to)) {
        float[][] part = rows(clip.imageFeatures(graph, pixels).data());
        System.arraycopy(part, 0, all, from, part.length);
      }
    }
    return all;
  }

  @Override
  public float[][] embedTexts(List<String> texts) {
    float[][] all = new float[texts.size()][];
    for (int from = 0; from < all.length; from += CAPTIONS_AT_ONCE) {
      int to = Math.min(all.length, from + CAPTIONS_AT_ONCE);
      float[][] part = tokenised(texts.subList(from, to));
      System.arraycopy(part, 0, all, from, part.length);
    }
    return all;
  }

  private float[][] tokenised(List<String> captions) {
    int context = clip.spec().text().context();
    int[] ids = new int[captions.size() * context];
    Arrays.fill(ids, tokenizer.paddingId());
    int longest = 1;
    for (int row = 0; row < captions.size(); row++) {
      int[] one = tokenizer.encode(captions.get(row), context);
      System.arraycopy(one, 0, ids, row * context, one.length);
      longest = Math.max(longest, one.length);
    }
    try (Forward graph = new Forward(engine());
        Tensor tensor = inputs.ids(ids, 0, captions.size(), context, longest)) {
      return rows(clip.textFeatures(graph, tensor).data());
    }
  }

  @Override
  public Pairs pairs(Batch batch) {
    StepRows rows = inputs.rows(batch);
    try (Forward graph = new Forward(engine())) {
      Value image = graph.adopt(finite(Tower.IMAGE.embed(clip, rows, atOnce)));
      Value text = graph.adopt(finite(Tower.TEXT.embed(clip, rows, atOnce)));
      List<Value> beside = loss.beside(clip.engine(), graph, rows, atOnce);
      double value = loss.of(graph, clip.logits(), image, text, beside).data().toFloat();
      return new Pairs(graph.take(image), graph.take(text), value);
    }
  }

  @Override
  public double logitScale() {
    return Math.exp(clip.parameters().get(Clip.LOGIT_SCALE).master().toFloat());
  }

  @Override
  public PairFeatures roomFor(int most) {
    return new PairFeatures(engine(), most, clip.spec().embedSize());
  }

  private Engine engine() {
    return clip.engine();
  }

  /// Unit vectors: a sum that is not finite has a vector that is not.
  private static Tensor finite(Tensor features) {
    try (Tensor norm = features.engine().kernels().one("gradient_norm", List.of(features))) {
      if (Float.isFinite(norm.toFloat())) {
        return features;
      }
    }
    features.close();
    throw new DivergedException("an embedding is not finite; the model's weights are broken");
  }

  private static float[][] rows(Tensor features) {
    float[] flat = features.toFloats();
    // A metric would take NaN for an answer: no other text has a larger cosine.
    for (float value : flat) {
      if (!Float.isFinite(value)) {
        throw new DivergedException("an embedding is not finite; the model's weights are broken");
      }
    }
    int e = (int) features.size(1);
    float[][] rows = new float[flat.length / e][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(flat, row * e, (row + 1) * e);
    }
    return rows;
  }
}
