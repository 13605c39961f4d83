package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin merge`: interpolation, averages, and what is refused.
class MergeCommandTest {
  private final ParityCase parity = ParityCase.open("hf-clip-plip");
  private final Path model = parity.file("model.safetensors");
  @TempDir private Path folder;

  @Test
  void twoModelsOfDifferentLayoutsAreInterpolated() throws IOException {
    Path other = scaled("other.safetensors", 3);
    Path out = folder.resolve("out.safetensors");
    assertThat(CommandRun.of("merge", model, other, "--weight", "0.25", "--out", out).code())
        .isZero();
    // 0.75 x + 0.25 (3 x) = 1.5 x, exact in double precision and rounded once.
    assertEveryTensorIs(out, 1.5);
  }

  @Test
  void modelsAreAveraged() throws IOException {
    Path out = folder.resolve("out");
    CommandRun run =
        CommandRun.of(
            "merge",
            parity.folder(),
            scaled("a.safetensors", 2),
            scaled("b.safetensors", 6),
            scaled("c.safetensors", -1),
            "--out",
            out);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("4 models merged");
    assertThat(out.resolve("config.json")).exists();
    assertEveryTensorIs(out.resolve("model.safetensors"), 2);
  }

  @Test
  void theEndsOfTheInterpolationAreTheModelsThemselves() throws IOException {
    Path other = scaled("other.safetensors", 3);
    Path out = folder.resolve("out.safetensors");
    assertThat(CommandRun.of("merge", model, other, "--weight", "0", "--out", out).code()).isZero();
    assertEveryTensorIs(out, 1);
    CommandRun.of("merge", model, other, "--weight", "1", "--replace", "--out", out);
    assertEveryTensorIs(out, 3);
  }

  @Test
  void anotherArchitectureIsRefusedWithTheReport() {
    Path other = parity.beside("hf-clip-neweos").folder();
    Path out = folder.resolve("out");
    CommandRun run = CommandRun.of("merge", parity.folder(), other, "--out", out);
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err())
        .startsWith("eosin: " + other + ": is not of the architecture of " + parity.folder())
        .containsPattern(
            ":\\R  it has     an image tower of .*\\R  the other  an image tower of .*\\R\\d+ missing")
        .contains("of another shape", "more");
    assertThat(run.err().lines().mapToInt(line -> 1 + line.length() / 80).sum())
        .as("rows of a terminal of 80 columns")
        .isLessThanOrEqualTo(20 + parity.folder().toString().length() / 40);
    assertThat(out).doesNotExist();
  }

  @Test
  void numbersThatAreNotFiniteAreRefusedByName() throws IOException {
    Path bad = scaled("bad.safetensors", Float.NaN);
    Path out = folder.resolve("out.safetensors");
    CommandRun run = CommandRun.of("merge", model, bad, "--out", out);
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err())
        .startsWith("eosin: " + bad + ": every embedding of these weights would be NaN")
        .contains("\n  logit_scale: 1 NaN of 1 numbers", "... and ");
    assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(20);
    assertThat(out).doesNotExist();
  }

  @Test
  void weightIsForTwoModelsAndBetweenZeroAndOne() {
    Path out = folder.resolve("out");
    assertThat(CommandRun.of("merge", model, model, model, "--weight", "0.5", "--out", out).code())
        .isEqualTo(ExitCode.USAGE);
    CommandRun outside = CommandRun.of("merge", model, model, "--weight", "1.5", "--out", out);
    assertThat(outside.code()).isEqualTo(ExitCode.USAGE);
    assertThat(outside.err()).contains("1.5 is not between 0 and 1");
  }

  /// The model under open_clip's names, every number multiplied.
  private Path scaled(String name, float factor) throws IOException {
    Path file = folder.resolve(name);
    try (StoredTensors tensors = StoredTensors.open(parity.file("model.openclip.safetensors"))) {
      SafetensorsWriter writer = new SafetensorsWriter(Map.of());
      for (String each : tensors.names()) {
        float[] values = tensors.floats(each);
        for (int i = 0; i < values.length; i++) {
          values[i] *= factor;
        }
        writer.add(each, TensorData.of(values, tensors.entry(each).dimensions()));
      }
      writer.write(file);
    }
    return file;
  }

  private void assertEveryTensorIs(Path merged, double factor) throws IOException {
    try (StoredTensors result = StoredTensors.open(merged);
        StoredTensors source = StoredTensors.open(model)) {
      Set<String> weights = new TreeSet<>(source.names());
      weights.removeIf(name -> name.endsWith(".position_ids"));
      assertThat(result.names()).isNotEmpty().isEqualTo(weights);
      for (String name : weights) {
        double[] expected = source.entry(name).doubles();
        double[] found = result.entry(name).doubles();
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
          double value = factor * expected[i];
          assertThat(found[i]).as(name).isCloseTo(value, within(Math.abs(value) * 2e-7));
        }
      }
    }
  }
}
