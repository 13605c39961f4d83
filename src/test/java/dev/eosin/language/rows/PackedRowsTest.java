package dev.eosin.language.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.data.batches.Tokens;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import dev.eosin.language.DrawnWeights;
import dev.eosin.language.Llama;
import dev.eosin.language.Opt;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.text.EncodedCaption.Fit;
import dev.eosin.train.StepLosses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows that are packed give the loss and the gradients that they give when they are filled up.
class PackedRowsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final int VOCABULARY = 40;
  private static final int WIDTH = 20;
  private static final int[] LENGTHS = {20, 3, 11, 1, 7};
  private static final float TOLERANCE = 1e-5f;

  private static Llama llama(OptionalInt window) {
    var rotary = new Rotary(10_000, new Rotary.Scaling.None());
    return Llama.of(
        "decoder",
        new LlamaSpec(VOCABULARY, 16, 2, 4, 2, 4, 24, true, true, window, 1e-5, rotary, 64));
  }

  private static Opt opt() {
    return Opt.of("decoder", new OptSpec(VOCABULARY, 16, 2, 4, 24, 64));
  }

  private static Decoder adapted(Decoder plain) {
    Map<String, Adapters.Pair> pairs = new LinkedHashMap<>();
    plain.linears().forEach(name -> pairs.put(name, new Adapters.Pair(3, 0.5, false)));
    return plain.with(new Adapters(pairs, 0.3));
  }

  static Stream<Decoder> decoders() {
    return Stream.of(
        llama(OptionalInt.empty()),
        adapted(llama(OptionalInt.empty())),
        llama(OptionalInt.of(5)),
        opt(),
        adapted(opt()));
  }

  /// How blocks are differentiated.
  enum Backward {
    OWN(true, 0),
    OWN_COMPUTED_AGAIN(true, 1),
    AUTOGRAD(false, 0);

    private final BlockExecution execution;

    Backward(boolean own, int every) {
      execution = new BlockExecution(false, own, every);
    }
  }

  private static Batch batch() {
    Random random = new Random(5);
    int[] ids = new int[LENGTHS.length * WIDTH];
    boolean[] supervised = new boolean[ids.length];
    List<Batch.Row> rows = new ArrayList<>();
    for (int row = 0; row < LENGTHS.length; row++) {
      for (int i = 0; i < LENGTHS[row]; i++) {
        ids[row * WIDTH + i] = random.nextInt(VOCABULARY);
        supervised[row * WIDTH + i] = random.nextBoolean();
      }
      rows.add(
          new Batch.Row(90 + row, "row " + row, "", Fit.WHOLE, Optional.empty(), List.of(), row));
    }
    Tokens tokens = new Tokens(ids, WIDTH, LENGTHS, supervised);
    var images = new BatchImages(new byte[0], 1, 1, new int[0]);
    return new Batch(90, rows, images, Map.of(LanguageLearner.TEXT, tokens), List.of(), 0);
  }

  private static ParameterSet parameters(Decoder decoder) {
    boolean whole = decoder.adapters().isEmpty();
    List<ParameterSet.Spec> specs = new ArrayList<>();
    decoder.weights().forEach(weight -> specs.add(weight.spec(whole)));
    decoder.adapterWeights().forEach(weight -> specs.add(weight.spec(true)));
    ParameterSet set = ParameterSet.allocate(ENGINE, specs, DType.FLOAT32);
    List<Weight> weights = new ArrayList<>(decoder.weights());
    weights.addAll(decoder.adapterWeights());
    DrawnWeights.fill(ENGINE, set, weights);
    return set;
  }

  private record Step(double loss, Map<String, float[]> gradients) {}

  private static Step step(
      Decoder decoder, ParameterSet parameters, BlockExecution execution, RowPlan plan) {
    var learner =
        new LanguageLearner(decoder, parameters, DType.FLOAT32, execution, new RandomKey(2), plan);
    Map<String, float[]> sums = new HashMap<>();
    GradientSink adding =
        (of, gradients) -> {
          for (int i = 0; i < of.size(); i++) {
            float[] more = gradients.get(i).toFloats();
            gradients.get(i).close();
            sums.merge(of.get(i).name(), more, PackedRowsTest::plus);
          }
        };
    Batch batch = batch();
    var losses = new StepLosses();
    learner.differentiate(batch, learner.weight(batch), 1, losses, adding);
    return new Step(losses.sum().total(), sums);
  }

  private static float[] plus(float[] sum, float... more) {
    float[] both = sum.clone();
    for (int i = 0; i < both.length; i++) {
      both[i] += more[i];
    }
    return both;
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void packedRowsGiveTheLossAndTheGradientsOfPaddedOnes(Decoder decoder) {
    try (ParameterSet parameters = parameters(decoder)) {
      for (Backward backward : Backward.values()) {
        Step padded = step(decoder, parameters, backward.execution, RowPlan.padded(5));
        assertThat(padded.loss()).isGreaterThan(1);
        for (int most : new int[] {100, 21, 1}) {
          Step packed = step(decoder, parameters, backward.execution, new RowPlan(true, most));
          assertSame(packed, padded);
        }
      }
    }
  }

  private static void assertSame(Step packed, Step padded) {
    assertThat(packed.loss()).isCloseTo(padded.loss(), within((double) TOLERANCE));
    assertThat(packed.gradients()).containsOnlyKeys(padded.gradients().keySet());
    padded
        .gradients()
        .forEach(
            (name, theirs) -> {
              float[] ours = Objects.requireNonNull(packed.gradients().get(name));
              assertThat(ours).as(name).containsExactly(theirs, within(TOLERANCE));
            });
  }

  /// No ids are lost or split, whatever goes through at once.
  @ParameterizedTest
  @EnumSource(Backward.class)
  void aTokenSeesItsOwnRowAlone(Backward backward) {
    Decoder decoder = llama(OptionalInt.empty());
    Tokens whole = batch().tokens(LanguageLearner.TEXT);
    int[] others = whole.ids().clone();
    for (int i = WIDTH; i < others.length; i++) {
      others[i] = (others[i] + 1) % VOCABULARY;
    }
    Tokens changed = new Tokens(others, WIDTH, LENGTHS, whole.supervised());
    assertThat(TokenRows.packed(whole, 0, 5).segments()).containsExactly(20, 3, 11, 1, 7);
    try (ParameterSet parameters = parameters(decoder)) {
      float[] first = firstRow(decoder, parameters, backward, whole);
      assertThat(firstRow(decoder, parameters, backward, changed)).containsExactly(first);
    }
  }

  private static float[] firstRow(
      Decoder decoder, ParameterSet parameters, Backward backward, Tokens tokens) {
    TokenRows rows = TokenRows.packed(tokens, 0, LENGTHS.length);
    try (var graph = new Forward(ENGINE);
        Tensor ids = rows.ids(ENGINE)) {
      var pass = new Pass(graph, parameters, backward.execution);
      var states = decoder.through(pass, decoder.embed(pass, ids), rows.columns());
      float[] all = states.data().toFloats();
      pass.release(states);
      return Arrays.copyOf(all, LENGTHS[0] * decoder.spec().width());
    }
  }

  @Test
  void aPlanCutsBetweenRows() {
    Tokens tokens = batch().tokens(LanguageLearner.TEXT);
    assertThat(ends(RowPlan.padded(2), tokens)).containsExactly(2, 4, 5);
    assertThat(ends(new RowPlan(true, 24), tokens)).containsExactly(2, 5);
    assertThat(ends(new RowPlan(true, 5), tokens)).containsExactly(1, 2, 3, 4, 5);
  }

  private static List<Integer> ends(RowPlan plan, Tokens tokens) {
    List<Integer> ends = new ArrayList<>();
    for (int at = 0; at < LENGTHS.length; at = ends.getLast()) {
      ends.add(plan.end(tokens, at, LENGTHS.length));
    }
    return ends;
  }
}
