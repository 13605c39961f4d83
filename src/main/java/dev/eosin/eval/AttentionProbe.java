package dev.eosin.eval;

import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.util.List;
import java.util.Optional;

/// Learns classes from the tokens of a tower that stays as it is: a few queries, each of which
/// takes a weighted mean of all tokens, and two small layers. Like what reads a tower later (a
/// Q-Former, a projector), and unlike a flattened vector, it knows of a token's place only what the
/// token says.
public final class AttentionProbe implements AutoCloseable {
  /// Of a row that has no class.
  public static final int NONE = -100;

  private static final Kernel LOSS = new Kernel("probe");
  private static final int QUERIES = 8;
  private static final int HIDDEN = 128;
  private static final double RATE = 2e-3;
  private static final double WARMUP = 0.05;
  private static final AdamWSettings SETTINGS =
      new AdamWSettings(RATE, List.of(0.9, 0.98), 1e-8, 0.05, Optional.of(1.0));

  private final Engine engine;
  private final RandomKey key;
  private final ParameterSet parameters;

  /// Tokens of some rows, and what they show.
  ///
  /// @param tokens [b,n,c]
  /// @param classes `[b]`, [#NONE] for those that do not count
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Rows(Tensor tokens, int[] classes) {}

  /// @param width c of the tokens
  /// @param classes number of classes
  public AttentionProbe(Engine engine, RandomKey key, int width, int classes) {
    this.engine = engine;
    this.key = key;
    int pooled = QUERIES * width;
    List<Weight> weights =
        List.of(
            Weight.normal("queries", 1, QUERIES, width),
            Weight.normal("hidden.weight", Math.pow(pooled, -0.5), HIDDEN, pooled),
            Weight.zeros("hidden.bias", HIDDEN),
            Weight.normal("out.weight", Math.pow(HIDDEN, -0.5), classes, HIDDEN),
            Weight.zeros("out.bias", classes));
    this.parameters =
        ParameterSet.allocate(
            engine, weights.stream().map(weight -> weight.spec(true)).toList(), DType.FLOAT32);
    new Initialiser(key).fill(parameters, weights);
  }

  /// Learns, one update a batch, with a short warm-up and a cosine to nothing.
  ///
  /// @param passes over the batches, each in an order of its own
  public void learn(List<Rows> batches, int passes) {
    int updates = passes * batches.size();
    try (AdamW optimiser = new AdamW(parameters, SETTINGS)) {
      for (int pass = 0; pass < passes; pass++) {
        int[] order = order(batches.size(), pass);
        for (int i = 0; i < order.length; i++) {
          double share = (pass * order.length + i + 1.0) / updates;
          double rate = RATE * Math.min(1, share / WARMUP) * 0.5 * (1 + Math.cos(Math.PI * share));
          update(batches.get(order[i]), optimiser, rate);
        }
      }
    }
  }

  private void update(Rows rows, AdamW optimiser, double rate) {
    long[] classes = new long[rows.classes().length];
    boolean counts = false;
    for (int i = 0; i < classes.length; i++) {
      classes[i] = rows.classes()[i];
      counts |= classes[i] != NONE;
    }
    if (!counts) {
      return;
    }
    try (Tape tape = new Tape(engine)) {
      Value truth = tape.adopt(engine.of(classes, classes.length));
      Value loss =
          tape.one(LOSS, List.of(tape.constant(rows.tokens()), truth), parameters.trainable());
      tape.backward(loss, optimiser);
      optimiser.update(rate);
    }
  }

  private int[] order(int batches, int pass) {
    RandomStream random = key.stream(Purpose.SAMPLE_ORDER, pass, 0);
    int[] order = new int[batches];
    for (int i = 0; i < batches; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  /// The most likely class of each row.
  ///
  /// @param tokens [b,n,c]
  public int[] classes(Tensor tokens) {
    List<Tensor> weights = parameters.trainable().stream().map(p -> p.data()).toList();
    try (Tensor found = engine.kernels().one("probe_classes", tokens, weights)) {
      long[] longs = found.toLongs();
      int[] classes = new int[longs.length];
      for (int i = 0; i < classes.length; i++) {
        classes[i] = (int) longs[i];
      }
      return classes;
    }
  }

  @Override
  public void close() {
    parameters.close();
  }
}
