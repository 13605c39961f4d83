package dev.eosin.language.graphs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import dev.eosin.language.RecordedDecoder;
import dev.eosin.language.generation.GenerationCase;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.onnx.runtime.GraphSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Recorded decoders as graphs: onnxruntime gives the recorded states and logits, with padding on
/// either side, and every search over the graph with its keys and values before the recorded ids.
@Tag("parity")
class DecoderGraphParityTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path folder;

  private GraphSession opened(OnnxModel model, String name) throws IOException {
    Path file = folder.resolve(name);
    AtomicFile.write(file, model.file());
    return GraphSession.open(file, 2);
  }

  private static StoredTensors weights(ParityCase parity, Decoder decoder) throws IOException {
    StoredTensors file = StoredTensors.open(parity.file("model.safetensors"));
    return LanguageNames.of(decoder).read(file, LanguageFolder.shapes(decoder));
  }

  private static void check(RecordedDecoder recorded, String side, String name, TensorData found)
      throws IOException {
    float[] theirs = recorded.expected().floats(name);
    float[] ours = found.floats();
    long[] mask = recorded.inputs().longs(side + ".attention_mask");
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    int width = ours.length / mask.length;
    for (int i = 0; i < ours.length; i++) {
      if (mask[i / width] == 1) {
        assertThat((double) ours[i])
            .as("%s at %d", name, i)
            .isCloseTo(theirs[i], within(TOLERANCE));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "language-llama",
        "language-llama-tied",
        "language-mistral",
        "language-qwen2",
        "language-opt"
      })
  void statesAndLogitsAreTheRecordedOnes(String name) throws IOException {
    ParityCase parity = ParityCase.open(name);
    try (RecordedDecoder recorded =
            RecordedDecoder.open(parity, RecordedDecoder.ENGINE, Adapters.NONE, false);
        StoredTensors weights = weights(parity, recorded.decoder())) {
      Decoder decoder = recorded.decoder();
      OnnxModel model =
          new DecoderGraph(decoder, weights, Opset.DEFAULT, GraphPrecision.FP32)
              .merged(DecoderGraph.Entry.IDS);
      try (GraphSession session = opened(model.withMarks(), "decoder.onnx")) {
        int rows = recorded.rows("right");
        int width = recorded.width("right");
        Map<String, TensorData> inputs = new HashMap<>(GraphSequences.nothing(decoder, rows));
        inputs.put("input_ids", recorded.inputs().entry("right.input_ids"));
        inputs.put("attention_mask", recorded.inputs().entry("right.attention_mask"));
        long[] counted = LongStream.range(0, (long) rows * width).map(i -> i % width).toArray();
        inputs.put("position_ids", TensorData.of(counted, rows, width));
        Map<String, TensorData> found = session.run(inputs);
        check(recorded, "right", "right.logits", Objects.requireNonNull(found.get("logits")));
        for (int layer = 0; layer < decoder.spec().layers(); layer++) {
          String mark = model.marks().get("decoder.blocks." + layer);
          check(recorded, "right", "right.layer." + layer, Objects.requireNonNull(found.get(mark)));
        }
        long[] mask = recorded.inputs().longs("left.attention_mask");
        inputs.put("input_ids", recorded.inputs().entry("left.input_ids"));
        inputs.put("attention_mask", recorded.inputs().entry("left.attention_mask"));
        inputs.put("position_ids", GraphSequences.positions(mask, rows));
        found = session.run(inputs);
        check(
            recorded,
            "left",
            "left.logits_with_positions",
            Objects.requireNonNull(found.get("logits")));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "language-llama",
        "language-llama-tied",
        "language-mistral",
        "language-qwen2",
        "language-opt"
      })
  void generatedIdsAreTheRecordedOnes(String name) throws IOException {
    ParityCase parity = ParityCase.open(name);
    GenerationCase generation = GenerationCase.open(parity);
    List<int[]> prompts =
        generation.content().stream()
            .map(ids -> ids.stream().mapToInt(Integer::intValue).toArray())
            .toList();
    try (RecordedDecoder recorded =
            RecordedDecoder.open(parity, RecordedDecoder.ENGINE, Adapters.NONE, false);
        StoredTensors weights = weights(parity, recorded.decoder())) {
      Decoder decoder = recorded.decoder();
      var graphs = new DecoderGraph(decoder, weights, Opset.DEFAULT, GraphPrecision.FP32);
      try (GraphSession ofIds = opened(graphs.merged(DecoderGraph.Entry.IDS), "ids.onnx");
          GraphSession ofTokens =
              opened(graphs.merged(DecoderGraph.Entry.EMBEDDINGS), "tokens.onnx");
          GraphSession table = opened(graphs.embedTokens(), "table.onnx")) {
        for (GenerationCase.Run run : generation.runs()) {
          generation.check(
              run,
              run.embeds()
                  ? ofTokens(decoder, ofTokens, table, generation)
                  : GraphSequences.ofIds(
                      RecordedDecoder.ENGINE, decoder, ofIds, prompts, generation.padding()));
        }
      }
    }
  }

  private static GraphSequences ofTokens(
      Decoder decoder, GraphSession session, GraphSession table, GenerationCase generation)
      throws IOException {
    TensorData ids = matrix(generation.prompts());
    TensorData tokens = table.run(Map.of("input_ids", ids)).get("inputs_embeds");
    return GraphSequences.ofTokens(
        RecordedDecoder.ENGINE,
        decoder,
        session,
        table,
        Objects.requireNonNull(tokens),
        matrix(generation.mask()));
  }

  private static TensorData matrix(List<List<Integer>> rows) {
    long[] all = rows.stream().flatMap(List::stream).mapToLong(Integer::longValue).toArray();
    return TensorData.of(all, rows.size(), rows.getFirst().size());
  }
}
