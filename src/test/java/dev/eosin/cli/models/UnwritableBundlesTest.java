package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.language.TinyLanguage;
import dev.eosin.run.ExportedRuns;
import dev.eosin.run.SmallRun;
import dev.eosin.vllm.TinyVisionLanguage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Of every family: where a bundle cannot be written, one line says why and nothing is left.
@EnabledOnOs(OS.LINUX)
class UnwritableBundlesTest {
  @TempDir private static Path home;
  private static Map<String, Path> models;
  private static Path tiles;
  private static Path questions;
  @TempDir private Path folder;

  @BeforeAll
  static void train() throws IOException {
    tiles = OnnxExports.tiles(home.resolve("tiles"), 512);
    questions = ExportedRuns.questions(home);
    SmallRun clip = SmallRun.in(home.resolve("clip"));
    clip.train("schedule.length=1 steps", "evaluate=[]");
    models = new LinkedHashMap<>();
    models.put("clip", clip.folder());
    models.put("llama", TinyLanguage.llama(home.resolve("llama"), Optional.empty()));
    models.put("t5", TinyLanguage.t5(home.resolve("t5")));
    models.put("llava", TinyVisionLanguage.in(home.resolve("llava")));
    models.put("reader", ExportedRuns.reader(Files.createDirectory(home.resolve("reader-run"))));
    models.put(
        "alignment", ExportedRuns.alignment(Files.createDirectory(home.resolve("alignment-run"))));
    models.put("albef", ExportedRuns.albef(Files.createDirectory(home.resolve("albef-run"))));
  }

  /// What a model is compared on.
  private static Path verify(String family) {
    return switch (family) {
      case "clip", "alignment", "albef" -> tiles;
      default -> questions;
    };
  }

  private void assertNothingLeft(Path... others) throws IOException {
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactlyInAnyOrder(others);
    }
  }

  /// The system refuses to write on in the middle of a graph, as a full disk does.
  @Test
  void aFullDiskLeavesNothing() throws Exception {
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "ulimit -f 48 && exec \"$@\"", "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx512m", "-XX:-UsePerfData"));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), ManyExports.class.getName()));
    for (Map.Entry<String, Path> model : models.entrySet()) {
      command.add(model.getValue().toString());
      command.add(verify(model.getKey()).toString());
      command.add(folder.resolve(model.getKey()).toString());
    }
    Path said = home.resolve("said");
    Path messages = home.resolve("messages");
    var builder =
        new ProcessBuilder(command).redirectOutput(said.toFile()).redirectError(messages.toFile());
    // What is remembered for the user may be larger than what may be written here.
    builder.environment().put("XDG_CACHE_HOME", home.resolve("cache").toString());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(said);
    assertThat(lines).as(Files.readString(messages)).hasSize(models.size());
    int next = 0;
    for (String family : models.keySet()) {
      assertThat(lines.get(next++))
          .matches(
              "%d eosin: %s/onnx/\\w+\\.onnx: cannot be written: File too large"
                  .formatted(ExitCode.DATA, folder.resolve(family)));
    }
    assertNothingLeft();
  }

  @Test
  void aPlaceThatIsNoFolderIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    for (Map.Entry<String, Path> model : models.entrySet()) {
      Path out = file.resolve("bundle");
      CommandRun run = OnnxExports.onnx(model.getValue(), out, "--verify", verify(model.getKey()));
      assertThat(run.code()).as(model.getKey()).isEqualTo(ExitCode.DATA);
      assertThat(run.err().lines().filter(line -> line.startsWith("eosin: ")))
          .as(model.getKey())
          .singleElement()
          .asString()
          .startsWith("eosin: " + out + ": cannot be written");
    }
    assertNothingLeft(file);
  }

  /// What no emitter knows is no model that Eosin opens.
  @Test
  void anOptionThatIsNotComputedIsNamed() throws IOException {
    Map<String, String> options =
        Map.of("t5", "feed_forward_proj", "llava", "projector_hidden_act", "llama", "hidden_act");
    for (Map.Entry<String, String> option : options.entrySet()) {
      Path other = Files.createDirectory(home.resolve("other-" + option.getKey()));
      try (Stream<Path> files = Files.list(models.get(option.getKey()))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          Files.copy(file, other.resolve(file.getFileName()));
        }
      }
      Path config = other.resolve("config.json");
      ObjectNode json = (ObjectNode) OnnxExports.json(config);
      Files.writeString(config, json.put(option.getValue(), "swish-of-another-kind").toString());
      OnnxExports.assertRefused(
          folder,
          OnnxExports.onnx(other, folder.resolve("bundle"), "--verify", verify(option.getKey())),
          ExitCode.DATA,
          config.toString(),
          option.getValue(),
          "swish-of-another-kind");
    }
    assertNothingLeft();
  }
}
