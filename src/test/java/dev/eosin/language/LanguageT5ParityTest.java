package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.language.generation.GenerationCase;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// T5 against transformers: what the encoder gives, logits, loss and the gradient of every weight,
/// with padding on either side, and what it generates.
@Tag("parity")
public class LanguageT5ParityTest {
  private static final double TOLERANCE = 2e-4;
  private static final ParityCase CASE = ParityCase.open("language-t5");

  /// What of the MLP was recorded.
  public enum Form {
    TANH,
    EXACT;

    public RecordedT5 open(Engine engine, boolean trained) throws IOException {
      return switch (this) {
        case TANH -> RecordedT5.open(CASE, engine, trained);
        case EXACT ->
            RecordedT5.open(
                ParityCase.own("language-t5-gelu"), ParityCase.own("language-t5"), engine, trained);
      };
    }
  }

  /// Ways to compute the same.
  enum Way {
    AUTOGRAD(RecordedDecoder.ENGINE, BlockExecution.PLAIN),
    ONE_DNN(RecordedDecoder.ONE_DNN, BlockExecution.PLAIN),
    RECOMPUTED(RecordedDecoder.ENGINE, new BlockExecution(false, true, 1));

    final Engine engine;
    final BlockExecution execution;

    Way(Engine engine, BlockExecution execution) {
      this.engine = engine;
      this.execution = execution;
    }
  }

  /// Where rows are filled up.
  enum Side {
    LEFT,
    RIGHT;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Stream<Arguments> forms() {
    return Stream.of(Form.values())
        .flatMap(form -> Stream.of(Side.values()).map(side -> Arguments.of(form, side)));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void statesAndLogitsAreTheRecordedOnes(Form form, Side side) throws IOException {
    // Nothing is trained: attention is libtorch's own, where training the biases needs the plain
    // one.
    try (RecordedT5 recorded = form.open(RecordedDecoder.ENGINE, false);
        Tensor ids = recorded.ids(side.text());
        Tensor answers = recorded.shifted()) {
      Pass pass = recorded.forward();
      T5 model = recorded.model();
      assertThat(recorded.expected().longs("decoder_input_ids"))
          .isEqualTo(
              model.shifted(
                  recorded.inputs().longs("labels"),
                  recorded.columns("labels"),
                  recorded.filler()));
      TokenMask mask = recorded.mask(side.text());
      Value read = model.encoder().through(pass, model.embed(pass, ids), mask);
      if (side == Side.RIGHT) {
        assertPresent(recorded, read.data(), "right.attention_mask", "encoder_last_hidden_state");
      }
      Value states = model.decoder().through(pass, model.embed(pass, answers), read, mask);
      Value logits = model.decoder().logits(pass, model.decoder().normed(pass, states));
      assertPresent(recorded, logits.data(), "decoder_attention_mask", side.text() + ".logits");
      pass.graph().close();
    }
  }

  private static void assertPresent(RecordedT5 recorded, Tensor found, String maskName, String name)
      throws IOException {
    float[] theirs = recorded.expected().floats(name);
    float[] ours = found.toFloats();
    long[] mask = recorded.inputs().longs(maskName);
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    int width = ours.length / mask.length;
    for (int i = 0; i < ours.length; i++) {
      if (mask[i / width] == 1) {
        assertThat(ours[i]).as("%s at %d", name, i).isCloseTo(theirs[i], within((float) TOLERANCE));
      }
    }
  }

  static Stream<Arguments> ways() {
    return Stream.of(Form.values())
        .flatMap(form -> Stream.of(Way.values()).map(way -> Arguments.of(form, way)));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void lossAndEveryGradientAreTheRecordedOnes(Form form, Way way) throws IOException {
    for (Side side : Side.values()) {
      try (RecordedT5 recorded = form.open(way.engine, true)) {
        Map<String, float[]> gradients = new HashMap<>();
        double loss = differentiate(recorded, way, side, gradients);
        assertThat(loss)
            .isCloseTo(recorded.expected().floats(side.text() + ".loss")[0], within(TOLERANCE));
        List<TensorRule> rules = LanguageNames.of(recorded.model(), "").rules();
        assertThat(gradients).hasSize(rules.size());
        for (TensorRule rule : rules) {
          DecoderParity.assertGradient(
              recorded.expected().floats("grad." + rule.foreignNames().getFirst()),
              Objects.requireNonNull(gradients.get(rule.name())),
              rule.name());
        }
      }
    }
  }

  private static double differentiate(
      RecordedT5 recorded, Way way, Side side, Map<String, float[]> gradients) throws IOException {
    T5 model = recorded.model();
    T5Decoder decoder = model.decoder();
    long[] labels = recorded.inputs().longs("labels");
    long[] asked = LongStream.range(0, labels.length).filter(i -> labels[(int) i] >= 0).toArray();
    long[] wanted = Arrays.stream(labels).filter(label -> label >= 0).toArray();
    try (Tape tape = new Tape(way.engine);
        Tensor ids = recorded.ids(side.text());
        Tensor answers = recorded.shifted();
        Tensor places = way.engine.of(asked, asked.length);
        Tensor targets = way.engine.of(wanted, wanted.length)) {
      Pass pass = recorded.pass(tape, way.execution);
      TokenMask mask = recorded.mask(side.text());
      Value read = model.encoder().through(pass, model.embed(pass, ids), mask);
      Value states = decoder.through(pass, model.embed(pass, answers), read, mask);
      Value rows = decoder.normed(pass, decoder.rows(pass, states, places));
      Value loss = decoder.loss(pass, rows, targets, wanted.length);
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

  @Test
  void frozenWeightsPassTheGradientOnToWhatTheEncoderReads() throws IOException {
    float[] learned = gradientOfInputs(true);
    float[] frozen = gradientOfInputs(false);
    DecoderParity.assertGradient(learned, frozen, "what the encoder reads");
    assertThat(IntStream.range(0, frozen.length).anyMatch(i -> Math.abs(frozen[i]) > 1e-5))
        .isTrue();
  }

  private static float[] gradientOfInputs(boolean trained) throws IOException {
    Engine engine = RecordedDecoder.ENGINE;
    try (RecordedT5 recorded = RecordedT5.open(CASE, engine, trained);
        Tape tape = new Tape(engine);
        Tensor ids = recorded.ids("right");
        Tensor answers = recorded.shifted()) {
      T5 model = recorded.model();
      Pass pass = recorded.pass(tape, BlockExecution.PLAIN);
      TokenMask mask = recorded.mask("right");
      Pass outside = recorded.pass(new Forward(engine), BlockExecution.PLAIN);
      Value tokens = tape.leaf(model.embed(outside, ids).data());
      outside.graph().close();
      Value read = model.encoder().through(pass, tokens, mask);
      Value states = model.decoder().through(pass, model.embed(pass, answers), read, mask);
      Value rows = model.decoder().normed(pass, states);
      tape.backward(
          List.of(rows),
          List.of(engine.kernels().one("filled_like", rows.data(), 1.0)),
          (_, tensors) -> tensors.forEach(Tensor::close));
      try (Tensor gradient = tape.takeGradient(tokens)) {
        return gradient.toFloats();
      }
    }
  }

  @Test
  void greedyIdsAreTheRecordedOnes() throws IOException {
    RecordedGreedy greedy = RecordedGreedy.open(CASE);
    int rows = greedy.rows();
    int width = greedy.width();
    TokenMask mask = new TokenMask(rows, width, greedy.prompts("attention_mask"));
    try (RecordedT5 recorded = RecordedT5.open(CASE, RecordedDecoder.ENGINE, false);
        Tensor ids = RecordedDecoder.ENGINE.of(greedy.prompts("input_ids"), rows, width)) {
      T5 model = recorded.model();
      for (RecordedGreedy.Run run : greedy.runs()) {
        Pass pass = recorded.forward();
        Value read = model.encoder().through(pass, model.embed(pass, ids), mask);
        try (RowMemory memory = model.decoder().remember(pass, read.data(), mask, 1 + run.most());
            Tensor starts = model.decoder().starts(pass, rows)) {
          RecordedGreedy.assertSame(run, memory, memory.begin(starts, Columns.whole(1)));
        }
        pass.graph().close();
      }
    }
  }

  /// Every recorded run: greedy and beams, penalties, minimum lengths, several ends.
  @Test
  void generatedIdsAreTheRecordedOnes() throws IOException {
    GenerationCase generation = GenerationCase.open(CASE);
    List<int[]> prompts =
        generation.content().stream()
            .map(ids -> ids.stream().mapToInt(Integer::intValue).toArray())
            .toList();
    try (RecordedT5 recorded = RecordedT5.open(CASE, RecordedDecoder.ENGINE, false)) {
      for (GenerationCase.Run run : generation.runs()) {
        Pass pass = recorded.forward();
        int most = run.options().maxNewTokens().orElseThrow();
        T5Decoder decoder = recorded.model().decoder();
        generation.check(
            run, DecoderSequences.of(decoder, pass, prompts, generation.padding(), most));
        pass.graph().close();
      }
    }
  }

  /// Rows that are turned and doubled keep what they have read and written.
  @Test
  void chosenRowsGoOnAsBefore() throws IOException {
    try (RecordedT5 recorded = RecordedT5.open(CASE, RecordedDecoder.ENGINE, false);
        Tensor ids = recorded.ids("left")) {
      T5 model = recorded.model();
      int rows = recorded.rows();
      TokenMask mask = recorded.mask("left");
      long[] labels = recorded.inputs().longs("labels");
      int width = recorded.columns("labels");
      int[] order = IntStream.range(0, 2 * rows).map(row -> (rows - 1 - row % rows)).toArray();
      Pass pass = recorded.forward();
      Value read = model.encoder().through(pass, model.embed(pass, ids), mask);
      float[] logits = recorded.expected().floats("left.logits");
      try (RowMemory memory = model.decoder().remember(pass, read.data(), mask, 3);
          Tensor starts = model.decoder().starts(pass, rows)) {
        memory.begin(starts, Columns.whole(1)).close();
        long[] first = IntStream.range(0, rows).mapToLong(row -> labels[row * width]).toArray();
        memory.next(first).close();
        memory.choose(order);
        long[] second = IntStream.of(order).mapToLong(row -> labels[row * width + 1]).toArray();
        try (Tensor next = memory.next(second)) {
          float[] ours = next.toFloats();
          int v = model.spec().vocabulary();
          for (int i = 0; i < ours.length; i++) {
            float theirs = logits[(order[i / v] * width + 2) * v + i % v];
            assertThat(ours[i]).as("at %d", i).isCloseTo(theirs, within((float) TOLERANCE));
          }
        }
      }
      pass.graph().close();
    }
  }

  @Test
  void anAnswerThatBeginsLaterIsRefused() throws IOException {
    try (RecordedT5 recorded = RecordedT5.open(CASE, RecordedDecoder.ENGINE, false);
        Tensor ids = recorded.ids("right")) {
      T5 model = recorded.model();
      TokenMask mask = recorded.mask("right");
      Pass pass = recorded.forward();
      Value read = model.encoder().through(pass, model.embed(pass, ids), mask);
      try (RowMemory memory = model.decoder().remember(pass, read.data(), mask, 2);
          Tensor starts = model.decoder().starts(pass, recorded.rows())) {
        assertThatThrownBy(() -> memory.begin(starts, new Columns(2, 1)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("all begin in the first column");
      }
      pass.graph().close();
    }
  }
}
