package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.Layout;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.HuggingFaceConfig;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.config.DataException;
import dev.eosin.nn.BlockExecution;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every recorded transformers CLIPModel case checks; tolerances are those of the case's
/// README.
@Tag("parity")
abstract class HuggingFaceClipParity extends RecordedClip {
  HuggingFaceClipParity(String name) {
    super(name);
  }

  @Override
  ClipSpec read(String file, JsonNode config) throws DataException {
    return HuggingFaceConfig.read(file, config);
  }

  @Override
  Layout names(ClipSpec read) {
    return ClipWeights.huggingFace(read);
  }

  @Test
  void everyLayerOfTheVisionModelMatches() throws IOException {
    try (Clip clip = model(BlockExecution.PLAIN);
        Forward graph = new Forward(ClipCase.ENGINE);
        Tensor pixels = ClipCase.tensor(recorded.inputs(), "pixel_values")) {
      Value tokens = clip.imageTower().tokens(RecordedClip.plain(clip, graph), pixels);
      recorded.check("vision.pre_layrnorm", tokens.data(), TOLERANCE);
      List<Value> states = imageStates(clip, graph, tokens);
      for (int i = 0; i < states.size(); i++) {
        recorded.check("vision.layer." + i, states.get(i).data(), TOLERANCE);
      }
      recorded.check("vision.last_hidden_state", states.getLast().data(), TOLERANCE);
      try (Tensor first = clip.engine().zeros(DType.INT64, pixels.size(0))) {
        checkProjected(
            "vision.pooler_output",
            clip.imageTower().head(clip.parameters()),
            states.getLast(),
            first);
      }
    }
  }

  /// Rows after the pooled token depend on the mask, so rows up to it are compared.
  @Test
  void everyLayerOfTheTextModelMatchesUpToThePooledToken() throws IOException {
    try (Clip clip = model(BlockExecution.PLAIN);
        Forward graph = new Forward(ClipCase.ENGINE);
        Tensor ids = ClipCase.tensor(recorded.inputs(), "input_ids");
        Tensor end = endOfText(clip, ids)) {
      long[] positions = end.toLongs();
      assertThat(positions).containsExactly(recorded.expected().longs("text.eos_position"));
      Value tokens = clip.textTower().tokens(RecordedClip.plain(clip, graph), ids);
      recorded.check("text.embeddings", tokens.data(), TOLERANCE);
      List<Value> states = textStates(clip, graph, tokens, ids);
      for (int i = 0; i < states.size(); i++) {
        checkRows("text.layer." + i, states.get(i).data().toFloats(), positions);
      }
      float[] last = normed(clip.textTower().head(clip.parameters()), states.getLast().data());
      checkRows("text.last_hidden_state", last, positions);
      checkProjected(
          "text.pooler_output", clip.textTower().head(clip.parameters()), states.getLast(), end);
    }
  }

  private static float[] normed(List<Parameter> head, Tensor tokens) {
    List<Tensor> p = head.stream().map(Parameter::data).toList();
    try (Tensor normed = ClipCase.ENGINE.kernels().list("norm", List.of(tokens), p).getFirst()) {
      return normed.toFloats();
    }
  }

  private void checkRows(String tensor, float[] found, long[] positions) throws IOException {
    float[] wanted = recorded.expected().floats(tensor).clone();
    int n = spec.text().context();
    int c = spec.text().hiddenSize();
    for (int row = 0; row < positions.length; row++) {
      int from = (row * n + (int) positions[row] + 1) * c;
      System.arraycopy(found, from, wanted, from, (row + 1) * n * c - from);
    }
    ClipCase.check(tensor, found, wanted, TOLERANCE);
  }

  /// The recorded pooler output is the pooled, normed and projected token before L2 (its width is
  /// the projection's).
  private void checkProjected(String tensor, List<Parameter> head, Value tokens, Tensor position)
      throws IOException {
    List<Tensor> p = head.stream().map(Parameter::data).toList();
    try (Tensor raw =
        ClipCase.ENGINE.kernels().one("project", List.of(tokens.data(), position), p)) {
      recorded.check(tensor, raw, TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("executions")
  void embeddingsLogitsLossAndEveryGradientMatch(BlockExecution execution) throws IOException {
    try (Clip clip = model(execution);
        Tape tape = new Tape(ClipCase.ENGINE);
        Tensor pixels = ClipCase.tensor(recorded.inputs(), "pixel_values");
        Tensor ids = ClipCase.tensor(recorded.inputs(), "input_ids")) {
      Value image = clip.imageFeatures(tape, pixels);
      Value text = clip.textFeatures(tape, ids);
      recorded.check("image_embeds", image.data(), TOLERANCE);
      recorded.check("text_embeds", text.data(), TOLERANCE);
      recorded.check("nomask.text_embeds", text.data(), TOLERANCE);
      List<Tensor> scale = List.of(clip.parameters().get("logit-scale").data());
      var kernels = ClipCase.ENGINE.kernels();
      try (Tensor perImage = kernels.one("logits", List.of(image.data(), text.data()), scale);
          Tensor perText = kernels.one("logits", List.of(text.data(), image.data()), scale)) {
        recorded.check("logits_per_image", perImage, TOLERANCE);
        recorded.check("logits_per_text", perText, TOLERANCE);
      }
      Value loss = PairLoss.CONTRASTIVE.of(tape, clip.logits(), image, text, List.of());
      recorded.check("loss", loss.data(), TOLERANCE);
      var gradients = new TreeMap<String, float[]>();
      tape.backward(
          loss, (parameters, values) -> OpenClipParity.collect(gradients, parameters, values));
      recorded.checkGradients(clip, layout, gradients, TOLERANCE);
    }
  }

  @Test
  void theConvertedOpenClipModelGivesTheSameEmbeddings() throws IOException {
    ClipSpec converted =
        OpenClipConfig.read(name, ClipCase.json(recorded.files(), "config.openclip.json"));
    assertThat(converted).isEqualTo(spec);
    try (Clip clip =
            recorded.model(
                converted,
                ClipWeights.openClip(converted),
                "model.openclip.safetensors",
                BlockExecution.PLAIN);
        Forward graph = new Forward(ClipCase.ENGINE);
        Tensor pixels = ClipCase.tensor(recorded.inputs(), "pixel_values");
        Tensor ids = ClipCase.tensor(recorded.inputs(), "input_ids")) {
      recorded.check("image_embeds", clip.imageFeatures(graph, pixels).data(), TOLERANCE);
      recorded.check("text_embeds", clip.textFeatures(graph, ids).data(), TOLERANCE);
    }
  }

  @Test
  void theWrittenConfigurationsReadBackAsTheSameArchitecture() throws IOException {
    var mapper = new ObjectMapper();
    assertThat(
            HuggingFaceConfig.read(name, mapper.readTree(HuggingFaceConfig.write(spec).toString())))
        .isEqualTo(spec);
    assertThat(OpenClipConfig.read(name, mapper.readTree(OpenClipConfig.write(spec).toString())))
        .isEqualTo(spec);
  }
}
