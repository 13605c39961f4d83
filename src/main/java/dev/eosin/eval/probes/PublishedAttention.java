package dev.eosin.eval.probes;

import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// Attention over the tiles of a slide as publications' code builds it; [AttentionPooling] is the
/// plain one. AdamW; biases do not decay.
public final class PublishedAttention implements AutoCloseable {
  private static final Kernel EVA_LOSS = new Kernel("mil_eva");
  private static final Kernel PATHO_BENCH_LOSS = new Kernel("mil_trident");
  private static final Kernel PATHO_BENCH_SURVIVAL_LOSS = new Kernel("mil_trident_survival");
  private static final List<Double> BETAS = List.of(0.9, 0.999);
  private static final double EPSILON = 1e-8;

  private final Engine engine;
  private final Built built;
  private final int classes;
  private final ParameterSet parameters;
  private final AdamW optimiser;

  /// Whose network it is.
  public enum Built {
    /// eva 73b61a7, vision/models/networks/abmil.py as its configurations have it: a projection to
    /// 128, gated attention of 128, two hidden layers of 128 and 64. One logit for two classes.
    EVA,
    /// Patho-Bench 660e770, abmil_kwargs.yaml, with TRIDENT a91fa84's ABMILSlideEncoder: layers as
    /// wide as the features before and behind the attention, which has 512 and no gates; dropout of
    /// 0.1, 0.25 and 0.1.
    PATHO_BENCH
  }

  /// @param features of a tile
  /// @param classes number of classes
  /// @param lr learning rate, for those updates that name no other
  /// @param weightDecay decoupled, of matrices
  public PublishedAttention(
      Engine engine,
      RandomKey key,
      Built built,
      int features,
      int classes,
      double lr,
      double weightDecay) {
    this.engine = engine;
    this.built = built;
    this.classes = classes;
    List<Weight> weights = weights(built, features, classes);
    this.parameters =
        ParameterSet.allocate(
            engine, weights.stream().map(weight -> weight.spec(true)).toList(), DType.FLOAT32);
    new Initialiser(key).fill(parameters, weights);
    this.optimiser =
        new AdamW(parameters, new AdamWSettings(lr, BETAS, EPSILON, weightDecay, Optional.empty()));
  }

  private static List<Weight> weights(Built built, int features, int classes) {
    List<Weight> weights = new ArrayList<>();
    switch (built) {
      case EVA -> {
        linear(weights, "projector", features, 128);
        linear(weights, "attention_a", 128, 128);
        linear(weights, "attention_b", 128, 128);
        linear(weights, "attention_c", 128, 1);
        linear(weights, "hidden_1", 128, 128);
        linear(weights, "hidden_2", 128, 64);
        linear(weights, "classifier", 64, classes == 2 ? 1 : classes);
      }
      case PATHO_BENCH -> {
        linear(weights, "before", features, features);
        linear(weights, "attention", features, 512);
        linear(weights, "score", 512, 1);
        linear(weights, "behind", features, features);
        linear(weights, "classifier", features, classes);
      }
    }
    return List.copyOf(weights);
  }

  /// As torch begins a linear layer: all within one through the root of what it reads.
  private static void linear(List<Weight> weights, String name, int from, int to) {
    var first = new InitialValue.Uniform(Math.pow(from, -0.5));
    weights.add(new Weight(name + ".weight", first, false, to, from));
    weights.add(new Weight(name + ".bias", first, false, to));
  }

  ParameterSet parameters() {
    return parameters;
  }

  /// One update.
  ///
  /// @param slides tiles of each `[n][c]`, n at least 1; of Patho-Bench's one slide
  /// @param labels their classes
  /// @param rate learning rate
  /// @param dropout draws what is left out; nothing is, where there is none or the network has none
  /// @return the mean loss before it
  public double learn(List<float[][]> slides, int[] labels, double rate, OptionalLong dropout) {
    long[] truth = new long[labels.length];
    long[] ends = new long[labels.length];
    int tiles = 0;
    for (int i = 0; i < ends.length; i++) {
      tiles += slides.get(i).length;
      ends[i] = tiles;
      truth[i] = labels[i];
    }
    try (Tensor all = tensor(slides, tiles);
        Tape tape = new Tape(engine)) {
      Value classesOf = tape.adopt(engine.of(truth, truth.length));
      List<Value> inputs = new ArrayList<>(List.of(tape.constant(all)));
      Kernel kernel =
          switch (built) {
            case EVA -> {
              inputs.add(tape.adopt(engine.of(ends, ends.length)));
              inputs.add(classesOf);
              yield EVA_LOSS;
            }
            case PATHO_BENCH -> {
              inputs.add(classesOf);
              dropout.ifPresent(seed -> inputs.add(tape.adopt(engine.of(new long[] {seed}, 1))));
              yield PATHO_BENCH_LOSS;
            }
          };
      return updated(tape, tape.one(kernel, inputs, parameters.trainable()), rate);
    }
  }

  /// One update of Patho-Bench's network, whose classes are intervals of time.
  ///
  /// @param slide its tiles `[n][c]`, n at least 1
  /// @param interval in which the watching ended, from 0
  /// @param event whether it ended with one
  /// @param rate learning rate
  /// @param dropout as above
  /// @return the negative log likelihood before it
  public double learn(
      float[][] slide, int interval, boolean event, double rate, OptionalLong dropout) {
    try (Tensor all = tensor(List.<float[][]>of(slide), slide.length);
        Tape tape = new Tape(engine)) {
      List<Value> inputs = new ArrayList<>(List.of(tape.constant(all)));
      inputs.add(tape.adopt(engine.of(new long[] {interval, event ? 1 : 0}, 2)));
      dropout.ifPresent(seed -> inputs.add(tape.adopt(engine.of(new long[] {seed}, 1))));
      return updated(
          tape, tape.one(PATHO_BENCH_SURVIVAL_LOSS, inputs, parameters.trainable()), rate);
    }
  }

  private double updated(Tape tape, Value loss, double rate) {
    double value = loss.data().toFloat();
    tape.backward(loss, optimiser);
    optimiser.update(rate);
    return value;
  }

  /// The risk of a slide whose classes are intervals of time: less the sum of the shares that come
  /// through each of them (Chen et al. 2022). Larger means sooner.
  ///
  /// @param tiles `[n][c]`, n at least 1
  public double risk(float[][] tiles) {
    double passed = 1;
    double sum = 0;
    for (float logit : logits(tiles)) {
      passed *= 1 - 1 / (1 + Math.exp(-logit));
      sum += passed;
    }
    return -sum;
  }

  /// Shares of the classes of a slide, which sum to 1.
  ///
  /// @param tiles `[n][c]`, n at least 1
  public double[] shares(float[][] tiles) {
    float[] logits = logits(tiles);
    double[] wide = new double[classes];
    if (logits.length == 1) {
      wide[1] = logits[0];
    } else {
      for (int k = 0; k < classes; k++) {
        wide[k] = logits[k];
      }
    }
    return LabelScores.softmax(wide);
  }

  float[] logits(float[][] tiles) {
    List<Tensor> weights = parameters.trainable().stream().map(Parameter::data).toList();
    try (Tensor bag = tensor(List.<float[][]>of(tiles), tiles.length);
        Tensor logits =
            switch (built) {
              case EVA -> engine.kernels().one("mil_eva_logits", bag, weights);
              case PATHO_BENCH ->
                  engine.kernels().one("mil_trident_logits", bag, List.<Tensor>of(), weights);
            }) {
      return logits.toFloats();
    }
  }

  /// The weights as they are, to come back to.
  public Map<String, float[]> kept() {
    Map<String, float[]> kept = new LinkedHashMap<>();
    parameters.all().forEach(each -> kept.put(each.name(), each.data().toFloats()));
    return kept;
  }

  /// Back to earlier weights; moments stay.
  public void restore(Map<String, float[]> kept) {
    for (Parameter parameter : parameters.all()) {
      float[] values = Objects.requireNonNull(kept.get(parameter.name()));
      try (Tensor before = engine.of(values, parameter.data().shape())) {
        parameters.assign(parameter.name(), before);
      }
    }
  }

  private Tensor tensor(List<float[][]> slides, int tiles) {
    int width = slides.getFirst()[0].length;
    float[] flat = new float[Math.multiplyExact(tiles, width)];
    int at = 0;
    for (float[][] slide : slides) {
      for (float[] tile : slide) {
        System.arraycopy(tile, 0, flat, at, width);
        at += width;
      }
    }
    return engine.of(flat, tiles, width);
  }

  @Override
  public void close() {
    optimiser.close();
    parameters.close();
  }
}
