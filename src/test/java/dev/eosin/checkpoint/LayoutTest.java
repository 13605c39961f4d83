package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.clip.spec.ClipLayouts;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutTest {
  private static final Layout LAYOUT = ClipLayouts.openClip(1, 1);
  @TempDir Path folder;

  @Test
  void everyDifferenceIsReportedAtOnce() throws IOException {
    Map<String, List<Long>> shapes = new HashMap<>();
    LAYOUT.rules().forEach(rule -> shapes.put(rule.name(), List.of(2L)));
    shapes.remove("logit-bias");
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter writer = new SafetensorsWriter(Map.of());
    for (TensorRule rule : LAYOUT.rules()) {
      if (!Set.of("visual.proj", "ln_final.bias", "logit_bias")
          .contains(rule.foreignNames().getFirst())) {
        writer.add(rule.foreignNames().getFirst(), TensorData.of(new float[2], 2));
      }
    }
    writer
        .add("head.weight", TensorData.of(new float[2], 2))
        .add("attn_mask", TensorData.of(new float[4], 2, 2))
        .add("text.embeddings.position_ids", TensorData.of(new long[4], 1, 4))
        .write(file);
    shapes.put("logit-scale", List.of());

    try (StoredTensors stored = StoredTensors.open(file)) {
      assertThatThrownBy(() -> LAYOUT.read(stored, shapes))
          .isInstanceOf(DataException.class)
          .hasMessage(
              """
              %s: does not hold the weights of this model as open_clip (1 image and 1 text layers): \
              2 missing, 1 unknown, 1 of another shape or type
                missing  visual.proj
                missing  ln_final.bias
                unknown  head.weight
                differs  logit_scale is F32 [2], expected floating-point []"""
                  .formatted(file));
    }
  }

  @Test
  void everyLayoutGivesBackWhatItWrote() throws IOException {
    Map<String, TensorData> tensors = model();
    tensors.remove("logit-bias");
    for (Layout layout :
        List.of(LAYOUT, ClipLayouts.huggingFaceClip(1, 1), ClipLayouts.eosin(1, 1))) {
      Path file = folder.resolve("model.safetensors");
      layout.write(tensors, Map.of()).write(file);

      try (StoredTensors read = layout.read(StoredTensors.open(file), shapes(tensors))) {
        assertThat(read.names()).isEqualTo(new TreeSet<>(tensors.keySet()));
        for (Map.Entry<String, TensorData> tensor : tensors.entrySet()) {
          assertThat(read.floats(tensor.getKey())).isEqualTo(tensor.getValue().floats());
        }
      }
    }
  }

  @Test
  void anOptionalTensorIsReadWhereTheModelHasOne() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Map<String, TensorData> tensors = model();
    LAYOUT.write(tensors, Map.of()).write(file);
    Map<String, List<Long>> withoutBias = shapes(tensors);
    withoutBias.remove("logit-bias");

    try (StoredTensors stored = StoredTensors.open(file)) {
      assertThat(LAYOUT.read(stored, shapes(tensors)).names()).contains("logit-bias");
      assertThat(LAYOUT.read(stored, Map.of()).names()).contains("logit-bias");
      assertThat(LAYOUT.check(stored, withoutBias).extra()).containsExactly("logit_bias");
    }
  }

  @Test
  void aLogitBiasDoesNotFitIntoAClipModel() {
    Map<String, TensorData> tensors = model();

    assertThatThrownBy(() -> ClipLayouts.huggingFaceClip(1, 1).write(tensors, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CLIPModel")
        .hasMessageContaining("cannot hold logit-bias");
  }

  @Test
  void unlikePartsOfAStackAreRefused() throws IOException {
    Layout layout = ClipLayouts.huggingFaceClip(1, 1);
    Map<String, TensorData> tensors = model();
    tensors.remove("logit-bias");
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter writer = new SafetensorsWriter(Map.of());
    for (TensorRule rule : layout.rules()) {
      for (String name : rule.foreignNames()) {
        int size = name.contains("k_proj") ? 3 : 2;
        writer.add(name, TensorData.of(new float[size], size));
      }
    }
    writer.write(file);

    try (StoredTensors read = layout.read(StoredTensors.open(file), Map.of())) {
      assertThatThrownBy(() -> read.entry("image.blocks.0.attention.query-key-value.weight"))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("they must be alike");
    }
  }

  /// One block per tower; every tensor is a small matrix, but for the scalars.
  private static Map<String, TensorData> model() {
    Map<String, TensorData> tensors = new HashMap<>();
    for (TensorRule rule : LAYOUT.rules()) {
      int seed = rule.name().hashCode();
      float[] values = {seed, seed + 1, seed + 2, seed + 3, seed + 4, seed + 5};
      tensors.put(
          rule.name(),
          rule.name().startsWith("logit-")
              ? TensorData.of(new float[] {seed})
              : TensorData.of(values, 3, 2));
    }
    return tensors;
  }

  private static Map<String, List<Long>> shapes(Map<String, TensorData> tensors) {
    return tensors.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().shape()));
  }
}
