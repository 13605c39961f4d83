package dev.eosin.run;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.data.batches.Tokens;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.Learner;
import dev.eosin.train.LossRange;
import dev.eosin.train.StepLosses;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/// The smallest model that has everything a family can have: for a letter that the loss asks for it
/// guesses whether its code is odd, as word[letter] + frozen[letter] + image . mean colour of the
/// row's images; half the squared error, by supervised letters.
///
/// @param atOnce rows that go through it together
record ToyLearner(ParameterSet parameters, int atOnce) implements Learner {
  static final String WORD = "word.bias";
  static final String IMAGE = "image.colour";
  static final String FROZEN = "frozen.bias";

  /// Losses and gradients of some rows.
  private static final class Sums {
    private final float[] word = new float[ToyRows.LETTERS];
    private final float[] image = new float[3];
    private double loss;
  }

  @Override
  public DType compute() {
    return DType.FLOAT32;
  }

  @Override
  public double weight(Batch batch) {
    return batch.tokens(ToyRows.WORDS).supervised(0, batch.size());
  }

  @Override
  public void differentiate(
      Batch batch, double weight, double scale, StepLosses losses, GradientSink sink) {
    double loss = sums(batch, 0, batch.size(), weight).loss;
    losses.add("letters", loss);
    losses.known();
    for (int from = 0; from < batch.size(); from += atOnce) {
      Sums part = sums(batch, from, Math.min(batch.size(), from + atOnce), weight / scale);
      Engine engine = parameters.engine();
      sink.accept(
          parameters.named(WORD, IMAGE),
          List.of(engine.of(part.word, ToyRows.LETTERS), engine.of(part.image, 3)));
    }
  }

  private Sums sums(Batch batch, int from, int to, double weight) {
    float[] word = parameters.get(WORD).master().toFloats();
    float[] image = parameters.get(IMAGE).master().toFloats();
    float[] frozen = parameters.get(FROZEN).data().toFloats();
    Tokens words = batch.tokens(ToyRows.WORDS);
    var sums = new Sums();
    for (int row = from; row < to; row++) {
      float[] colour = colour(batch.images(), row);
      for (int i = 0; i < words.lengths()[row]; i++) {
        if (words.supervised()[row * words.width() + i]) {
          int letter = words.ids()[row * words.width() + i];
          double guess = word[letter] + frozen[letter];
          for (int channel = 0; channel < 3; channel++) {
            guess += image[channel] * colour[channel];
          }
          double error = guess - letter % 2;
          sums.loss += error * error / 2 / weight;
          sums.word[letter] += (float) (error / weight);
          for (int channel = 0; channel < 3; channel++) {
            sums.image[channel] += (float) (error * colour[channel] / weight);
          }
        }
      }
    }
    return sums;
  }

  /// The mean colour of a row's images, 0 to 1; black where it has none.
  private static float[] colour(BatchImages images, int row) {
    int first = images.before(row);
    int end = images.before(row + 1);
    int plane = images.height() * images.width();
    float[] colour = new float[3];
    for (int i = first; i < end; i++) {
      for (int channel = 0; channel < 3; channel++) {
        long sum = 0;
        for (int pixel = 0; pixel < plane; pixel++) {
          sum += Byte.toUnsignedInt(images.pixels().get((3L * i + channel) * plane + pixel));
        }
        colour[channel] += (float) (sum / 255.0 / plane / (end - first));
      }
    }
    return colour;
  }

  @Override
  public double measure(Batch batch) {
    return sums(batch, 0, batch.size(), weight(batch)).loss;
  }

  @Override
  public LossRange range(Batch batch) {
    return new LossRange(0, 0.125, 0);
  }

  @Override
  public void updated(long update) {}

  @Override
  public Map<String, DoubleSupplier> figures(ScalarReads reads) {
    Tensor words = parameters.get(WORD).master();
    try (Tensor first = words.engine().kernels().one("row_range", words, 1L, 2L)) {
      return Map.of("first_word", reads.read(first));
    }
  }

  @Override
  public void close() {
    parameters.close();
  }
}
