package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.features.ImageFeatures;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GeneratedSequence;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The second stage against transformers: what a language model is given, its logits and loss, the
/// gradients of what is trained, and what it answers.
@Tag("parity")
class AnswersParityTest {
  private static final double TOLERANCE = 2e-4;

  private record Case(
      ImageFeatures tower, ImageReader reader, Answers answers, RecordedQFormer recorded)
      implements AutoCloseable {
    static Case open(String name) throws IOException {
      ParityCase parity = ParityCase.open(name);
      QFormerModel model = QFormerFolder.open(parity.folder()).model();
      QFormer qformer = model.qformer();
      ImageReader reader = model.reader();
      ImageFeatures tower = model.tower().orElseThrow();
      Answers answers = model.answers().orElseThrow();
      List<Weight> weights =
          model.parts().stream().flatMap(part -> part.weights().stream()).toList();
      Set<String> trained = new HashSet<>();
      qformer.weights().forEach(weight -> trained.add(weight.name()));
      reader.projection().weights().forEach(weight -> trained.add(weight.name()));
      var recorded = RecordedQFormer.open(parity, model.layout(), weights, trained);
      return new Case(tower, reader, answers, recorded);
    }

    Value states(Pass pass) throws IOException {
      try (Tensor pixels = recorded.floats("pixel_values")) {
        return tower.of(pass, pixels);
      }
    }

    Optional<CaptionRows> instructions() throws IOException {
      return reader.instructed()
          ? Optional.of(
              new CaptionRows(
                  recorded.inputs().longs("qformer_input_ids"),
                  recorded.mask("qformer_attention_mask")))
          : Optional.empty();
    }

    Value images(Pass pass) throws IOException {
      return reader.tokens(pass, states(pass), instructions(), Optional.empty());
    }

    /// Ids of each row behind its image, of those that are there.
    ///
    /// @param unlabelled of these alone
    List<int[]> texts(String before, boolean unlabelled) throws IOException {
      return rows(before + "input_ids", before + "attention_mask", unlabelled, false);
    }

    List<int[]> answered() throws IOException {
      return rows("labels", "", false, true);
    }

    private List<int[]> rows(String name, String mask, boolean unlabelled, boolean labels)
        throws IOException {
      long[] ids = recorded.inputs().longs(name);
      long[] there = mask.isEmpty() ? ids : recorded.inputs().longs(mask);
      long[] asked = unlabelled ? recorded.inputs().longs("labels") : new long[0];
      int width = (int) recorded.shape(name)[1];
      int queries = labels ? 0 : reader.qformer().spec().queries();
      List<int[]> rows = new ArrayList<>();
      for (int from = 0; from < ids.length; from += width) {
        int[] row =
            IntStream.range(from, from + width)
                .filter(i -> labels ? ids[i] >= 0 : there[i] == 1)
                .filter(i -> !unlabelled || asked[i] < 0)
                .map(i -> (int) ids[i])
                .toArray();
        rows.add(Arrays.copyOfRange(row, queries, row.length));
      }
      return rows;
    }

    /// A decoder's rows hold their answers, an encoder's do not.
    List<int[]> prompts() throws IOException {
      return texts("", answers instanceof DecoderAnswers);
    }

    @Override
    public void close() {
      recorded.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"blip2-opt", "blip2-t5", "instructblip-llama"})
  void whatTheModelIsGivenAndItsLogitsAreTheRecordedOnes(String name) throws IOException {
    try (Case each = Case.open(name)) {
      RecordedQFormer recorded = each.recorded;
      Pass pass = recorded.pass(new Forward(RecordedQFormer.ENGINE));
      Value states = each.states(pass);
      Value normed = each.reader.norm().normed(pass, states);
      recorded.assertSame("vision.last_hidden_state", normed.data(), TOLERANCE);
      Value read = each.reader.states(pass, states, each.instructions(), Optional.empty());
      assertRead(each, read.data().toFloats());
      Value images = each.images(pass);
      recorded.assertSame("projected", images.data(), TOLERANCE);
      switch (each.answers) {
        case DecoderAnswers answers -> {
          int q = each.reader.qformer().spec().queries();
          SplicedRows rows =
              SplicedRows.beginningTogether(each.texts("", false), q, answers.filler());
          Value last = answers.decoder().normed(pass, answers.states(pass, images, rows));
          long[] mask = recorded.inputs().longs("attention_mask");
          recorded.assertSame(
              "logits", answers.decoder().logits(pass, last).data(), mask, TOLERANCE);
          assertLastStates(pass, images, each.texts("", false), answers, last.data());
        }
        case T5Answers answers -> {
          SplicedRows rows = answers.rows(images, each.prompts());
          Value encoded = answers.read(pass, images, rows);
          recorded.assertSame(
              "encoder_last_hidden_state",
              encoded.data(),
              recorded.inputs().longs("attention_mask"),
              TOLERANCE);
          long[] labels = recorded.inputs().longs("labels");
          int width = (int) recorded.shape("labels")[1];
          var decoder = answers.model().decoder();
          Value last = decoder.normed(pass, answers.states(pass, encoded, rows, labels, width));
          recorded.assertSame(
              "logits",
              decoder.logits(pass, last).data(),
              recorded.inputs().longs("decoder_attention_mask"),
              TOLERANCE);
        }
      }
      pass.graph().close();
    }
  }

  /// The first row alone, of which the last token is kept, behind all blocks what the batch has
  /// there.
  private static void assertLastStates(
      Pass pass, Value images, List<int[]> texts, DecoderAnswers answers, Tensor all) {
    int q = Math.toIntExact(images.data().size(1));
    int c = answers.width();
    float[] tokens = Arrays.copyOf(images.data().toFloats(), q * c);
    Value first = pass.graph().adopt(pass.engine().of(tokens, 1, q, c));
    float[][] states = answers.lastStates(pass, first, texts.getFirst()).orElseThrow();
    assertThat(states).hasNumberOfRows(answers.decoder().spec().layers());
    int end = q + texts.getFirst().length;
    float[] last = Arrays.copyOfRange(all.toFloats(), (end - 1) * c, end * c);
    assertThat(states[states.length - 1]).containsExactly(last, within((float) TOLERANCE));
  }

  private static void assertRead(Case each, float[] found) throws IOException {
    QFormerSpec spec = each.reader.qformer().spec();
    assertPart(each, "qformer_output", found, 0, spec.queries(), new long[0]);
    if (each.reader.instructed()) {
      long[] mask = each.recorded.inputs().longs("qformer_attention_mask");
      assertPart(each, "qformer_text_output", found, spec.queries(), 0, mask);
    }
  }

  /// Compares some tokens of each row.
  ///
  /// @param count of tokens from `first` on; 0 for all
  private static void assertPart(
      Case each, String name, float[] found, int first, int count, long[] mask) throws IOException {
    int c = each.reader.qformer().spec().width();
    int rows = (int) each.recorded.shape("pixel_values")[0];
    int n = found.length / rows / c;
    int some = count == 0 ? n - first : count;
    float[] part = new float[rows * some * c];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(found, (row * n + first) * c, part, row * some * c, some * c);
    }
    try (Tensor values = RecordedQFormer.ENGINE.of(part, rows, some, c)) {
      each.recorded.assertSame(name, values, mask, TOLERANCE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"blip2-opt", "blip2-t5", "instructblip-llama"})
  void lossAndGradientsAreTheRecordedOnes(String name) throws IOException {
    for (BlockExecution execution :
        List.of(
            BlockExecution.PLAIN,
            new BlockExecution(false, true, 0),
            new BlockExecution(false, true, 1))) {
      Map<String, float[]> gradients = RecordedQFormer.gradients();
      try (Case each = Case.open(name);
          Tape tape = new Tape(RecordedQFormer.ENGINE)) {
        Pass pass = each.recorded.pass(tape, execution);
        List<int[]> answers = each.answered();
        int asked = answers.stream().mapToInt(answer -> answer.length).sum();
        Value loss = each.answers.loss(pass, each.images(pass), each.prompts(), answers, asked);
        assertThat((double) loss.data().toFloat())
            .isCloseTo(each.recorded.expected().floats("loss")[0], within(TOLERANCE));
        tape.backward(loss, RecordedQFormer.into(gradients));
        each.recorded.assertGradients("grad.", gradients, TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"blip2-opt", "blip2-t5", "instructblip-llama"})
  void generatedTokensAreTheRecordedOnes(String name) throws IOException {
    try (Case each = Case.open(name)) {
      Pass pass = each.recorded.pass(new Forward(RecordedQFormer.ENGINE));
      boolean decoder = each.answers instanceof DecoderAnswers;
      List<int[]> prompts = decoder ? each.texts("generate.", false) : each.prompts();
      long[] theirs = each.recorded.expected().longs("generated");
      int width = theirs.length / prompts.size();
      int start = decoder ? 0 : 1; // the start token
      Value images = each.images(pass);
      // Nothing that was recorded ends before its last token: no end is given.
      Generator generator =
          new Generator(GenerationSettings.greedy(width - start), new EndTokens(List.of(), 0));
      List<GeneratedSequence> found;
      try (GrowingSequences sequences =
          each.answers.sequences(pass, images, prompts, width - start)) {
        found =
            generator.generate(
                sequences, IntStream.range(0, prompts.size()).mapToObj(Prompt::unseen).toList());
      }
      for (int row = 0; row < found.size(); row++) {
        long[] ids = Arrays.copyOfRange(theirs, row * width + start, (row + 1) * width);
        assertThat(found.get(row).ids().stream().mapToLong(Integer::longValue).toArray())
            .as("row %d", row)
            .isEqualTo(ids);
      }
      pass.graph().close();
    }
  }
}
