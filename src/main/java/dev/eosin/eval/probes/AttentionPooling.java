package dev.eosin.eval.probes;

import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// ABMIL: classifies a slide by a weighted mean of its tiles, whose weights are learnt by gated
/// attention (Ilse et al. 2018), a slide an update.
public final class AttentionPooling implements AutoCloseable {
  private static final Kernel LOSS = new Kernel("mil");

  private final Engine engine;
  private final ParameterSet parameters;
  private final AdamW optimiser;
  private final Settings settings;

  /// How it is built and learns.
  ///
  /// @param hidden features of a tile behind the first layer
  /// @param attention features by which tiles are weighted
  /// @param lr learning rate, the same all along
  /// @param weightDecay decoupled, of matrices
  public record Settings(int hidden, int attention, double lr, double weightDecay) {}

  /// What it says of a slide.
  ///
  /// @param logits of the classes `[k]`
  /// @param attention of the tiles, shares of 1 `[n]`
  /// @param embedding of the slide `[hidden]`
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Reading(float[] logits, float[] attention, float[] embedding) {}

  /// @param features of a tile
  /// @param classes number of classes
  public AttentionPooling(
      Engine engine, RandomKey key, int features, int classes, Settings settings) {
    this.engine = engine;
    this.settings = settings;
    int hidden = settings.hidden();
    int attention = settings.attention();
    List<Weight> weights =
        List.of(
            matrix("embed.weight", hidden, features),
            Weight.zeros("embed.bias", hidden),
            matrix("attention_V.weight", attention, hidden),
            Weight.zeros("attention_V.bias", attention),
            matrix("attention_U.weight", attention, hidden),
            Weight.zeros("attention_U.bias", attention),
            matrix("attention_w.weight", 1, attention),
            Weight.zeros("attention_w.bias", 1),
            matrix("classifier.weight", classes, hidden),
            Weight.zeros("classifier.bias", classes));
    this.parameters =
        ParameterSet.allocate(
            engine, weights.stream().map(weight -> weight.spec(true)).toList(), DType.FLOAT32);
    new Initialiser(key).fill(parameters, weights);
    this.optimiser =
        new AdamW(
            parameters,
            new AdamWSettings(
                settings.lr(),
                List.of(0.9, 0.999),
                1e-8,
                settings.weightDecay(),
                Optional.empty()));
  }

  private static Weight matrix(String name, int to, int from) {
    return Weight.normal(name, Math.pow(from, -0.5), to, from);
  }

  /// The weights, by their names in the publication's code as far as those go.
  ParameterSet parameters() {
    return parameters;
  }

  /// One update.
  ///
  /// @param tiles `[n][c]`, n at least 1
  /// @return the loss before it
  public double learn(float[][] tiles, int label) {
    try (Tensor bag = tensor(tiles)) {
      return update(bag, label);
    }
  }

  private double update(Tensor tiles, int label) {
    try (Tape tape = new Tape(engine)) {
      Value loss = loss(tape, tape.constant(tiles), label);
      double value = loss.data().toFloat();
      tape.backward(loss, optimiser);
      optimiser.update(settings.lr());
      return value;
    }
  }

  Value loss(Tape tape, Value tiles, int label) {
    Value truth = tape.adopt(engine.of(new long[] {label}, 1));
    return tape.one(LOSS, List.of(tiles, truth), parameters.trainable());
  }

  /// Learns slides, one an update, in an order of its own each time.
  ///
  /// @param slides tiles of each `[n][c]`
  /// @param labels of the slides
  /// @param epoch which pass this is
  /// @return the mean loss
  public double epoch(List<float[][]> slides, int[] labels, RandomKey key, int epoch) {
    RandomStream random = key.stream(Purpose.PROBE_ORDER, epoch, 1);
    int[] order = new int[slides.size()];
    for (int i = 0; i < order.length; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    double sum = 0;
    for (int slide : order) {
      sum += learn(slides.get(slide), labels[slide]);
    }
    return sum / order.length;
  }

  /// Reads a slide.
  ///
  /// @param tiles `[n][c]`, n at least 1
  public Reading read(float[][] tiles) {
    List<Tensor> weights = parameters.trainable().stream().map(p -> p.data()).toList();
    try (Tensor bag = tensor(tiles)) {
      List<Tensor> parts = engine.kernels().list("mil_parts", bag, weights);
      var reading =
          new Reading(parts.get(0).toFloats(), parts.get(1).toFloats(), parts.get(2).toFloats());
      parts.forEach(Tensor::close);
      return reading;
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

  private Tensor tensor(float[][] tiles) {
    int width = tiles[0].length;
    float[] flat = new float[tiles.length * width];
    for (int row = 0; row < tiles.length; row++) {
      System.arraycopy(tiles[row], 0, flat, row * width, width);
    }
    return engine.of(flat, tiles.length, width);
  }

  @Override
  public void close() {
    optimiser.close();
    parameters.close();
  }
}
