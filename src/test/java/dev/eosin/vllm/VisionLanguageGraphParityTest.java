package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GeneratedSequence;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.graphs.GraphSequences;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.language.stored.PeftFolder;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A recorded LLaVA model as three graphs: features of images, logits and generated ids, with
/// adapters merged as well; and PA-LLaVA's connector.
@Tag("parity")
class VisionLanguageGraphParityTest {
  private static final double TOLERANCE = 1e-4;

  private final ParityCase parity = ParityCase.open("llava");

  @TempDir private Path folder;

  private GraphSession opened(OnnxModel model, String name) throws IOException {
    Path file = folder.resolve(name);
    AtomicFile.write(file, model.file());
    return GraphSession.open(file, 2);
  }

  /// The three graphs, opened.
  private record Opened(GraphSession images, GraphSession table, GraphSession decoder)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      images.close();
      table.close();
      decoder.close();
    }
  }

  private Opened opened(VisionLanguage model, StoredTensors weights) throws IOException {
    var graphs = new VisionLanguageGraph(model, weights, Opset.DEFAULT, GraphPrecision.FP32);
    return new Opened(
        opened(graphs.visionEncoder(), "vision_encoder.onnx"),
        opened(graphs.embedTokens(), "embed_tokens.onnx"),
        opened(graphs.merged(), "decoder_model_merged.onnx"));
  }

  private static StoredTensors own(ParityCase parity, VisionLanguage model) throws IOException {
    StoredTensors file = StoredTensors.open(parity.file("model.safetensors"));
    return VisionLanguageNames.of(model, VisionLanguageNames.form(file))
        .read(file, RecordedVisionLanguage.shapes(model.weights()));
  }

  @Test
  void featuresLogitsAndIdsAreTheRecordedOnes() throws IOException {
    VisionLanguage model = RecordedVisionLanguage.described(parity);
    try (StoredTensors weights = own(parity, model);
        Opened graphs = opened(model, weights)) {
      assertRecorded(graphs, model, "image_features", "logits", "generated");
    }
  }

  @Test
  void adaptersAreMerged() throws IOException {
    VisionLanguage base = RecordedVisionLanguage.described(parity);
    try (PeftFolder peft =
            PeftFolder.open(
                parity.file("adapter"),
                base.decoder(),
                LanguageNames.of(base.decoder(), "model.language_model.", "lm_head."));
        StoredTensors weights = own(parity, base)) {
      var model = base.with(peft.adapted().decoder());
      var merged = new MergedAdapters(weights, model.decoder().adapters(), peft.values());
      try (Opened graphs = opened(model, merged)) {
        assertRecorded(graphs, model, "image_features", "stage2.logits", "stage2.generated");
      }
    }
  }

  private void assertRecorded(
      Opened graphs, VisionLanguage model, String features, String logits, String generated)
      throws IOException {
    JsonNode json = new ObjectMapper().readTree(parity.file("config.json").toFile());
    int imageId = json.required("image_token_index").asInt();
    try (StoredTensors inputs = StoredTensors.open(parity.file("inputs.safetensors"));
        StoredTensors expected = StoredTensors.open(parity.file("expected.safetensors"))) {
      TensorData seen =
          graphs
              .images
              .run(Map.of("pixel_values", inputs.entry("pixel_values")))
              .get("image_features");
      LlavaParityTest.assertClose(
          expected, features, Objects.requireNonNull(seen).floats(), TOLERANCE);
      TensorData tokens = spliced(graphs, inputs.entry("input_ids"), seen, imageId);
      TensorData mask = inputs.entry("attention_mask");
      int rows = mask.shape().getFirst().intValue();
      int width = mask.shape().get(1).intValue();
      Map<String, TensorData> all = new HashMap<>(GraphSequences.nothing(model.decoder(), rows));
      all.put("inputs_embeds", tokens);
      all.put("attention_mask", mask);
      long[] places = IntStream.range(0, rows * width).mapToLong(i -> i % width).toArray();
      all.put("position_ids", TensorData.of(places, rows, width));
      float[] ours = Objects.requireNonNull(graphs.decoder.run(all).get("logits")).floats();
      float[] theirs = expected.floats(logits);
      long[] counts = mask.longs();
      assertThat(ours).hasSameSizeAs(theirs);
      for (int i = 0; i < ours.length; i++) {
        if (counts[i / (ours.length / counts.length)] == 1) {
          assertThat((double) ours[i]).as("at %d", i).isCloseTo(theirs[i], within(TOLERANCE));
        }
      }
      assertGenerated(graphs, model, json, seen, inputs, expected.entry(generated));
    }
  }

  private static TensorData spliced(Opened graphs, TensorData ids, TensorData seen, int imageId)
      throws IOException {
    long[] words = ids.longs();
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i] == imageId ? 0 : words[i];
    }
    TensorData tokens =
        graphs
            .table
            .run(Map.of("input_ids", TensorData.of(words, ids.dimensions())))
            .get("inputs_embeds");
    float[] all = Objects.requireNonNull(tokens).floats();
    float[] features = seen.floats();
    int width = tokens.shape().get(2).intValue();
    int next = 0;
    long[] asked = ids.longs();
    for (int i = 0; i < asked.length; i++) {
      if (asked[i] == imageId) {
        System.arraycopy(features, next, all, i * width, width);
        next += width;
      }
    }
    assertThat(next).isEqualTo(features.length);
    return TensorData.of(all, tokens.dimensions());
  }

  private static void assertGenerated(
      Opened graphs,
      VisionLanguage model,
      JsonNode json,
      TensorData seen,
      StoredTensors inputs,
      TensorData expected)
      throws IOException {
    TensorData ids = inputs.entry("generate.input_ids");
    TensorData mask = inputs.entry("generate.attention_mask");
    int imageId = json.required("image_token_index").asInt();
    int end = json.required("text_config").required("eos_token_id").asInt();
    int most = expected.shape().get(1).intValue();
    int rows = expected.shape().getFirst().intValue();
    var generator = new Generator(GenerationSettings.greedy(most), new EndTokens(List.of(end), 0));
    List<GeneratedSequence> found;
    try (var sequences =
        GraphSequences.ofTokens(
            RecordedVisionLanguage.ENGINE,
            model.decoder(),
            graphs.decoder,
            graphs.table,
            spliced(graphs, ids, seen, imageId),
            mask)) {
      found =
          generator.generate(sequences, IntStream.range(0, rows).mapToObj(Prompt::unseen).toList());
    }
    long[] theirs = expected.longs();
    Set<Long> ends = Set.of((long) end);
    for (int row = 0; row < rows; row++) {
      List<Integer> wanted = new ArrayList<>();
      for (int i = 0; i < most; i++) {
        wanted.add((int) theirs[row * most + i]);
        if (ends.contains(theirs[row * most + i])) {
          break;
        }
      }
      assertThat(found.get(row).ids().subList(0, wanted.size()))
          .as("row %d", row)
          .isEqualTo(wanted);
    }
  }

  /// The recorded tiles are padded already, with large numbers.
  @Test
  void theConnectorsLayersAndOutputAreTheRecordedOnes() throws IOException {
    ParityCase recorded = ParityCase.open("pa-connector");
    TileConnector connector = PaConnectorParityTest.connector(recorded);
    try (StoredTensors file = StoredTensors.open(recorded.file("model.safetensors"));
        StoredTensors inputs = StoredTensors.open(recorded.file("inputs.safetensors"));
        StoredTensors expected = StoredTensors.open(recorded.file("expected.safetensors"))) {
      StoredTensors own =
          VisionLanguageNames.projector(connector, file)
              .read(file, RecordedVisionLanguage.shapes(connector.weights()));
      var graph = new GraphBuilder("connector", Opset.DEFAULT, GraphPrecision.FP32);
      var pass = new GraphPass(graph, own);
      List<Long> shape = inputs.header("tile_features").shape();
      long keys = shape.get(1) * shape.get(2);
      GraphValue queries = input(graph, "queries", ElementType.FLOAT, 3);
      GraphValue tiles = input(graph, "tiles", ElementType.FLOAT, 3);
      GraphValue real = input(graph, "real", ElementType.INT64, 4);
      GraphValue output =
          new ProjectorGraph(pass)
              .of(connector, queries, tiles, graph.cast(real, ElementType.BOOL));
      graph.output("output", output, Dimension.of("b"), Dimension.of("n"), Dimension.of("d"));
      long[] counts = inputs.longs("tile_count");
      long[] seen = new long[Math.toIntExact(counts.length * keys)];
      for (int i = 0; i < seen.length; i++) {
        seen[i] = i % keys < counts[(int) (i / keys)] * shape.get(2) ? 1 : 0;
      }
      OnnxModel model = graph.build();
      try (GraphSession session = opened(model.withMarks(), "connector.onnx")) {
        Map<String, TensorData> found =
            session.run(
                Map.of(
                    "queries", inputs.entry("query_features"),
                    "tiles",
                        TensorData.of(
                            inputs.floats("tile_features"), shape.get(0), keys, shape.get(3)),
                    "real", TensorData.of(seen, counts.length, 1, 1, keys)));
        for (int layer = 0; layer < connector.layers(); layer++) {
          String mark = model.marks().get(connector.layer(layer));
          LlavaParityTest.assertClose(
              expected,
              "layer." + layer,
              Objects.requireNonNull(found.get(mark)).floats(),
              TOLERANCE);
        }
        LlavaParityTest.assertClose(
            expected, "output", Objects.requireNonNull(found.get("output")).floats(), TOLERANCE);
      }
    }
  }

  private static GraphValue input(
      GraphBuilder graph, String name, ElementType type, int dimensions) {
    Dimension[] shape = new Dimension[dimensions];
    for (int i = 0; i < dimensions; i++) {
      shape[i] = Dimension.of(name + i);
    }
    return graph.input(name, type, shape);
  }
}
