package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A run that was interrupted in good order or by a failure ends as if nothing had happened.
class ResumeTest {
  @TempDir static Path home;
  private static SmallRun uninterrupted;

  @BeforeAll
  static void trainInOneGo() throws IOException {
    uninterrupted = SmallRun.in(home.resolve("uninterrupted"));
    assertThat(uninterrupted.train()).isEqualTo(Trainer.End.FINISHED);
  }

  @Test
  void theLogHasOneRowForEachUpdateAndEachEvaluation() throws IOException {
    assertThat(
            uninterrupted.rows().stream()
                .filter(row -> !row.has("eval"))
                .map(row -> row.get("step").asLong()))
        .isEqualTo(LongStream.rangeClosed(1, SmallRun.LENGTH).boxed().toList());
    assertThat(
            uninterrupted.rows().stream()
                .filter(row -> row.has("eval"))
                .map(row -> row.get("step") + " " + row.get("eval").asText()))
        .containsExactly(
            "0 tiles",
            "0 pairs",
            "3 pairs",
            "4 tiles",
            "6 pairs",
            "8 tiles",
            "9 pairs",
            "12 tiles",
            "12 pairs");
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "3, 5", "4, 1"})
  void aStoppedRunEndsLikeAnUninterruptedOne(int steps, int checkpointEvery, @TempDir Path place)
      throws IOException {
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    String cadence = "output.checkpoint-every=%d steps".formatted(checkpointEvery);
    var notes = new SmallRun.Notes();
    assertThat(run.train(steps, notes, cadence)).isEqualTo(Trainer.End.STOPPED);
    assertThat(run.checkpointSteps().getLast()).isEqualTo(steps);
    // What is due at that step waits until the run goes on.
    assertThat(run.rows()).noneMatch(row -> row.has("eval") && row.get("step").asLong() == steps);
    assertThat(notes.all()).last().asString().contains("stopped after step " + steps);

    run.train(2, notes, cadence);
    assertThat(run.train(cadence)).isEqualTo(Trainer.End.FINISHED);

    run.assertEndedLike(uninterrupted);
  }

  /// Step 0 asks before the tiles, before each of their two batches, then likewise for the pairs.
  @ParameterizedTest
  @ValueSource(ints = {3, 6})
  void aRunStoppedInAnEvaluationStopsThereAndRepeatsIt(int question, @TempDir Path place)
      throws IOException {
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    var asked = new AtomicInteger();
    var notes = new SmallRun.Notes();
    assertThat(run.train(() -> asked.incrementAndGet() >= question, notes))
        .isEqualTo(Trainer.End.STOPPED);
    assertThat(asked).hasValue(question);
    assertThat(notes.all()).last().isEqualTo("stopped after step 0, saved");
    assertThat(run.checkpointSteps()).containsExactly(0L);

    assertThat(run.train()).isEqualTo(Trainer.End.FINISHED);

    run.assertEndedLike(uninterrupted);
  }

  @ParameterizedTest
  @CsvSource({"1, 5", "8, 3"})
  void aRunThatDiesEndsLikeAnUninterruptedOne(int step, int checkpointEvery, @TempDir Path place)
      throws IOException {
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    String cadence = "output.checkpoint-every=%d steps".formatted(checkpointEvery);
    assertThatThrownBy(
            () -> run.train(SmallRun.TO_THE_END, SmallRun.Notes.dyingAfter(step), cadence))
        .hasMessage("died after step " + step);
    assertThat(run.lastLoggedStep()).isEqualTo(step);

    run.train(cadence);

    run.assertEndedLike(uninterrupted);
  }

  @Test
  void theNumberOfWorkersChangesNothing(@TempDir Path place) throws IOException {
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    run.train("data.workers=1");
    run.assertEndedLike(uninterrupted);

    SmallRun busy = uninterrupted.copyTo(place.resolve("busy"));
    busy.train(7, new SmallRun.Notes(), "data.workers=3");
    busy.train("data.workers=5");
    busy.assertEndedLike(uninterrupted);
  }

  @Test
  void aRunInPartsResumesToTheBitAndEndsNearTheWholeOne(@TempDir Path place) throws IOException {
    SmallRun whole = uninterrupted.copyTo(place.resolve("whole"));
    whole.train("batch.micro=3");
    SmallRun halves = uninterrupted.copyTo(place.resolve("halves"));
    halves.train(7, new SmallRun.Notes(), "batch.micro=3");
    halves.train("batch.micro=3");

    halves.assertEndedLike(whole);
    double loss = whole.rows().getLast().get("loss").asDouble();
    assertThat(loss).isCloseTo(uninterrupted.rows().getLast().get("loss").asDouble(), within(1e-3));
    SmallRun smaller = uninterrupted.copyTo(place.resolve("smaller"));
    smaller.train(7, new SmallRun.Notes());
    var notes = new SmallRun.Notes();
    smaller.train(SmallRun.TO_THE_END, notes, "batch.micro=5");
    assertThat(notes.all()).anyMatch(note -> note.contains("batch.micro"));
  }

  @Test
  void aRunThatRecomputesResumesToTheBitAndEndsNearTheOneThatKeeps(@TempDir Path place)
      throws IOException {
    String recompute = "compute.activations=recompute every 2 blocks";
    SmallRun whole = uninterrupted.copyTo(place.resolve("whole"));
    whole.train(recompute);
    SmallRun halves = uninterrupted.copyTo(place.resolve("halves"));
    halves.train(7, new SmallRun.Notes(), recompute);
    halves.train(recompute);

    halves.assertEndedLike(whole);
    double loss = whole.rows().getLast().get("loss").asDouble();
    assertThat(loss).isCloseTo(uninterrupted.rows().getLast().get("loss").asDouble(), within(1e-3));
  }

  @Test
  void aRunThatDropsPatchesResumesToTheBitWithAnyNumberOfWorkers(@TempDir Path place)
      throws IOException {
    String[] overrides = {"model.patch-dropout=0.5", "batch.micro=3"};
    SmallRun whole = uninterrupted.copyTo(place.resolve("whole"));
    whole.train(overrides);
    SmallRun halves = uninterrupted.copyTo(place.resolve("halves"));
    halves.train(
        7, new SmallRun.Notes(), "model.patch-dropout=0.5", "batch.micro=3", "data.workers=1");
    halves.train(overrides);

    halves.assertEndedLike(whole);
    SmallRun together = uninterrupted.copyTo(place.resolve("together"));
    together.train("model.patch-dropout=0.5");
    double loss = whole.rows().getLast().get("loss").asDouble();
    assertThat(together.rows().getLast().get("loss").asDouble()).isCloseTo(loss, within(1e-3));
    assertThat(whole.rows().getFirst()).isEqualTo(uninterrupted.rows().getFirst());
    assertThat(firstLoss(together)).isNotCloseTo(firstLoss(uninterrupted), within(1e-4));
  }

  private static double firstLoss(SmallRun run) throws IOException {
    return run.rows().stream()
        .filter(row -> !row.has("eval"))
        .findFirst()
        .orElseThrow()
        .get("loss")
        .asDouble();
  }

  @Test
  void aBf16RunLearnsAndResumesToTheBit(@TempDir Path place) throws IOException {
    SmallRun whole = uninterrupted.copyTo(place.resolve("whole"));
    String[] overrides = {"precision=bf16", "data.train.samples=8"};
    whole.train(overrides);
    SmallRun halves = uninterrupted.copyTo(place.resolve("halves"));
    halves.train(7, new SmallRun.Notes(), overrides);
    halves.train(overrides);

    halves.assertEndedLike(whole);
    List<Double> losses =
        whole.rows().stream()
            .filter(row -> !row.has("eval"))
            .map(row -> row.get("loss").asDouble())
            .toList();
    assertThat(losses.getLast()).isLessThan(losses.getFirst());
  }
}
