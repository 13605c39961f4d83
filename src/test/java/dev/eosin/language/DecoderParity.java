package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.language.generation.GenerationCase;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A decoder against transformers: states of every layer, logits, loss, and the gradient of every
/// weight, with padding on either side.
@Tag("parity")
abstract class DecoderParity {
  private static final double TOLERANCE = 2e-4;
  private final ParityCase parity;

  DecoderParity(String name) {
    parity = ParityCase.open(name);
  }

  /// Ways to compute the same.
  enum Way {
    AUTOGRAD(RecordedDecoder.ENGINE, BlockExecution.PLAIN),
    OWN_BACKWARD(RecordedDecoder.ENGINE, new BlockExecution(false, true, 0)),
    ONE_DNN(RecordedDecoder.ONE_DNN, new BlockExecution(false, true, 0)),
    RECOMPUTED(RecordedDecoder.ENGINE, new BlockExecution(false, true, 1));

    final Engine engine;
    final BlockExecution execution;

    Way(Engine engine, BlockExecution execution) {
      this.engine = engine;
      this.execution = execution;
    }
  }

  @ParameterizedTest
  @EnumSource
  void statesAndLogitsAreTheRecordedOnes(Way way) throws IOException {
    try (RecordedDecoder recorded = RecordedDecoder.open(parity, way.engine, Adapters.NONE, true);
        Tape tape = new Tape(way.engine);
        Tensor ids = recorded.idTensor("right")) {
      Pass pass = recorded.pass(tape, way.execution);
      Decoder decoder = recorded.decoder();
      Value tokens = decoder.embed(pass, ids);
      if (recorded.expected().names().contains("right.layer_input")) {
        Columns columns = recorded.columns("right");
        Value entering = entering(decoder, pass, tokens, columns);
        assertAttended(recorded, "right", entering.data(), "right.layer_input");
      }
      List<Value> states = decoder.states(pass, tokens, recorded.columns("right"));
      for (int i = 0; i < states.size(); i++) {
        Value state = states.get(i);
        assertAttended(recorded, "right", state.data(), "right.layer." + i);
      }
      assertLogits(recorded, pass, states.getLast(), "right", "right.logits");
    }
  }

  /// Of each row alone: the recorded state behind every block but the last, whose state through the
  /// last norm gives the recorded logits.
  @Test
  void theLastTokensStatesAreTheRecordedOnes() throws IOException {
    try (RecordedDecoder recorded =
        RecordedDecoder.open(parity, RecordedDecoder.ENGINE, Adapters.NONE, false)) {
      int n = recorded.width("right");
      long[] mask = recorded.inputs().longs(RecordedDecoder.key("right", "attention_mask"));
      for (int row = 0; row < recorded.rows("right"); row++) {
        int length = (int) Arrays.stream(mask, row * n, (row + 1) * n).sum();
        long[] ids = Arrays.copyOfRange(recorded.ids("right"), row * n, row * n + length);
        Pass pass = recorded.forward();
        Decoder decoder = recorded.decoder();
        try (Tensor own = pass.engine().of(ids, 1, length)) {
          float[][] states = decoder.lastStates(pass, decoder.embed(pass, own));
          int place = row * n + length - 1;
          assertThat(states).hasNumberOfRows(decoder.spec().layers());
          for (int layer = 0; layer < states.length - 1; layer++) {
            assertRow(recorded, "right.layer." + layer, place, states[layer]);
          }
          float[] last = states[states.length - 1];
          try (Tensor rows = pass.engine().of(last, 1, last.length)) {
            Value logits = decoder.logits(pass, pass.graph().constant(rows));
            assertRow(recorded, "right.logits", place, logits.data().toFloats());
          }
        }
        pass.graph().close();
      }
    }
  }

  private static void assertRow(RecordedDecoder recorded, String name, int place, float[] found)
      throws IOException {
    float[] all = recorded.expected().floats(name);
    float[] row = Arrays.copyOfRange(all, place * found.length, (place + 1) * found.length);
    assertThat(found).as(name).containsExactly(row, within((float) TOLERANCE));
  }

  /// What the first block takes.
  private static Value entering(Decoder decoder, Pass pass, Value tokens, Columns columns) {
    return switch (decoder) {
      case Llama _ -> tokens;
      case Opt opt -> opt.positioned(pass, tokens, columns);
    };
  }

  @Test
  void paddingOnTheLeftChangesNothing() throws IOException {
    for (String expected : List.of("left.logits", "left.logits_with_positions")) {
      try (RecordedDecoder recorded =
              RecordedDecoder.open(parity, RecordedDecoder.ENGINE, Adapters.NONE, false);
          Tensor ids = recorded.idTensor("left")) {
        Pass pass = recorded.forward();
        Decoder decoder = recorded.decoder();
        Value states = decoder.through(pass, decoder.embed(pass, ids), recorded.columns("left"));
        assertLogits(recorded, pass, states, "left", expected);
        pass.graph().close();
      }
    }
  }

  private void assertLogits(
      RecordedDecoder recorded, Pass pass, Value states, String side, String expected)
      throws IOException {
    Decoder decoder = recorded.decoder();
    long[] all = new long[recorded.rows(side) * recorded.width(side)];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    try (Tensor places = pass.engine().of(all, all.length)) {
      Value rows = decoder.normed(pass, decoder.rows(pass, states, places));
      assertAttended(recorded, side, decoder.logits(pass, rows).data(), expected);
    }
  }

  private static void assertAttended(
      RecordedDecoder recorded, String side, Tensor found, String name) throws IOException {
    float[] theirs = recorded.expected().floats(name);
    float[] ours = found.toFloats();
    long[] mask = recorded.inputs().longs(RecordedDecoder.key(side, "attention_mask"));
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    int width = ours.length / mask.length;
    for (int i = 0; i < ours.length; i++) {
      if (mask[i / width] == 1) {
        assertThat(ours[i]).as("%s at %d", name, i).isCloseTo(theirs[i], within((float) TOLERANCE));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void lossAndEveryGradientAreTheRecordedOnes(Way way) throws IOException {
    try (RecordedDecoder recorded = RecordedDecoder.open(parity, way.engine, Adapters.NONE, true);
        Tape tape = new Tape(way.engine)) {
      Map<String, float[]> gradients = new HashMap<>();
      double loss = differentiate(recorded, tape, way.execution, gradients);
      assertThat(loss).isCloseTo(recorded.expected().floats("right.loss")[0], within(TOLERANCE));
      Layout layout = LanguageNames.of(recorded.decoder());
      assertThat(gradients).hasSize(layout.rules().size());
      for (TensorRule rule : layout.rules()) {
        assertGradient(
            recorded.expected().floats("grad." + rule.foreignNames().getFirst()),
            Objects.requireNonNull(gradients.get(rule.name())),
            rule.name());
      }
    }
  }

  private static double differentiate(
      RecordedDecoder recorded, Tape tape, BlockExecution execution, Map<String, float[]> gradients)
      throws IOException {
    Pass pass = recorded.pass(tape, execution);
    Decoder decoder = recorded.decoder();
    RecordedDecoder.Asked asked = recorded.asked("right");
    int s = asked.places().length;
    try (Tensor ids = recorded.idTensor("right");
        Tensor places = pass.engine().of(asked.places(), s);
        Tensor targets = pass.engine().of(asked.targets(), s)) {
      Value states = decoder.through(pass, decoder.embed(pass, ids), recorded.columns("right"));
      Value rows = decoder.normed(pass, decoder.rows(pass, states, places));
      Value loss = decoder.loss(pass, rows, targets, s);
      double value = loss.data().toFloat();
      tape.backward(
          loss,
          (parameters, tensors) -> {
            for (int i = 0; i < tensors.size(); i++) {
              gradients.put(parameters.get(i).name(), tensors.get(i).toFloats());
              tensors.get(i).close();
            }
          });
      return value;
    }
  }

  /// Prompts of a few columns, then one token at a time; rows that change places keep what they
  /// have.
  @Test
  void tokenByTokenGivesTheSameLogits() throws IOException {
    try (RecordedDecoder recorded =
        RecordedDecoder.open(parity, RecordedDecoder.ENGINE, Adapters.NONE, false)) {
      Pass pass = recorded.forward();
      int n = recorded.width("left");
      int rows = recorded.rows("left");
      long[] ids = recorded.ids("left");
      Columns columns = recorded.columns("left");
      int first = (int) LongStream.of(columns.starts()).max().orElseThrow() + 1;
      float[] theirs = recorded.expected().floats("left.logits_with_positions");
      int[] order = IntStream.range(0, rows).toArray();
      try (RowMemory memory = recorded.decoder().remember(pass, rows, n)) {
        Columns prompts = new Columns(first, columns.starts());
        try (Tensor prompt = prompt(pass, ids, rows, n, first)) {
          Value tokens = recorded.decoder().embed(pass, prompt);
          assertNext(memory.begin(tokens.data(), prompts), theirs, order, n, first - 1);
        }
        for (int at = first; at < n; at++) {
          int[] turned = at % 2 == 0 ? turned(rows) : IntStream.range(0, rows).toArray();
          memory.choose(turned);
          int[] before = order.clone();
          order = IntStream.of(turned).map(row -> before[row]).toArray();
          int column = at;
          long[] next = IntStream.of(order).mapToLong(row -> ids[row * n + column]).toArray();
          assertNext(memory.next(next), theirs, order, n, at);
        }
      }
      pass.graph().close();
    }
  }

  /// Every recorded run: greedy and beams, penalties, minimum lengths, several ends; prompts as ids
  /// or as tokens of the table.
  @Test
  void generatedIdsAreTheRecordedOnes() throws IOException {
    GenerationCase generation = GenerationCase.open(parity);
    List<int[]> prompts =
        generation.content().stream()
            .map(ids -> ids.stream().mapToInt(Integer::intValue).toArray())
            .toList();
    try (RecordedDecoder recorded =
        RecordedDecoder.open(parity, RecordedDecoder.ENGINE, Adapters.NONE, false)) {
      for (GenerationCase.Run run : generation.runs()) {
        Pass pass = recorded.forward();
        int most = run.options().maxNewTokens().orElseThrow();
        generation.check(
            run,
            DecoderSequences.of(recorded.decoder(), pass, prompts, generation.padding(), most));
        pass.graph().close();
      }
    }
  }

  private static int[] turned(int rows) {
    return IntStream.range(0, rows).map(row -> (row + 1) % rows).toArray();
  }

  private static Tensor prompt(Pass pass, long[] ids, int rows, int n, int first) {
    long[] cut = new long[rows * first];
    for (int i = 0; i < cut.length; i++) {
      cut[i] = ids[i / first * n + i % first];
    }
    return pass.engine().of(cut, rows, first);
  }

  private static void assertNext(Tensor logits, float[] theirs, int[] order, int n, int column) {
    try (logits) {
      float[] ours = logits.toFloats();
      int v = ours.length / order.length;
      for (int row = 0; row < order.length; row++) {
        for (int i = 0; i < v; i++) {
          assertThat(ours[row * v + i])
              .as("row %d, column %d, id %d", order[row], column, i)
              .isCloseTo(theirs[(order[row] * n + column) * v + i], within((float) TOLERANCE));
        }
      }
    }
  }

  static void assertGradient(float[] theirs, float[] ours, String name) {
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    double largest = 1;
    for (float each : theirs) {
      largest = Math.max(largest, Math.abs(each));
    }
    for (int i = 0; i < ours.length; i++) {
      assertThat((double) ours[i])
          .as("%s at %d", name, i)
          .isCloseTo(theirs[i], within(TOLERANCE * largest));
    }
  }
}
