package dev.eosin.clip;

import dev.eosin.data.batches.Batch;
import dev.eosin.eval.PairEmbedder;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.text.Tokenizer;
import dev.eosin.train.Learner;
import dev.eosin.train.LossRange;
import dev.eosin.train.StepLosses;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/// A [Clip] that learns from pairs. Its loss looks across the whole batch, so that a batch counts
/// by its pairs and its loss is their mean.
///
/// @param loss that is trained; closed with the learner
/// @param step how a batch becomes gradients
/// @param atOnce rows that go through a tower together
public record ClipLearner(
    Clip clip, ClipInputs inputs, Tokenizer tokenizer, PairLoss loss, ClipStep step, int atOnce)
    implements Learner {
  @Override
  public ParameterSet parameters() {
    return clip.parameters();
  }

  @Override
  public DType compute() {
    return inputs.compute();
  }

  @Override
  public double weight(Batch batch) {
    return batch.size();
  }

  @Override
  public void differentiate(
      Batch batch, double weight, double scale, StepLosses losses, GradientSink sink) {
    if (!looksTwice(clip.engine().device(), atOnce < batch.size(), loss.teacher().isPresent())) {
      step.run(inputs.rows(batch), scale, losses, sink);
      return;
    }
    try (ClipInputs.KeptRows rows = inputs.keptRows(batch)) {
      step.run(rows, scale, losses, sink);
    }
  }

  /// Whether a GPU keeps a step's images, which are needed again: by the second pass of a gradient
  /// cache, or behind a teacher. On a CPU they are where they are needed.
  static boolean looksTwice(Device device, boolean inParts, boolean taught) {
    return device instanceof Device.Cuda && (inParts || taught);
  }

  @Override
  public double measure(Batch batch) {
    try (PairEmbedder.Pairs pairs = encoder(loss.withoutSmoothing()).pairs(batch)) {
      return pairs.loss();
    }
  }

  /// The model as evaluation sees it, with the loss that a validation reports.
  public ClipEncoder encoder() {
    return encoder(loss.forValidation());
  }

  private ClipEncoder encoder(PairLoss measured) {
    return new ClipEncoder(clip, inputs, tokenizer, measured, atOnce);
  }

  @Override
  public LossRange range(Batch batch) {
    int[] classes = loss.settings().indistinct(batch);
    int alike = batch.size() - (int) Arrays.stream(classes).distinct().count();
    try (Forward graph = new Forward(clip.engine())) {
      List<Value> beside = loss.beside(clip.engine(), graph, inputs.rows(batch), atOnce);
      Optional<float[][]> teacher =
          loss.teacher().isEmpty()
              ? Optional.empty()
              : Optional.of(products(beside.get(1).data(), beside.get(2).data()));
      LossFloor floor = LossFloor.of(loss.settings(), classes, teacher);
      return new LossRange(floor.floor(), floor.chance(), alike, floor.tells(loss.settings()));
    }
  }

  /// x [b,e] times y [b,e] transposed.
  private static float[][] products(Tensor x, Tensor y) {
    float[] left = x.toFloats();
    float[] right = y.toFloats();
    int b = (int) x.size(0);
    int e = (int) x.size(1);
    float[][] products = new float[b][b];
    for (int row = 0; row < b; row++) {
      for (int column = 0; column < b; column++) {
        for (int k = 0; k < e; k++) {
          products[row][column] += left[row * e + k] * right[column * e + k];
        }
      }
    }
    return products;
  }

  @Override
  public void updated(long update) {
    clip.clampLogitScale();
  }

  @Override
  public Map<String, DoubleSupplier> figures(ScalarReads reads) {
    DoubleSupplier scale = reads.read(clip.parameters().get(Clip.LOGIT_SCALE).master());
    return Map.of("logit_scale", () -> Math.exp(scale.getAsDouble()));
  }

  /// Closes model, inputs and loss.
  @Override
  public void close() {
    inputs.close();
    loss.close();
    clip.close();
  }
}
