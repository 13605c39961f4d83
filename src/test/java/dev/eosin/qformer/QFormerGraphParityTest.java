package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.features.ImageFeatures;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GeneratedSequence;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.graphs.DecoderGraph;
import dev.eosin.language.graphs.GraphSequences;
import dev.eosin.language.graphs.T5Graph;
import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.Dimension;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Recorded Q-Formers as graphs: every layer's states, what a language model is given, its logits
/// and generated ids by its own graphs.
@Tag("parity")
class QFormerGraphParityTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path folder;

  private GraphSession opened(OnnxModel model, String name) throws IOException {
    Path file = folder.resolve(name);
    AtomicFile.write(file, model.file());
    return GraphSession.open(file, 2);
  }

  static void check(StoredTensors expected, String name, TensorData found, long... mask)
      throws IOException {
    float[] theirs = expected.floats(name);
    float[] ours = found.floats();
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    for (int i = 0; i < ours.length; i++) {
      if (mask.length == 0 || mask[i / (ours.length / mask.length)] == 1) {
        assertThat((double) ours[i])
            .as("%s at %d", name, i)
            .isCloseTo(theirs[i], within(TOLERANCE));
      }
    }
  }

  /// Queries that look at an image of which some tokens are hidden, words alone, and both.
  @Test
  void statesOfQueriesAndWordsAreTheRecordedOnes() throws IOException {
    ParityCase parity = ParityCase.open("blip2-qformer");
    try (StoredTensors inputs = StoredTensors.open(parity.file("inputs.safetensors"));
        StoredTensors expected = StoredTensors.open(parity.file("expected.safetensors"));
        StoredTensors file = StoredTensors.open(parity.file("model.safetensors"))) {
      int q = inputs.header("query_embeds").shape().get(1).intValue();
      QFormer model =
          new QFormer("qformer", RecordedQFormer.spec(RecordedQFormer.config(parity), q, true));
      NameTable names = new NameTable();
      QFormerNames.ALONE.qformer(names, model);
      StoredTensors own =
          new Layout("a Q-Former", names.rules(), Set.of(), Set.of()).read(file, Map.of());
      OnnxModel built = states(model, own);
      long[] mask = inputs.longs("text_attention_mask");
      int t = inputs.header("text_embeds").shape().get(1).intValue();
      long[] here = behindQueries(mask, t, q);
      try (GraphSession session = opened(built.withMarks(), "qformer.onnx")) {
        Map<String, TensorData> found =
            session.run(
                Map.of(
                    "queries", inputs.entry("query_embeds"),
                    "words", inputs.entry("text_embeds"),
                    "image", inputs.entry("encoder_hidden_states"),
                    "seen", inputs.entry("encoder_attention_mask"),
                    "present", inputs.entry("text_attention_mask"),
                    "joint", TensorData.of(here, mask.length / t, q + t)));
        for (int layer = 0; layer < model.spec().layers(); layer++) {
          String mark = built.marks().get("read.qformer.blocks." + layer);
          check(expected, "query.layer." + layer, Objects.requireNonNull(found.get(mark)));
        }
        check(expected, "query.last_hidden_state", Objects.requireNonNull(found.get("read")));
        check(expected, "text.last_hidden_state", Objects.requireNonNull(found.get("text")), mask);
        check(expected, "joint.last_hidden_state", Objects.requireNonNull(found.get("both")), here);
      }
    }
  }

  /// Queries that see a masked image, words alone, and both that see a whole image.
  private static OnnxModel states(QFormer model, StoredTensors own) throws IOException {
    var graph = new GraphBuilder("qformer", Opset.DEFAULT, GraphPrecision.FP32);
    var pass = new GraphPass(graph, own);
    GraphValue queries = input(graph, "queries", ElementType.FLOAT, 3);
    GraphValue words = input(graph, "words", ElementType.FLOAT, 3);
    GraphValue image = input(graph, "image", ElementType.FLOAT, 3);
    GraphValue seen = input(graph, "seen", ElementType.INT64, 2);
    GraphValue present = input(graph, "present", ElementType.INT64, 2);
    GraphValue joint = input(graph, "joint", ElementType.INT64, 2);
    var masked = new QFormerGraph.Image(image, Optional.of(seen));
    var whole = new QFormerGraph.Image(image, Optional.empty());
    output(
        graph,
        "read",
        new QFormerGraph(pass, model, "read.")
            .through(queries, Optional.of(masked), Optional.empty(), true));
    output(
        graph,
        "text",
        new QFormerGraph(pass, model, "text.")
            .through(words, Optional.empty(), Optional.of(present), false));
    GraphValue both = pass.op("Concat", List.of(queries, words), Attribute.of("axis", 1L));
    output(
        graph,
        "both",
        new QFormerGraph(pass, model, "both.")
            .through(both, Optional.of(whole), Optional.of(joint), true));
    return graph.build();
  }

  /// Masks of rows of words behind queries, which are all there.
  private static long[] behindQueries(long[] mask, int t, int q) {
    long[] here = new long[mask.length / t * (q + t)];
    for (int i = 0; i < here.length; i++) {
      here[i] = i % (q + t) < q ? 1 : mask[i / (q + t) * t + i % (q + t) - q];
    }
    return here;
  }

  private static GraphValue input(
      GraphBuilder graph, String name, ElementType type, int dimensions) {
    Dimension[] shape = new Dimension[dimensions];
    for (int i = 0; i < dimensions; i++) {
      shape[i] = Dimension.of(name + i);
    }
    return graph.input(name, type, shape);
  }

  private static void output(GraphBuilder graph, String name, GraphValue value) {
    graph.output(name, value, Dimension.of("b"), Dimension.of(name + "n"), Dimension.of("c"));
  }

  /// A second stage with its graphs and rows.
  private record Case(
      ParityCase parity,
      QFormerModel model,
      StoredTensors weights,
      StoredTensors inputs,
      StoredTensors expected)
      implements AutoCloseable {
    static Case open(String name) throws IOException {
      ParityCase parity = ParityCase.open(name);
      QFormerFolder folder = QFormerFolder.open(parity.folder());
      return new Case(
          parity,
          folder.model(),
          folder.weights(),
          StoredTensors.open(parity.file("inputs.safetensors")),
          StoredTensors.open(parity.file("expected.safetensors")));
    }

    ImageFeatures tower() {
      return model.tower().orElseThrow();
    }

    int queries() {
      return model.qformer().spec().queries();
    }

    OnnxModel visionEncoder() throws IOException {
      return new ReaderGraph(tower(), model.reader(), weights, Opset.DEFAULT, GraphPrecision.FP32)
          .visionEncoder();
    }

    /// What the language model is given of the images.
    TensorData seen(GraphSession session) throws IOException {
      Map<String, TensorData> taken = new HashMap<>();
      for (String name : session.inputs()) {
        taken.put(name, inputs.entry(name));
      }
      return Objects.requireNonNull(session.run(taken).get("image_features"));
    }

    /// Ids of each row behind its image.
    List<int[]> texts(String before) throws IOException {
      long[] ids = inputs.longs(before + "input_ids");
      long[] there = inputs.longs(before + "attention_mask");
      int width = inputs.header(before + "input_ids").shape().get(1).intValue();
      List<int[]> rows = new ArrayList<>();
      for (int from = 0; from < ids.length; from += width) {
        rows.add(
            IntStream.range(from, from + width)
                .filter(i -> there[i] == 1)
                .skip(queries())
                .map(i -> (int) ids[i])
                .toArray());
      }
      return rows;
    }

    @Override
    public void close() {
      weights.close();
      inputs.close();
      expected.close();
    }
  }

  /// Tokens of rows with those of the images in their places.
  private static TensorData spliced(GraphSession table, SplicedRows rows, TensorData seen)
      throws IOException {
    TensorData ids = TensorData.of(rows.ids(), rows.rows(), rows.width());
    TensorData tokens = table.run(Map.of("input_ids", ids)).get("inputs_embeds");
    float[] all = Objects.requireNonNull(tokens).floats();
    float[] features = seen.floats();
    int width = tokens.shape().get(2).intValue();
    int each = rows.queries() * width;
    for (int row = 0; row < rows.rows(); row++) {
      int place = (row * rows.width() + rows.starts()[row]) * width;
      System.arraycopy(features, row * each, all, place, each);
    }
    return TensorData.of(all, tokens.dimensions());
  }

  private static TensorData mask(SplicedRows rows) {
    long[] mask = new long[rows.rows() * rows.width()];
    for (int row = 0; row < rows.rows(); row++) {
      int start = row * rows.width() + rows.starts()[row];
      Arrays.fill(mask, start, start + rows.lengths()[row], 1);
    }
    return TensorData.of(mask, rows.rows(), rows.width());
  }

  @ParameterizedTest
  @ValueSource(strings = {"blip2-opt", "instructblip-llama"})
  void decodersBehindThemGiveTheRecordedLogitsAndIds(String name) throws IOException {
    try (Case each = Case.open(name);
        GraphSession images = opened(each.visionEncoder(), "vision_encoder.onnx")) {
      var answers = (DecoderAnswers) each.model.answers().orElseThrow();
      TensorData seen = each.seen(images);
      check(each.expected, "projected", seen);
      var graphs =
          new DecoderGraph(answers.decoder(), each.weights, Opset.DEFAULT, GraphPrecision.FP32);
      try (GraphSession table = opened(graphs.embedTokens(), "embed_tokens.onnx");
          GraphSession decoder =
              opened(graphs.merged(DecoderGraph.Entry.EMBEDDINGS), "decoder_model_merged.onnx")) {
        SplicedRows rows =
            SplicedRows.beginningTogether(each.texts(""), each.queries(), answers.filler());
        Map<String, TensorData> inputs =
            new HashMap<>(GraphSequences.nothing(answers.decoder(), rows.rows()));
        inputs.put("inputs_embeds", spliced(table, rows, seen));
        inputs.put("attention_mask", mask(rows));
        inputs.put(
            "position_ids",
            TensorData.of(
                IntStream.range(0, rows.rows() * rows.width())
                    .mapToLong(i -> i % rows.width())
                    .toArray(),
                rows.rows(),
                rows.width()));
        check(
            each.expected,
            "logits",
            Objects.requireNonNull(decoder.run(inputs).get("logits")),
            each.inputs.longs("attention_mask"));
        SplicedRows asked =
            SplicedRows.endingTogether(each.texts("generate."), each.queries(), answers.filler());
        assertGenerated(
            each,
            0,
            GraphSequences.ofTokens(
                RecordedQFormer.ENGINE,
                answers.decoder(),
                decoder,
                table,
                spliced(table, asked, seen),
                mask(asked)));
      }
    }
  }

  @Test
  void aT5BehindItGivesTheRecordedLogitsAndIds() throws IOException {
    try (Case each = Case.open("blip2-t5");
        GraphSession images = opened(each.visionEncoder(), "vision_encoder.onnx")) {
      var answers = (T5Answers) each.model.answers().orElseThrow();
      TensorData seen = each.seen(images);
      check(each.expected, "projected", seen);
      var graphs = new T5Graph(answers.model(), each.weights, Opset.DEFAULT, GraphPrecision.FP32);
      try (GraphSession table = opened(graphs.embedTokens(), "embed_tokens.onnx");
          GraphSession encoder =
              opened(graphs.encoder(DecoderGraph.Entry.EMBEDDINGS), "encoder_model.onnx");
          GraphSession decoder = opened(graphs.merged(), "decoder_model_merged.onnx")) {
        SplicedRows rows =
            SplicedRows.beginningTogether(each.texts(""), each.queries(), answers.filler());
        TensorData read =
            encoder
                .run(
                    Map.of(
                        "inputs_embeds", spliced(table, rows, seen), "attention_mask", mask(rows)))
                .get("last_hidden_state");
        check(
            each.expected,
            "encoder_last_hidden_state",
            Objects.requireNonNull(read),
            each.inputs.longs("attention_mask"));
        Map<String, TensorData> inputs =
            new HashMap<>(GraphSequences.nothing(answers.model().spec(), rows.rows(), 0));
        inputs.put("encoder_hidden_states", read);
        inputs.put("encoder_attention_mask", mask(rows));
        inputs.put("input_ids", each.expected.entry("decoder_input_ids"));
        inputs.put("use_cache_branch", GraphSequences.branch(false));
        check(
            each.expected,
            "logits",
            Objects.requireNonNull(decoder.run(inputs).get("logits")),
            each.inputs.longs("decoder_attention_mask"));
        assertGenerated(
            each,
            1,
            GraphSequences.ofEncoder(
                RecordedQFormer.ENGINE,
                answers.model().spec(),
                decoder,
                Objects.requireNonNull(read),
                mask(rows)));
      }
    }
  }

  /// Nothing that was recorded ends before its last token: no end is given.
  ///
  /// @param start ids before the answer
  private static void assertGenerated(Case each, int start, GrowingSequences sequences)
      throws IOException {
    long[] theirs = each.expected.longs("generated");
    int count = sequences.rows();
    int width = theirs.length / count;
    var generator =
        new Generator(GenerationSettings.greedy(width - start), new EndTokens(List.of(), 0));
    List<GeneratedSequence> found;
    try (sequences) {
      found =
          generator.generate(
              sequences, IntStream.range(0, count).mapToObj(Prompt::unseen).toList());
    }
    for (int row = 0; row < count; row++) {
      long[] ids = Arrays.copyOfRange(theirs, row * width + start, (row + 1) * width);
      assertThat(found.get(row).ids().stream().mapToLong(Integer::longValue).toArray())
          .as("row %d", row)
          .isEqualTo(ids);
    }
  }
}
