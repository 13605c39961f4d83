package dev.eosin.qformer;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.eval.PairEmbedder;
import dev.eosin.eval.PairFeatures;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.text.Tokenizer;
import dev.eosin.train.DivergedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/// Embeds images and captions with an aligned Q-Former as it stands: an image by each of its
/// queries. Image and text belong together as far as the likest query says (LAVIS's ITC score; its
/// pairs are not judged again).
///
/// @param learner whose model it is
/// @param tokenizer of captions
/// @param length most ids of a caption
/// @param height of the images in pixels
/// @param width of the images in pixels
public record AlignmentEmbedder(
    AlignmentLearner learner, Tokenizer tokenizer, int length, int height, int width)
    implements PairEmbedder {
  private Alignment model() {
    return learner.step().model();
  }

  private Engine engine() {
    return learner.parameters().engine();
  }

  @Override
  public int vectorsPerImage() {
    return model().qformer().spec().queries();
  }

  @Override
  public float[][] embedImages(byte[] images, int count) {
    int[] each = IntStream.range(0, count).toArray();
    return embedImages(new BatchImages(images, height, width, each));
  }

  @Override
  public float[][] embedImages(BatchImages images) {
    int count = images.count();
    List<float[]> rows = new ArrayList<>();
    int atOnce = learner.step().atOnce();
    for (int from = 0; from < count; from += atOnce) {
      int[] some = IntStream.range(from, Math.min(count, from + atOnce)).toArray();
      try (Tensor states = learner.features().states(images, some)) {
        add(rows, flat(pass -> images(pass, pass.graph().constant(states))));
      }
    }
    return rows.toArray(float[][]::new);
  }

  private Value images(Pass pass, Value states) {
    List<Value> image = model().image(pass, states);
    Value last = model().qformer().read(pass, image, Optional.empty());
    return model().heads().imageFeatures(pass, last);
  }

  private Value texts(Pass pass, CaptionRows captions) {
    Value states =
        model().qformer().text(pass, captions.tensor(pass), captions.mask(), Optional.empty());
    return model().heads().textFeatures(pass, states);
  }

  @Override
  public float[][] embedTexts(List<String> texts) {
    List<float[]> rows = new ArrayList<>();
    int atOnce = learner.step().atOnce();
    for (int from = 0; from < texts.size(); from += atOnce) {
      List<String> some = texts.subList(from, Math.min(texts.size(), from + atOnce));
      add(rows, flat(pass -> texts(pass, captions(some))));
    }
    return rows.toArray(float[][]::new);
  }

  private CaptionRows captions(List<String> texts) {
    return CaptionRows.of(texts.stream().map(text -> tokenizer.encode(text, length)).toList());
  }

  @Override
  public Pairs pairs(Batch batch) {
    try (Tensor states = learner.features().states(batch)) {
      double loss = learner.measure(batch, states);
      CaptionRows captions = AlignmentLearner.captions(batch);
      float[] images = parts(batch, (from, to) -> images(states, from, to));
      float[] texts =
          parts(
              batch,
              (from, to) ->
                  flat(pass -> texts(pass, captions.chosen(IntStream.range(from, to).toArray()))));
      int e = model().heads().embedSize();
      return new Pairs(
          engine().of(images, images.length / e, e), engine().of(texts, texts.length / e, e), loss);
    }
  }

  private float[] images(Tensor states, int from, int to) {
    try (Tensor some = engine().kernels().one("row_range", states, from, to)) {
      return flat(pass -> images(pass, pass.graph().constant(some)));
    }
  }

  private float[] parts(Batch batch, BiFunction<Integer, Integer, float[]> part) {
    float[] all = new float[0];
    int atOnce = learner.step().atOnce();
    for (int from = 0; from < batch.size(); from += atOnce) {
      float[] more = part.apply(from, Math.min(batch.size(), from + atOnce));
      int before = all.length;
      all = Arrays.copyOf(all, before + more.length);
      System.arraycopy(more, 0, all, before, more.length);
    }
    return all;
  }

  /// What a forward pass gives.
  private interface Given {
    Value by(Pass pass);
  }

  private float[] flat(Given given) {
    try (Forward graph = new Forward(engine())) {
      Pass pass = new Pass(graph, learner.parameters(), learner.step().execution());
      float[] values = given.by(pass).data().toFloats();
      // A metric would take NaN for an answer: no other text has a larger cosine.
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw new DivergedException("an embedding is not finite; the model's weights are broken");
        }
      }
      return values;
    }
  }

  private void add(List<float[]> rows, float[] flat) {
    int e = model().heads().embedSize();
    for (int from = 0; from < flat.length; from += e) {
      rows.add(Arrays.copyOfRange(flat, from, from + e));
    }
  }

  @Override
  public double logitScale() {
    String temperature = model().heads().temperature();
    return 1 / learner.parameters().get(temperature).master().toFloat();
  }

  @Override
  public PairFeatures roomFor(int most) {
    return new PairFeatures(engine(), most, model().heads().embedSize(), vectorsPerImage());
  }
}
