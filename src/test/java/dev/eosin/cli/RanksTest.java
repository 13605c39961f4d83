package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.SmallRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The real program on several ranks, with the MPIs that are installed.
class RanksTest {
  private static final int COMPARED = 20;
  private static final String[] LONGER = {
    "schedule.length=24 steps", "output.checkpoint-every=1_000 steps", "evaluate=[]"
  };
  private static final String[] ENDLESS = {
    "schedule.length=1_000_000 steps",
    "output.checkpoint-every=1_000_000 steps",
    "evaluate=[]",
    "--collective-limit=3 s"
  };

  @TempDir Path home;

  private static List<JsonNode> steps(SmallRun run) throws Exception {
    return run.rows().stream().filter(row -> !row.has("eval")).toList();
  }

  private static void assertSameLosses(SmallRun run, SmallRun alone) throws Exception {
    List<JsonNode> found = steps(run);
    List<JsonNode> expected = steps(alone);
    assertThat(found).hasSameSizeAs(expected);
    for (int step = 0; step < COMPARED; step++) {
      double loss = expected.get(step).get("loss").asDouble();
      assertThat(found.get(step).get("loss").asDouble())
          .as("step %d", step + 1)
          .isCloseTo(loss, within((step == 0 ? 1e-5 : 1e-4) * loss));
    }
  }

  /// Stopped on three ranks of Open MPI by a signal to one, gone on with on two of MPICH.
  @Test
  void otherRanksAndAnotherMpiGoOnWithTheSameLosses() throws Exception {
    SmallRun alone = SmallRun.in(home.resolve("alone"));
    SmallRun run = alone.copyTo(home.resolve("ranks"));
    try (RankedProcess three = RankedProcess.start("mpirun.openmpi", 3, run, LONGER)) {
      three.awaitStep(3);
      three.signal(2, "USR1");
      assertThat(three.exitCode()).as(three.messages()).isNotZero();
      assertThat(three.messages()).contains("stopped after step", "SIGUSR1: stops after");
    }
    assertThat(run.checkpointSteps()).hasSize(1).containsExactly(run.lastLoggedStep());
    JsonNode first = steps(run).getFirst();
    assertThat(first.get("rank_samples").toString()).isEqualTo("[2,3,3]");
    assertThat(first.get("weights").asText()).hasSize(8);
    try (RankedProcess two = RankedProcess.start("mpirun.mpich", 2, run, LONGER)) {
      assertThat(two.exitCode()).as(two.messages()).isZero();
    }
    assertThat(steps(run).getLast().get("rank_samples").toString()).isEqualTo("[4,4]");
    assertThat(run.folder().resolve("finished.json")).content().contains("\"ranks\" : 2");
    assertThat(run.folder().resolve("ranks")).doesNotExist();
    alone.train(LONGER);
    assertSameLosses(run, alone);
  }

  /// Sums for one rank and broadcasts from each, through both MPIs; then gone on with in one
  // process.
  @ParameterizedTest
  @CsvSource({"mpirun.openmpi, 3", "mpirun.mpich, 2"})
  void ranksShareTheStateOfTheOptimiser(String starter, int ranks) throws Exception {
    SmallRun alone = SmallRun.in(home.resolve("alone"));
    SmallRun run = alone.copyTo(home.resolve("shared"));
    String[] shared = Arrays.copyOf(LONGER, LONGER.length + 1);
    shared[LONGER.length] = "compute.sharding=optimizer";
    try (RankedProcess several = RankedProcess.start(starter, ranks, run, shared)) {
      several.awaitStep(3);
      several.signal(ranks - 1, "USR1");
      assertThat(several.exitCode()).as(several.messages()).isNotZero();
    }
    assertThat(run.checkpointSteps()).hasSize(1).containsExactly(run.lastLoggedStep());
    run.train(LONGER);
    alone.train(LONGER);
    assertSameLosses(run, alone);
  }

  private static final String EVALUATION =
      """
      kind: clip-evaluation
      seed: 7
      compute: { device: cpu, threads: 1 }
      model: { config: "%s", weights: { type: open-clip, path: "%s" } }
      data:
        train: { type: synthetic, split: train, samples: 8, tile: 32 px }
        validation: { type: synthetic, split: validation, samples: 17, tile: 32 px }
        image: { size: 32 px }
        text: { length: 16 }
      batch: { global: 4 }
      precision: fp32
      evaluate:
        - { type: zero-shot, name: tiles, prompts: ["An H&E image of {}."], every: 1 steps, bootstrap: 10 }
        - { type: validation, name: pairs, every: 1 steps }
      output: { dir: "%s" }
      """;

  /// Seventeen samples in batches of four: two ranks have unlike parts of them.
  @Test
  void anEvaluationIsSharedAndSaysWhatOneProcessSays() throws Exception {
    SmallRun run = SmallRun.in(home.resolve("model"));
    run.train("schedule.length=1 steps", "evaluate=[]");
    Path weights = run.folder().resolve("final/open_clip_model.safetensors");
    List<JsonNode> found = new ArrayList<>();
    for (int ranks = 1; ranks <= 2; ranks++) {
      Path out = home.resolve("results-" + ranks);
      Path recipe = home.resolve("evaluation-%d.yaml".formatted(ranks));
      Path model = run.recipe().resolveSibling("model.json");
      Files.writeString(recipe, EVALUATION.formatted(model, weights, out));
      try (RankedProcess job = RankedProcess.of("evaluate", "mpirun.openmpi", ranks, recipe, out)) {
        assertThat(job.exitCode()).as(job.messages()).isZero();
      }
      found.add(new ObjectMapper().readTree(out.resolve("evaluation.json").toFile()));
    }
    assertThat(found.get(0).get("evaluations").get("tiles").size()).isPositive();
    assertThat(found.get(1)).isEqualTo(found.get(0));
  }

  private static final String PREPARATION =
      """
      kind: pairs
      seed: 7
      pairs: { path: "%s", key: id, image: image, caption: caption, min-words: 2, max-words: 400 }
      work: { parallel: 2 }
      output: { dir: "%s" }
      """;

  /// More rows than three ranks have room for at once, and one that is left out; killed, then gone
  /// on with in one process.
  @Test
  void aPreparationIsSharedAndGoneOnWith() throws Exception {
    int rows = 20_000;
    var table = new StringBuilder();
    for (int row = 0; row < rows; row++) {
      String caption = row == 5 ? "short" : "Tissue number %d of many".formatted(row);
      table.append(
          "{\"id\":%d,\"image\":\"%d.png\",\"caption\":\"%s\"}%n".formatted(row, row, caption));
    }
    Path pairs = Files.writeString(home.resolve("pairs.jsonl"), table);
    Path alone = home.resolve("alone");
    CommandRun whole = CommandRun.of("prepare", preparation("alone", pairs, alone));
    assertThat(whole.code()).as(whole.err()).isZero();
    Path shared = home.resolve("shared");
    Path recipe = preparation("shared", pairs, shared);
    try (RankedProcess three = RankedProcess.of("prepare", "mpirun.mpich", 3, recipe, shared)) {
      three.awaitMessage("row ");
      three.signal(1, "KILL");
      assertThat(three.exitCode(30)).as(three.messages()).isNotZero();
    }
    assertThat(shared.resolve("funnel.json")).doesNotExist();
    try (RankedProcess two = RankedProcess.of("prepare", "mpirun.openmpi", 2, recipe, shared)) {
      assertThat(two.exitCode()).as(two.messages()).isZero();
      assertThat(two.messages()).contains("kept %d".formatted(rows - 1));
    }
    for (String file : List.of("pairs.jsonl", "rejects.jsonl", "funnel.json")) {
      assertThat(shared.resolve(file)).hasSameBinaryContentAs(alone.resolve(file));
    }
    assertThat(shared.resolve("ledger-rank-00001.jsonl")).doesNotExist();
  }

  private Path preparation(String name, Path pairs, Path out) throws Exception {
    return Files.writeString(home.resolve(name + ".yaml"), PREPARATION.formatted(pairs, out));
  }

  @Test
  void aKilledRankEndsAllOfThem() throws Exception {
    SmallRun run = SmallRun.in(home.resolve("killed"));
    try (RankedProcess two = RankedProcess.startItself(run, ranks(2, ENDLESS))) {
      two.awaitStep(2);
      two.signal(1, "KILL");
      assertThat(two.exitCode(30)).as(two.messages()).isNotZero();
    }
  }

  @Test
  void aStoppedRankIsNamedAndEndsAllOfThem() throws Exception {
    SmallRun run = SmallRun.in(home.resolve("stopped"));
    try (RankedProcess two = RankedProcess.start("mpirun.openmpi", 2, run, ENDLESS)) {
      two.awaitStep(2);
      two.signal(1, "STOP");
      assertThat(two.exitCode(60)).as(two.messages()).isNotZero();
      assertThat(two.messages())
          .contains("eosin: rank 0: waited more than 3 s in collective", "rank 1 diverged first");
    }
    assertThat(run.folder().resolve("ranks/rank-00000.json")).content().contains("\"began\"");
  }

  @Test
  void whatOneRankThrowsEndsAllOfThemWithItsMessage() throws Exception {
    SmallRun run = SmallRun.in(home.resolve("full"));
    // Open MPI's shared memory is a file, too: these two ranks speak through sockets.
    String full =
        "export OMPI_MCA_btl=self,tcp; [ $OMPI_COMM_WORLD_RANK = 0 ] && ulimit -f 1000; exec \"$@\"";
    String[] saving = {"schedule.length=1_000_000 steps", "output.checkpoint-every=1 steps"};
    try (RankedProcess two = RankedProcess.start("mpirun.openmpi", 2, full, run, saving)) {
      assertThat(two.exitCode()).as(two.messages()).isEqualTo(ExitCode.DATA);
      assertThat(two.messages()).contains("eosin: rank 0: " + run.folder());
    }
  }

  private static String[] ranks(int ranks, String... arguments) {
    String[] all = new String[arguments.length + 1];
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[0] = "--ranks=" + ranks;
    return all;
  }
}
