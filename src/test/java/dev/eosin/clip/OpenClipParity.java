package dev.eosin.clip;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.Layout;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.OpenClipConfig;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.config.DataException;
import dev.eosin.nn.BlockExecution;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Kernels;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every recorded open_clip model case checks; tolerances are those of the case's README.
@Tag("parity")
abstract class OpenClipParity extends RecordedClip {
  OpenClipParity(String name) {
    super(name);
  }

  @Override
  ClipSpec read(String file, JsonNode config) throws DataException {
    return OpenClipConfig.read(file, config);
  }

  @Override
  Layout names(ClipSpec read) {
    return ClipWeights.openClip(read);
  }

  @Test
  void everyLayerOfTheImageTowerMatches() throws IOException {
    try (Clip clip = model(BlockExecution.PLAIN);
        Forward graph = new Forward(ClipCase.ENGINE);
        Tensor pixels = ClipCase.tensor(recorded.inputs(), "image")) {
      Value tokens = clip.imageTower().tokens(RecordedClip.plain(clip, graph), pixels);
      recorded.check("visual.ln_pre", tokens.data(), TOLERANCE);
      List<Value> states = imageStates(clip, graph, tokens);
      for (int i = 0; i < states.size(); i++) {
        recorded.check("visual.block." + i, states.get(i).data(), TOLERANCE);
      }
      try (Tensor first = ClipCase.ENGINE.of(new long[(int) pixels.size(0)], pixels.size(0))) {
        checkHead(
            clip,
            "visual.ln_post",
            "image_features",
            states.getLast(),
            clip.imageTower().head(clip.parameters()),
            first);
      }
      checkPatches(clip, pixels);
    }
  }

  /// Recorded as a convolution's output [b,c,gh,gw]; ours is [b,gh*gw,c].
  private void checkPatches(Clip clip, Tensor pixels) throws IOException {
    Tensor weight = clip.parameters().get("image.patch-embedding.weight").data();
    try (Tensor patches = ClipCase.ENGINE.kernels().one("patches", pixels, weight)) {
      float[] rows = patches.toFloats();
      float[] grid = recorded.expected().floats("visual.conv1");
      int width = (int) patches.size(2);
      int cells = (int) patches.size(1);
      float[] reordered = new float[rows.length];
      for (int i = 0; i < rows.length; i++) {
        int channel = i % width;
        int cell = i / width % cells;
        int row = i / width / cells;
        reordered[(row * width + channel) * cells + cell] = rows[i];
      }
      ClipCase.check("visual.conv1", reordered, grid, TOLERANCE);
    }
  }

  @Test
  void everyLayerOfTheTextTowerMatches() throws IOException {
    try (Clip clip = model(BlockExecution.PLAIN);
        Forward graph = new Forward(ClipCase.ENGINE);
        Tensor ids = ClipCase.tensor(recorded.inputs(), "text")) {
      Value tokens = clip.textTower().tokens(RecordedClip.plain(clip, graph), ids);
      recorded.check("text.embed", tokens.data(), TOLERANCE);
      List<Value> states = textStates(clip, graph, tokens, ids);
      for (int i = 0; i < states.size(); i++) {
        recorded.check("text.block." + i, states.get(i).data(), TOLERANCE);
      }
      try (Tensor end = endOfText(clip, ids)) {
        checkHead(
            clip,
            "text.ln_final",
            "text_features",
            states.getLast(),
            clip.textTower().head(clip.parameters()),
            end);
      }
    }
  }

  private void checkHead(
      Clip clip, String norm, String features, Value last, List<Parameter> head, Tensor end)
      throws IOException {
    Kernels kernels = ClipCase.ENGINE.kernels();
    List<Tensor> p = head.stream().map(Parameter::data).toList();
    try (Tensor normed = kernels.list("norm", List.of(last.data()), p).getFirst();
        Tensor raw = kernels.one("project", List.of(last.data(), end), p)) {
      recorded.check(norm, normed, TOLERANCE);
      recorded.check(features + "_raw", raw, TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("executions")
  void featuresLogitsLossAndEveryGradientMatch(BlockExecution execution) throws IOException {
    try (Clip clip = model(execution);
        Tape tape = new Tape(ClipCase.ENGINE);
        Tensor pixels = ClipCase.tensor(recorded.inputs(), "image");
        Tensor ids = ClipCase.tensor(recorded.inputs(), "text")) {
      Value image = clip.imageFeatures(tape, pixels);
      Value text = clip.textFeatures(tape, ids);
      recorded.check("image_features", image.data(), TOLERANCE);
      recorded.check("text_features", text.data(), TOLERANCE);
      checkLogits(clip, image.data(), text.data());
      Value loss = PairLoss.CONTRASTIVE.of(tape, clip.logits(), image, text, List.of());
      recorded.check("clip_loss", loss.data(), TOLERANCE);
      var gradients = new TreeMap<String, float[]>();
      tape.backward(loss, (parameters, values) -> collect(gradients, parameters, values));
      recorded.checkGradients(clip, layout, gradients, TOLERANCE);
    }
  }

  private void checkLogits(Clip clip, Tensor image, Tensor text) throws IOException {
    List<Tensor> scale = List.of(clip.parameters().get("logit-scale").data());
    try (Tensor perImage = ClipCase.ENGINE.kernels().one("logits", List.of(image, text), scale);
        Tensor perText = ClipCase.ENGINE.kernels().one("logits", List.of(text, image), scale)) {
      recorded.check("logits_per_image", perImage, TOLERANCE);
      recorded.check("logits_per_text", perText, TOLERANCE);
    }
    recorded.check("logit_scale", scale.getFirst(), TOLERANCE);
    float exponential = (float) Math.exp(scale.getFirst().toFloat());
    ClipCase.check(
        "logit_scale_exp",
        new float[] {exponential},
        recorded.expected().floats("logit_scale_exp"),
        TOLERANCE);
  }

  static void collect(Map<String, float[]> into, List<Parameter> parameters, List<Tensor> values) {
    var found = new HashMap<String, float[]>();
    for (int i = 0; i < parameters.size(); i++) {
      try (Tensor value = values.get(i)) {
        found.put(parameters.get(i).name(), value.toFloats());
      }
    }
    into.putAll(found);
  }
}
