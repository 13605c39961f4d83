package dev.eosin.cli.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.Main;
import dev.eosin.cli.terminal.Colours;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.folders.RunOverview;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsCommandTest {
  private static final String RECIPE =
      """
      kind: clip
      model: { preset: %s, weights: { type: random } }
      optimizer: { type: adamw, lr: %s }
      schedule: { length: 40 steps }
      """;

  @TempDir private Path runs;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path stopped;
  private Path finished;

  @BeforeEach
  void writeRuns() throws IOException {
    stopped = run("plip/one", "vit-b-32", "0.001", "0.5");
    // A writer at work: its last line is not whole yet.
    Files.writeString(stopped.resolve("log.jsonl"), "{\"step\":3,\"lo", StandardOpenOption.APPEND);
    finished = run("plip/two", "vit-b-16", "0.002", "0.625");
    Files.createDirectory(finished.resolve("final"));
    Files.createDirectory(runs.resolve("not-a-run"));
  }

  private Path run(String name, String preset, String rate, String score) throws IOException {
    Path folder = Files.createDirectories(runs.resolve(name));
    Files.writeString(folder.resolve("recipe.yaml"), RECIPE.formatted(preset, rate));
    Files.writeString(
        folder.resolve("log.jsonl"),
        """
        {"step":0,"eval":"tiles","zero_shot_top1":0.1}
        {"step":1,"loss":3.0,"images_per_s":10.0}
        {"step":2,"loss":2.0,"images_per_s":30.0}
        {"step":2,"eval":"tiles","zero_shot_top1":%s,"zero_shot_top1_low":0.25,"zero_shot_top1_high":0.75}
        """
            .formatted(score));
    return folder;
  }

  private int eosin(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void everyRunIsListedWithItsStateAndNewestScores() {
    assertThat(eosin("runs", runs.toString())).isZero();
    assertThat(out.toString())
        .contains(
            stopped
                + "  stopped, vit-b-32, step 2 of 40 steps, training loss 2.5000, 30.0 images/s")
        .contains(finished + "  finished, vit-b-16")
        .contains("tiles at step 2: zero_shot_top1 0.6250 (0.2500-0.7500)")
        .doesNotContain("not-a-run");
  }

  @Test
  void onATerminalLinesFitAndStatesHaveColours() throws IOException {
    List<String> lines =
        new RunLines(new Colours(true), 60)
            .of(RunOverview.of(finished)).stream().flatMap(String::lines).toList();
    assertThat(lines)
        .hasSizeGreaterThan(2)
        .allMatch(line -> line.replaceAll("\u001b\\[[0-9;]*m", "").length() <= 60)
        .anyMatch(line -> line.contains("\u001b[32mfinished\u001b[0m"))
        .anyMatch(line -> line.contains("zero_shot_top1 0.6250 (0.2500-0.7500)"));
  }

  @Test
  void ofManyFiguresTheFirstAreToldAndHowManyThereAre() throws IOException {
    Files.writeString(
        finished.resolve("log.jsonl"),
        "{\"step\":2,\"eval\":\"pairs\",\"a\":1,\"a_low\":0,\"a_high\":2,\"b\":2,\"c\":3,\"d\":4,\"e\":5}\n",
        StandardOpenOption.APPEND);
    assertThat(eosin("runs", runs.toString())).isZero();
    assertThat(out.toString())
        .contains("pairs at step 2: a 1.0000 (0.0000-2.0000)  b 2.0000  c 3.0000  and 2 more\n");
  }

  @Test
  void aModelFromAFileIsNamedByIt() throws IOException {
    String recipe = Files.readString(stopped.resolve("recipe.yaml"));
    Files.writeString(
        stopped.resolve("recipe.yaml"),
        recipe.replace("preset: vit-b-32", "preset: null, config: models/own.json"));
    assertThat(eosin("runs", runs.toString())).isZero();
    assertThat(out.toString()).contains("stopped, models/own.json, step 2");
  }

  @Test
  void aRunThatAProcessHoldsIsTraining() throws IOException {
    try (FileChannel lock =
            FileChannel.open(
                stopped.resolve("run.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var held = lock.lock()) {
      assertThat(held.isValid()).isTrue();
      assertThat(eosin("runs", runs.toString(), "--json")).isZero();
    }
    JsonNode list = new ObjectMapper().readTree(out.toString());
    assertThat(list).hasSize(2);
    assertThat(list.get(0).path("state").asText()).isEqualTo("training");
    assertThat(list.get(1).path("evaluations").path("tiles").path("zero_shot_top1").asDouble())
        .isEqualTo(0.625);
  }

  @Test
  void twoRunsDifferInKeysAndScores() {
    assertThat(eosin("diff", stopped.toString(), finished.toString())).isZero();
    assertThat(out.toString().lines())
        .contains("model.preset: vit-b-32 -> vit-b-16", "optimizer.lr: 0.001 -> 0.002")
        .contains("training loss (mean of the last 100 steps)  2.5000 -> 2.5000")
        .contains("tiles.zero_shot_top1 at step 2  0.5000 -> 0.6250  (+0.1250)")
        .noneMatch(line -> line.contains("_low") || line.contains("_high"));
  }

  @Test
  void scoresOfSingleClassesAreLeftToTheLog() throws IOException {
    Files.writeString(
        stopped.resolve("log.jsonl"),
        """
        {"step":1,"loss":3.0,"images_per_s":10.0}
        {"step":1,"eval":"tiles","accuracy":0.75,"recall.red":0.5,"f1.red":0.6,"confusion":{"labels":["red","blue"],"rows":[[1,1],[0,2]]}}
        """);
    assertThat(eosin("runs", stopped.toString())).isZero();
    assertThat(out.toString()).contains("tiles at step 1: accuracy 0.7500").doesNotContain("red");
  }

  @Test
  void scoresOfDifferentStepsAreNotCompared() throws IOException {
    Files.writeString(
        finished.resolve("log.jsonl"), "{\"step\":7,\"eval\":\"tiles\",\"zero_shot_top1\":0.9}\n");
    assertThat(eosin("diff", stopped.toString(), finished.toString())).isZero();
    assertThat(out.toString())
        .contains("tiles  was never measured at the same step in both")
        .doesNotContain("0.9");
  }

  @Test
  void whatIsNoRunIsRefused() throws IOException {
    assertThat(eosin("runs", runs.resolve("absent").toString())).isEqualTo(ExitCode.DATA);
    assertThat(eosin("diff", stopped.toString(), runs.resolve("not-a-run").toString()))
        .isEqualTo(ExitCode.DATA);
    assertThat(err.toString().lines()).hasSize(2);
    assertThat(err.toString()).contains("no such folder").contains("holds no run");
  }

  @Test
  void aRunThatCannotBeReadIsNamedAndHidesNoOther() throws IOException {
    Files.writeString(stopped.resolve("recipe.yaml"), "kind: [clip");
    assertThat(eosin("runs", runs.toString())).isEqualTo(ExitCode.DATA);
    assertThat(out.toString()).contains(finished + "  finished, vit-b-16");
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith(stopped.resolve("recipe.yaml") + ": the stored recipe cannot be read: ");
  }
}
