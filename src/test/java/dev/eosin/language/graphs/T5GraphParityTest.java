package dev.eosin.language.graphs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.AtomicFile;
import dev.eosin.language.LanguageT5ParityTest;
import dev.eosin.language.RecordedDecoder;
import dev.eosin.language.RecordedT5;
import dev.eosin.language.T5;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The recorded T5 as graphs: what the encoder gives, logits and generated ids, of both forms of
/// its gates and with padding on either side.
@Tag("parity")
class T5GraphParityTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path folder;

  private GraphSession opened(OnnxModel model, String name) throws IOException {
    Path file = folder.resolve(name);
    AtomicFile.write(file, model.file());
    return GraphSession.open(file, 2);
  }

  private static StoredTensors weights(ParityCase parity, T5 model) throws IOException {
    StoredTensors file = StoredTensors.open(parity.file("model.safetensors"));
    return LanguageNames.of(model, "").read(file, LanguageFolder.shapes(model.weights()));
  }

  private static void check(TensorData found, float[] theirs, long[] mask, String name) {
    float[] ours = found.floats();
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
  @EnumSource
  void statesAndLogitsAreTheRecordedOnes(LanguageT5ParityTest.Form form) throws IOException {
    try (RecordedT5 recorded = form.open(RecordedDecoder.ENGINE, false);
        StoredTensors weights =
            weights(
                form == LanguageT5ParityTest.Form.TANH
                    ? ParityCase.open("language-t5")
                    : ParityCase.own("language-t5"),
                recorded.model())) {
      var graphs = new T5Graph(recorded.model(), weights, Opset.DEFAULT, GraphPrecision.FP32);
      try (GraphSession encoder =
              opened(graphs.encoder(DecoderGraph.Entry.IDS), "encoder_model.onnx");
          GraphSession decoder = opened(graphs.merged(), "decoder_model_merged.onnx")) {
        long[] labels = recorded.inputs().longs("labels");
        int width = recorded.columns("labels");
        long[] shifted = recorded.model().shifted(labels, width, recorded.filler());
        for (String side : List.of("left", "right")) {
          TensorData mask = recorded.inputs().entry(side + ".attention_mask");
          TensorData read =
              encoder
                  .run(
                      Map.of(
                          "input_ids",
                          recorded.inputs().entry(side + ".input_ids"),
                          "attention_mask",
                          mask))
                  .get("last_hidden_state");
          if (side.equals("right")) {
            check(
                Objects.requireNonNull(read),
                recorded.expected().floats("encoder_last_hidden_state"),
                mask.longs(),
                "states");
          }
          Map<String, TensorData> inputs =
              new HashMap<>(GraphSequences.nothing(recorded.model().spec(), recorded.rows(), 1));
          inputs.put("encoder_hidden_states", read);
          inputs.put("encoder_attention_mask", mask);
          inputs.put("input_ids", TensorData.of(shifted, recorded.rows(), width));
          inputs.put("use_cache_branch", GraphSequences.branch(false));
          check(
              Objects.requireNonNull(decoder.run(inputs).get("logits")),
              recorded.expected().floats(side + ".logits"),
              recorded.inputs().longs("decoder_attention_mask"),
              side);
        }
      }
    }
  }

  @Test
  void generatedIdsAreTheRecordedOnes() throws IOException {
    ParityCase parity = ParityCase.open("language-t5");
    GenerationCase generation = GenerationCase.open(parity);
    TensorData ids = matrix(generation.prompts());
    TensorData mask = matrix(generation.mask());
    try (RecordedT5 recorded = RecordedT5.open(parity, RecordedDecoder.ENGINE, false);
        StoredTensors weights = weights(parity, recorded.model())) {
      var graphs = new T5Graph(recorded.model(), weights, Opset.DEFAULT, GraphPrecision.FP32);
      try (GraphSession ofIds = opened(graphs.encoder(DecoderGraph.Entry.IDS), "ids.onnx");
          GraphSession ofTokens =
              opened(graphs.encoder(DecoderGraph.Entry.EMBEDDINGS), "tokens.onnx");
          GraphSession table = opened(graphs.embedTokens(), "table.onnx");
          GraphSession decoder = opened(graphs.merged(), "decoder.onnx")) {
        TensorData tokens = table.run(Map.of("input_ids", ids)).get("inputs_embeds");
        for (GenerationCase.Run run : generation.runs()) {
          Map<String, TensorData> read =
              run.embeds()
                  ? ofTokens.run(Map.of("inputs_embeds", tokens, "attention_mask", mask))
                  : ofIds.run(Map.of("input_ids", ids, "attention_mask", mask));
          generation.check(
              run,
              GraphSequences.ofEncoder(
                  RecordedDecoder.ENGINE,
                  recorded.model().spec(),
                  decoder,
                  Objects.requireNonNull(read.get("last_hidden_state")),
                  mask));
        }
      }
    }
  }

  private static TensorData matrix(List<List<Integer>> rows) {
    long[] all = rows.stream().flatMap(List::stream).mapToLong(Integer::longValue).toArray();
    return TensorData.of(all, rows.size(), rows.getFirst().size());
  }
}
