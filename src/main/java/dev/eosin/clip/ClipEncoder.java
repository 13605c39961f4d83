package dev.eosin.clip;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/// Embeds images and captions with a [Clip] as it stands, without gradients. e is the embedding
/// size.
public final class ClipEncoder {
  private static final int CAPTIONS_AT_ONCE = 64;
  private final Clip clip;
  private final ClipInputs inputs;
  private final Tokenizer tokenizer;

  public ClipEncoder(Clip clip, ClipInputs inputs, Tokenizer tokenizer) {
    this.clip = clip;
    this.inputs = inputs;
    this.tokenizer = tokenizer;
  }

  /// @param images uint8 [b,3,h,w], the array may be longer
  /// @return unit vectors [b][e]
  public float[][] images(byte[] images, int b, int height, int width) {
    try (Forward graph = new Forward(engine());
        Tensor pixels = inputs.pixels(images, b, height, width)) {
      return rows(clip.imageFeatures(graph, pixels), b);
    }
  }

  /// @return unit vectors [captions][e]
  public float[][] texts(List<String> captions) {
    float[][] all = new float[captions.size()][];
    for (int from = 0; from < all.length; from += CAPTIONS_AT_ONCE) {
      int to = Math.min(all.length, from + CAPTIONS_AT_ONCE);
      float[][] part = tokenised(captions.subList(from, to));
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
    return ids(ids, captions.size(), longest);
  }

  /// @param ids [b, context], the array may be longer; columns from `longest` on are padding
  /// @return unit vectors [b][e]
  public float[][] ids(int[] ids, int b, int longest) {
    try (Forward graph = new Forward(engine());
        Tensor tensor = inputs.ids(ids, b, clip.spec().text().context(), longest)) {
      return rows(clip.textFeatures(graph, tensor), b);
    }
  }

  /// exp of the logit scale.
  public double logitScale() {
    return Math.exp(clip.parameters().get("logit-scale").master().toFloat());
  }

  private Engine engine() {
    return clip.engine();
  }

  private static float[][] rows(Value features, int b) {
    float[] flat = features.data().toFloats();
    int e = flat.length / b;
    float[][] rows = new float[b][];
    for (int row = 0; row < b; row++) {
      rows[row] = Arrays.copyOfRange(flat, row * e, (row + 1) * e);
    }
    return rows;
  }
}
