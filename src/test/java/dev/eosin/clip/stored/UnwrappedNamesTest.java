package dev.eosin.clip.stored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.ModelFiles;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.clip.spec.ClipLayouts;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnwrappedNamesTest {
  private static final List<Layout> LAYOUTS =
      List.of(
          ClipLayouts.openClip(2, 1), ClipLayouts.huggingFaceClip(2, 1), ClipLayouts.eosin(1, 2));

  @TempDir private Path folder;

  private static void add(SafetensorsWriter writer, Layout layout, UnaryOperator<String> wrapping) {
    for (TensorRule rule : layout.rules()) {
      for (String name : rule.foreignNames()) {
        writer.add(wrapping.apply(name), TensorData.of(new float[] {name.hashCode()}, 1));
      }
    }
  }

  private StoredTensors open(SafetensorsWriter writer) throws IOException {
    Path file = folder.resolve("model.safetensors");
    writer.write(file);
    return UnwrappedNames.open(file, ModelFiles.ANY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "_orig_mod.",
        "module.",
        "model.",
        "clip.",
        "module._orig_mod.",
        "_orig_mod.module.",
        "model.clip_model.",
        "a.b.c.d.",
        "state.module.model._orig_mod."
      })
  void whateverIsBeforeAllNamesIsTakenOffAndSaid(String prefix) throws IOException {
    for (Layout layout : LAYOUTS) {
      var writer = new SafetensorsWriter(Map.of());
      add(writer, layout, name -> prefix + name);
      try (StoredTensors file = open(writer)) {
        assertThat(layout.check(file, Map.of()).fits()).isTrue();
        for (String name : file.names()) {
          assertThat(file.floats(name)).containsExactly(name.hashCode());
        }
        assertThat(file.notes()).singleElement().asString().contains(prefix, "wrapped around");
      }
    }
  }

  @Test
  void wrappersOfPartsAreTakenOut() throws IOException {
    var writer = new SafetensorsWriter(Map.of());
    add(
        writer,
        LAYOUTS.getFirst(),
        name ->
            name.replace("visual.", "visual._orig_mod.")
                .replace("resblocks.0.", "resblocks.0._fsdp_wrapped_module."));
    try (StoredTensors file = open(writer)) {
      assertThat(LAYOUTS.getFirst().check(file, Map.of()).fits()).isTrue();
    }
  }

  @Test
  void namesOfAModelAndOfNoModelStayAsTheyAre() throws IOException {
    var model = new SafetensorsWriter(Map.of());
    add(model, LAYOUTS.getFirst(), name -> name);
    try (StoredTensors file = open(model)) {
      assertThat(file.notes()).isEmpty();
    }
    var other = new SafetensorsWriter(Map.of());
    other.add("model.weight", TensorData.of(new float[1], 1));
    try (StoredTensors file = open(other)) {
      assertThat(file.names()).containsExactly("model.weight");
    }
  }

  @Test
  void twoModelsAreRefusedInOneLine() {
    var writer = new SafetensorsWriter(Map.of());
    add(writer, LAYOUTS.getFirst(), name -> "model." + name);
    add(writer, LAYOUTS.getFirst(), name -> "ema." + name);
    assertThatThrownBy(() -> open(writer))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds 2 CLIP models, whose tensors' names begin with")
        .hasMessageContaining("'model.'")
        .hasMessageContaining("'ema.'")
        .message()
        .hasLineCount(1);
  }

  @Test
  void tensorsBesideAModelAreNamedInOneLine() {
    var writer = new SafetensorsWriter(Map.of());
    add(writer, LAYOUTS.getFirst(), name -> "model." + name);
    for (int i = 0; i < 9; i++) {
      writer.add("head." + i, TensorData.of(new float[1], 1));
    }
    int own = LAYOUTS.getFirst().rules().size();
    assertThatThrownBy(() -> open(writer))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "%d of its %d tensors, whose names begin with 'model.', are a CLIP model"
                .formatted(own, own + 9))
        .hasMessageContaining("the others (head.0, head.1, head.2 and 6 more) are not its")
        .message()
        .hasLineCount(1);
  }
}
