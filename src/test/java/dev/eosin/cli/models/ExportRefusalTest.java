package dev.eosin.cli.models;

import static dev.eosin.cli.models.OnnxExports.AT_THE_END;
import static dev.eosin.cli.models.OnnxExports.ENOUGH;
import static dev.eosin.cli.models.OnnxExports.onnx;
import static dev.eosin.cli.models.OnnxExports.tiles;
import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.Main;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.SmallRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What `eosin export` refuses, and that nothing is left then.
class ExportRefusalTest {
  @TempDir private static Path home;
  private static SmallRun run;
  private static Path tiles;
  @TempDir private Path folder;

  @BeforeAll
  static void train() throws IOException {
    run = SmallRun.in(home.resolve("run"));
    run.train(ENOUGH, AT_THE_END);
    tiles = tiles(home.resolve("tiles"), 520);
  }

  private void assertRefused(CommandRun refused, int code, String... words) throws IOException {
    OnnxExports.assertRefused(folder, refused, code, words);
  }

  @Test
  void whatCannotBeProvenIsNotWritten() throws IOException {
    Path out = folder.resolve("bundle");
    assertRefused(
        onnx(run.folder().resolve("final"), out),
        ExitCode.DATA,
        "is no run, so that nothing says which tiles it was not trained on; name some with --verify");
    assertRefused(
        onnx(run.folder(), out, "--verify", tiles(folder.resolve("few-tiles"), 20)),
        ExitCode.DATA,
        "has 20 tiles, and equality is proven on 512 or more");
    assertRefused(
        onnx(run.folder(), out, "--verify-tiles", "100"),
        ExitCode.USAGE,
        "100 tiles prove nothing");
    assertRefused(
        onnx(run.folder(), out, "--opset", "17"),
        ExitCode.USAGE,
        "opset 17 is none that graphs are written in; expected 18 to 21");
    SmallRun few = SmallRun.in(folder.resolve("few"));
    few.train();
    assertRefused(
        onnx(few.folder(), out),
        ExitCode.DATA,
        "data.validation of " + few.folder() + ": has 16 tiles",
        "--verify");
  }

  @Test
  void tilesThatCannotBeReadAreNamedAndMoreAreAskedFor() throws IOException {
    Path some = tiles(folder.resolve("some"), 520);
    Path broken = some.resolve("normal_mucosa/0001.png");
    Files.writeString(broken, "no image");
    assertRefused(
        onnx(run.folder(), folder.resolve("bundle"), "--verify", some),
        ExitCode.DATA,
        some + ": 511 tiles can be read and 1 cannot (the first: " + broken,
        "equality is proven on 512 or more; raise --verify-tiles");
  }

  /// One input of a linear is a thousand times as large as the others and the norm before it makes
  /// up for that: nothing changes in fp32, and 8 bits have no digits left for the others.
  @Test
  void graphsThatAreNotEqualAreNotWrittenAndTheirBlockIsNamed() throws IOException {
    Path model = folder.resolve("model");
    FileUtils.copyDirectory(run.folder().resolve("final").toFile(), model.toFile());
    Path file = model.resolve("open_clip_model.safetensors");
    var changed = new SafetensorsWriter(Map.of("format", "pt"));
    try (StoredTensors weights =
        StoredTensors.open(run.folder().resolve("final/" + file.getFileName()))) {
      for (String name : weights.names()) {
        float[] values = weights.floats(name).clone();
        long[] shape = weights.entry(name).dimensions();
        if (name.matches("visual\\.transformer\\.resblocks\\.1\\.ln_[12]\\.(weight|bias)")) {
          values[3] /= 5000;
        }
        if (name.matches(
            "visual\\.transformer\\.resblocks\\.1\\.(mlp\\.c_fc\\.|attn\\.in_proj_)weight")) {
          for (int i = 3; i < values.length; i += (int) shape[1]) {
            values[i] *= 5000;
          }
        }
        changed.add(name, TensorData.of(values, shape));
      }
      changed.write(file);
    }
    for (String other : List.of("model.safetensors", "config.json")) {
      Files.delete(model.resolve(other));
    }
    Path out = folder.resolve("bundle");
    assertRefused(
        onnx(model, out, "--verify", tiles, "--precision", "int8"),
        ExitCode.DATA,
        model + ": the int8 graphs are not equal to the model on " + tiles,
        "image.blocks.1 drifts most");
    CommandRun wide = onnx(model, out, "--verify", tiles);
    assertThat(wide.code()).as(wide.err()).isZero();
  }

  @Test
  void whatIsThereIsReplacedOnlyWhereThatIsAskedFor() throws IOException {
    Path there = Files.createDirectory(folder.resolve("there"));
    CommandRun refused = onnx(run.folder(), there);
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.err()).contains(there + ": is there already; --replace replaces it");
    assertThat(there).isEmptyDirectory();
    CommandRun itself = onnx(run.folder(), run.folder(), "--replace");
    assertThat(itself.code()).isEqualTo(ExitCode.DATA);
    assertThat(itself.err()).contains("is or holds " + run.folder() + ", which is read");
    assertThat(run.recipe()).exists();
    CommandRun over = onnx(run.folder(), tiles, "--replace", "--verify", tiles);
    assertThat(over.code()).isEqualTo(ExitCode.DATA);
    assertThat(over.err()).contains(tiles + ": is or holds " + tiles + ", which is read");
    assertThat(tiles).isNotEmptyDirectory();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFolderThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    assertRefused(
        onnx(run.folder(), file.resolve("b")),
        ExitCode.DATA,
        file.resolve("b") + ": cannot be written");
    Path locked =
        Files.createDirectory(
            folder.resolve("locked"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-xr-xr-x")));
    if (!Files.isWritable(locked)) { // the superuser may write anywhere
      assertRefused(
          onnx(run.folder(), locked.resolve("b")),
          ExitCode.DATA,
          "cannot be written: permission denied");
    }
  }

  /// The real program where the system refuses to write on in the middle of a graph, as a full disk
  /// does.
  @Test
  @EnabledOnOs(OS.LINUX)
  void aDiskThatIsFullLeavesNothing() throws Exception {
    Path out = folder.resolve("bundle");
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "ulimit -f 4096 && exec \"$@\"", "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx512m", "-XX:-UsePerfData"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("export", run.folder().toString(), "--to", "onnx", "--out"));
    command.add(out.toString());
    Path messages = folder.resolve("messages");
    Process process =
        new ProcessBuilder(command)
            .redirectError(messages.toFile())
            .redirectOutput(messages.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(messages);
    assertThat(process.exitValue()).as(said).isEqualTo(ExitCode.DATA);
    assertThat(said.lines().filter(line -> line.startsWith("eosin: ")))
        .containsExactly(
            "eosin: " + out.resolve("onnx/model.onnx") + ": cannot be written: File too large");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(messages);
    }
  }
}
