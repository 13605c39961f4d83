package dev.eosin.run.folders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.Run;
import dev.eosin.run.SmallRun;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.Trainer;
import dev.eosin.train.logs.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole runs on several ranks in this process.
class RankedRunTest {
  private static final long TO_THE_END = Long.MAX_VALUE;
  private static final String KEEP = "output.keep=9";

  @TempDir private Path home;
  private SmallRun alone;
  private SmallRun run;

  @BeforeEach
  void write() throws IOException {
    alone = SmallRun.in(home.resolve("alone"));
    run = alone.copyTo(home.resolve("ranks"));
  }

  /// @param updates of this call, after which one rank asks to stop
  private List<Trainer.End> train(
      int ranks, long updates, Optional<String> from, String... overrides) throws Exception {
    return LocalRanks.run(ranks, group -> train(group, updates, from, overrides));
  }

  private Trainer.End train(Group group, long updates, Optional<String> from, String... overrides)
      throws IOException {
    TrainableRecipe recipe = TrainableRecipe.read(run.recipe(), Arrays.asList(overrides));
    var notes = new SmallRun.Notes();
    try (RunFolder folder = open(group)) {
      Run whole =
          new Run(
              recipe, folder, "test", () -> notes.updates() >= updates, KernelListener.NONE, group);
      Run meant = from.isPresent() ? whole.from(FromCheckpoint.find(from.get(), folder)) : whole;
      return meant.run(
          (place, start, data) ->
              notes.beside(RunLog.open(place.log(), start.step(), start.lastEvaluatedStep())));
    }
  }

  private RunFolder open(Group group) throws IOException {
    Optional<RunFolder> first =
        group.isFirst() ? Optional.of(RunFolder.open(run.folder(), false)) : Optional.empty();
    group.meet(Group.Work.START_UP);
    return first.isPresent() ? first.get() : RunFolder.joined(run.folder());
  }

  private void assertLikeAlone() throws IOException {
    List<JsonNode> expected = alone.rows();
    List<JsonNode> found = run.rows();
    assertThat(found).hasSameSizeAs(expected);
    for (int row = 0; row < found.size(); row++) {
      assertThat(found.get(row).get("step")).isEqualTo(expected.get(row).get("step"));
      double loss = expected.get(row).path("loss").asDouble();
      assertThat(found.get(row).path("loss").asDouble())
          .as("row %d", row)
          .isCloseTo(loss, within(1e-4 * Math.abs(loss)));
    }
  }

  @Test
  void twoThenOneThenFourRanksMakeOneRun() throws Exception {
    alone.train();
    assertThat(train(2, 4, Optional.empty())).containsOnly(Trainer.End.STOPPED).hasSize(2);
    assertThat(run.checkpointSteps()).containsExactly(4L);
    assertThat(run.folder().resolve("finished.json")).doesNotExist();
    assertThat(train(1, 3, Optional.empty())).containsOnly(Trainer.End.STOPPED);
    assertThat(train(4, TO_THE_END, Optional.empty()))
        .containsOnly(Trainer.End.FINISHED)
        .hasSize(4);
    assertLikeAlone();
    List<Integer> ranks =
        run.rows().stream()
            .filter(row -> !row.has("eval"))
            .map(row -> row.get("ranks").asInt())
            .toList();
    assertThat(ranks).containsExactly(2, 2, 2, 2, 1, 1, 1, 4, 4, 4, 4, 4);
    assertThat(run.folder().resolve("finished.json")).content().contains("\"ranks\" : 4");
    assertThat(run.folder().resolve("final")).isDirectory();
    assertThat(Files.readAllLines(run.folder().resolve("log.jsonl"))).hasSize(alone.rows().size());
  }

  private static final String[] SHARED = {
    "compute.sharding=optimizer", "optimizer.clip-norm=null", "output.checkpoint-every=3 steps"
  };

  /// Without a norm to clip by, not even the order of additions differs.
  @ParameterizedTest
  @ValueSource(strings = {"optimizer", "gradients"})
  void ranksThatShareTheStateWriteTheSameCheckpoints(String shares) throws Exception {
    SmallRun whole = run.copyTo(home.resolve("whole"));
    train(2, TO_THE_END, Optional.empty(), "compute.sharding=" + shares, SHARED[1], SHARED[2]);
    SmallRun shared = run;
    run = whole;
    train(2, TO_THE_END, Optional.empty(), SHARED[1], SHARED[2]);
    for (String file : List.of("model.safetensors", "optimizer.safetensors", "state.json")) {
      assertThat(shared.checkpoint(12).resolve(file))
          .hasSameBinaryContentAs(whole.checkpoint(12).resolve(file));
    }
  }

  @Test
  void statesAreSharedAmongOtherRanksWhenARunGoesOn() throws Exception {
    alone.train(SHARED);
    assertThat(train(2, 4, Optional.empty(), SHARED)).containsOnly(Trainer.End.STOPPED);
    assertThat(train(1, 3, Optional.empty(), SHARED)).containsOnly(Trainer.End.STOPPED);
    assertThat(train(4, TO_THE_END, Optional.empty(), SHARED))
        .containsOnly(Trainer.End.FINISHED)
        .hasSize(4);
    assertLikeAlone();
  }

  /// Whole in size and in what they learned, whoever updated which.
  @Test
  void adaptersOfRanksThatShareTheStateAreWhole() throws Exception {
    String[] adapted = {
      "lora={rank: 4, alpha: 8}", "evaluate=[]", "compute.sharding=gradients", "ema={decay: 0.9}"
    };
    alone.train(adapted);
    train(3, TO_THE_END, Optional.empty(), adapted);
    Path file = Path.of("adapter/adapter_model.safetensors");
    try (SafetensorsFile expected = SafetensorsFile.open(alone.folder().resolve(file));
        SafetensorsFile found = SafetensorsFile.open(run.folder().resolve(file))) {
      assertThat(found.names()).isEqualTo(expected.names()).isNotEmpty();
      for (String name : found.names()) {
        float[] values = found.floats(name);
        assertThat(values).as(name).hasSameSizeAs(expected.floats(name));
        assertThat(IntStream.range(0, values.length).filter(i -> values[i] != 0).count())
            .as(name)
            .isGreaterThan(values.length / 2);
      }
    }
    assertLikeAlone();
  }

  @Test
  void theBestIsKeptAndTheRunEndsEarlyOnAllRanks() throws Exception {
    String[] settings = {
      "best={metric: pairs.loss, better: higher, export: best}",
      "stop-early={patience: 2}",
      "output.checkpoint-every=5 steps",
      "output.keep=1"
    };
    alone.train(settings);
    assertThat(train(2, TO_THE_END, Optional.empty(), settings))
        .containsOnly(Trainer.End.FINISHED)
        .hasSize(2);
    assertThat(run.checkpointSteps()).isEqualTo(alone.checkpointSteps()).containsExactly(0L, 6L);
    assertLikeAlone();
    assertThat(run.folder().resolve("final")).isDirectory();
  }

  @Test
  void allRanksGoBackToTheCheckpointThatIsNamed() throws Exception {
    alone.train(KEEP);
    train(2, TO_THE_END, Optional.empty(), KEEP);
    assertThat(run.checkpointSteps()).containsExactly(5L, 10L, 12L);
    assertThat(train(2, TO_THE_END, Optional.of("5"), KEEP))
        .containsOnly(Trainer.End.FINISHED)
        .hasSize(2);
    assertThat(run.checkpointSteps()).containsExactly(5L, 10L, 12L);
    assertLikeAlone();
  }

  @Test
  void moreRanksThanRowsAreRefused() {
    assertThatThrownBy(() -> train(2, TO_THE_END, Optional.empty(), "batch.global=1"))
        .hasMessageContaining("batch.global");
  }
}
