package dev.eosin.eval.activations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.SavedTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// States that other programs left, as torch recorded them.
class StoredActivationsTest {
  private static final Path RECORDED =
      Path.of(
          URI.create(
              Objects.requireNonNull(StoredActivationsTest.class.getResource("/activations"))
                  .toString()));
  private static final Optional<Path> TABLE = Optional.of(RECORDED.resolve("rows.csv"));

  @TempDir private Path home;

  private static float[] flat(float[][] states) {
    float[] all = new float[states.length * states[0].length];
    for (int row = 0; row < states.length; row++) {
      System.arraycopy(states[row], 0, all, row * states[0].length, states[0].length);
    }
    return all;
  }

  private static void assertSame(float[] found, float[] expected) {
    float largest = 1;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(found).containsExactly(expected, within(1e-6f * largest));
  }

  @Test
  void multimodalProbesLayersAreInTheOrderOfTheirNumbers() throws IOException {
    try (StoredTensors expected = StoredTensors.open(RECORDED.resolve("expected.safetensors"));
        StoredActivations probes = StoredActivations.open(RECORDED.resolve("probes"), TABLE);
        StoredActivations half = StoredActivations.open(RECORDED.resolve("half"), TABLE)) {
      long layers = expected.names().stream().filter(name -> name.startsWith("probes.")).count();
      assertThat(probes.layers()).hasSize((int) layers).startsWith(1, 2);
      for (int layer : probes.layers()) {
        assertSame(flat(probes.states(layer)), expected.floats("probes." + (layer - 1)));
      }
      assertThat(half.layers()).containsExactly(3, 11);
      for (int layer : half.layers()) {
        assertSame(flat(half.states(layer)), expected.floats("half." + (layer - 1)));
      }
      assertThat(probes.rows())
          .extracting(row -> row.label().orElseThrow() + row.split().orElseThrow())
          .containsExactly("0train", "1train", "2test", "0train", "1test", "2train");
      assertThat(probes.rows().getFirst().path()).isEqualTo("/data/kather/a 1.png");
    }
  }

  @Test
  void aTensorAloneIsReadAsTorchReadsIt() throws IOException {
    try (StoredTensors expected = StoredTensors.open(RECORDED.resolve("expected.safetensors"))) {
      SavedTensor whole = SavedTensor.read(RECORDED.resolve("whole.pt"));
      assertThat(whole.shape()).isEqualTo(expected.header("whole").shape());
      assertSame(whole.values(), expected.floats("whole"));
    }
    assertThatThrownBy(() -> SavedTensor.read(RECORDED.resolve("dictionary.pt")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("dictionary.pt: holds no tensor alone");
    assertThatThrownBy(() -> StoredTensors.open(RECORDED.resolve("whole.pt")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds no dictionary of tensors");
  }

  private void assertRefused(Path states, Optional<Path> table, String message) {
    assertThatThrownBy(
            () -> {
              try (StoredActivations opened = StoredActivations.open(states, table)) {
                opened.states(opened.layers().first());
              }
            })
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatDoesNotFitIsSaidInOneLine() throws IOException {
    Path probes = RECORDED.resolve("probes");
    assertRefused(probes, Optional.empty(), "its files do not say what their rows are; name their");
    assertRefused(home.resolve("none"), TABLE, "none: no such file or folder");
    assertRefused(home, TABLE, "holds no hidden states; files such as NAME.0.pt");
    Path shorter = Files.writeString(home.resolve("s.csv"), "filepaths,cat\na.png,0\nb.png,1\n");
    assertRefused(probes, Optional.of(shorter), "has the shape [6, 5]; a state for each of the 2");
    Path mixed = Files.createDirectories(home.resolve("mixed"));
    for (String name : List.of("a.0.pt", "b.1.pt")) {
      Files.copy(probes.resolve("tiles.0.pt"), mixed.resolve(name));
    }
    assertRefused(mixed, TABLE, "holds states of several: [a, b]; keep those of one");
    Path weights = home.resolve("w.safetensors");
    new SafetensorsWriter(Map.of()).add("head", TensorData.of(new float[6], 6)).write(weights);
    assertRefused(weights, TABLE, "holds no hidden states, which are named layer_01");
    Path bare = home.resolve("b.safetensors");
    var states = TensorData.of(new float[] {1, 2, 3, Float.NaN, 5, 6}, 6, 1);
    new SafetensorsWriter(Map.of()).add("layer_4", states).write(bare);
    assertRefused(bare, Optional.empty(), "does not say what its rows are; name their table");
    assertRefused(bare, TABLE, "layer 4 holds NaN for row 3, /data/kather/d.png");
    Path flags = Files.writeString(home.resolve("f.csv"), "filepaths,is_test\na.png,maybe\n");
    assertRefused(probes, Optional.of(flags), "line 2: is_test is 'maybe'; True or False");
  }
}
