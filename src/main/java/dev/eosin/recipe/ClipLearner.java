package dev.eosin.recipe;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipEncoder;
import dev.eosin.clip.ClipInputs;
import dev.eosin.clip.ClipStep;
import dev.eosin.clip.PairLoss;
import dev.eosin.data.Batch;
import dev.eosin.data.DataSets;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.AdamW;
import dev.eosin.train.LossScaling;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// A recipe's model, loss and optimiser without a run folder: takes steps on batches and at rates
/// that the caller chooses. Nothing is written.
final class ClipLearner implements AutoCloseable {
  private final Clip clip;
  private final AdamW optimiser;
  private final ClipInputs inputs;
  private final PairLoss loss;
  private final ClipStep gradients;
  private final ClipEncoder encoder;
  private final List<String> notes;
  private final int atOnce;
  private LossScaling scaling;

  private ClipLearner(ClipRecipe recipe, DataSets data, Clip clip, AdamW optimiser, DType compute)
      throws IOException {
    this.clip = clip;
    this.optimiser = optimiser;
    this.notes = ClipModels.firstWeights(recipe, clip);
    this.inputs = new ClipInputs(clip.engine(), compute, recipe.data().image().normalisation());
    this.loss = ClipModels.loss(recipe, clip.engine(), data.tokenizer());
    this.atOnce = recipe.batch().atOnce();
    this.gradients = ClipModels.step(recipe, clip, loss);
    this.encoder = new ClipEncoder(clip, inputs, data.tokenizer(), loss.withoutSmoothing(), atOnce);
    this.scaling = LossScaling.of(compute, beginning(recipe));
  }

  /// Starts the engine and fills in the recipe's first weights.
  ///
  /// @throws IOException when the weights are at fault
  static ClipLearner open(ClipRecipe asked, DataSets data) throws IOException {
    PairsAtOnce pairs = PairsAtOnce.of(asked, Optional.empty());
    ClipRecipe recipe = pairs.recipe();
    Engine engine = recipe.compute().start();
    Clip clip = ClipModels.allocate(recipe, engine, data.tokenizer());
    try {
      AdamW optimiser = ClipModels.optimiser(recipe, clip);
      try {
        DType compute = recipe.precision().compute(engine.device());
        return new ClipLearner(recipe, data, clip, optimiser, compute);
      } catch (IOException | RuntimeException | Error e) {
        optimiser.close();
        throw e;
      }
    } catch (IOException | RuntimeException | Error e) {
      clip.close();
      throw e;
    }
  }

  private static CheckpointState beginning(ClipRecipe recipe) {
    return new CheckpointState(
        0,
        0,
        0,
        recipe.seed(),
        OptionalLong.empty(),
        OptionalDouble.empty(),
        Optional.empty(),
        Map.of());
  }

  /// What a user should know about the first weights.
  List<String> notes() {
    return notes;
  }

  /// Weights that are trained, and all.
  long[] trainedOfAll() {
    return new long[] {
      optimiser.parameters().stream().mapToLong(ClipLearner::elements).sum(),
      clip.parameters().all().stream().mapToLong(ClipLearner::elements).sum()
    };
  }

  private static long elements(Parameter parameter) {
    return parameter.master().elements();
  }

  /// Steps left out so far because a gradient was not finite at the loss scale of fp16.
  long skippedSteps() {
    return scaling.skippedSteps();
  }

  /// One update at a rate, or none where a gradient is not finite: the loss scale is lower then.
  ///
  /// @return the loss before it; not a number where a gradient was not finite at any scale
  double step(Batch batch, double rate) {
    try {
      double loss = gradients.run(inputs.rows(batch), scaling.scale(), value -> {}, optimiser);
      if (Double.isFinite(optimiser.gradientNorm(scaling.scale()))) {
        optimiser.update(rate, scaling.scale());
        clip.clampLogitScale();
        scaling = scaling.afterUpdate();
        return loss;
      }
      Optional<LossScaling> lower = scaling.afterOverflow();
      scaling = lower.orElse(scaling);
      return lower.isPresent() ? loss : Double.NaN;
    } finally {
      optimiser.dropGradients();
    }
  }

  /// The loss that is trained, but for label smoothing.
  double loss(Batch batch) {
    return encoder.pairs(batch).loss();
  }

  /// Where that loss lies while a batch is learned.
  LossFloor floor(Batch batch) {
    int[] classes = Arrays.copyOf(batch.captionClasses(), batch.size());
    try (Forward graph = new Forward(clip.engine())) {
      List<Value> beside = loss.beside(graph, inputs.rows(batch), atOnce);
      Optional<float[][]> teacher =
          loss.teacher().isEmpty()
              ? Optional.empty()
              : Optional.of(products(beside.get(1).data(), beside.get(2).data()));
      return LossFloor.of(loss.settings(), classes, teacher);
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
  public void close() {
    inputs.close();
    loss.close();
    optimiser.close();
    clip.close();
  }
}
