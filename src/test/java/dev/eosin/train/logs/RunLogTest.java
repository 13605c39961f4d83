package dev.eosin.train.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {
  private static final long LENGTH = 6;
  private static final int EVALUATE_EVERY = 2;
  private static final int SAVE_EVERY = 3;

  @TempDir Path folder;

  @Test
  void rowsHaveTheFieldsInTheirOrder() throws IOException {
    Path file = folder.resolve("run/log.jsonl");
    InstantSource noon = () -> Instant.parse("2026-01-31T12:00:00.120456Z");
    try (RunLog log = RunLog.open(file, 0, OptionalLong.empty(), noon)) {
      Map<String, Double> metrics = new LinkedHashMap<>();
      metrics.put("zero_shot_top1", 0.125);
      metrics.put("zero_shot_balanced_accuracy", 0.25);
      log.evaluation(new EvaluationReport(0, "tiles", metrics));
      log.step(
          new StepReport(
              1,
              2.5,
              1e-3,
              0.75,
              Map.of("logit_scale", 14.25),
              80.12345,
              64,
              1,
              0.5,
              0.25,
              0.125,
              new LossScaling.None(),
              Optional.empty()));
    }
    assertThat(Files.readAllLines(file))
        .containsExactly(
            "{\"step\":0,\"eval\":\"tiles\",\"zero_shot_top1\":0.125,\"zero_shot_balanced_accuracy\":0.25,\"time\":\"2026-01-31T12:00:00.120Z\"}",
            "{\"step\":1,\"loss\":2.5,\"lr\":0.001,\"grad_norm\":0.75,\"logit_scale\":14.25,"
                + "\"images_per_s\":80.123,\"data_wait\":0.5,\"samples\":64,\"ranks\":1,\"truncated\":0.25,\"sampled\":0.125,\"time\":\"2026-01-31T12:00:00.120Z\"}");
  }

  @Test
  void aNumberThatIsNotFiniteIsNull() throws IOException {
    Path file = folder.resolve("log.jsonl");
    try (RunLog log = RunLog.open(file, 0, OptionalLong.empty())) {
      log.evaluation(new EvaluationReport(0, "pairs", Map.of("loss", Double.NaN)));
    }
    assertThat(new ObjectMapper().readTree(Files.readString(file)).get("loss").isNull()).isTrue();
  }

  @Test
  void eachRowIsInTheFileAtOnce() throws IOException {
    Path file = folder.resolve("log.jsonl");
    try (RunLog log = RunLog.open(file, 0, OptionalLong.empty())) {
      for (int step = 1; step <= 3; step++) {
        log.step(report(step));
        log.sync();
        assertThat(Files.readAllLines(file)).hasSize(step);
      }
    }
  }

  @Test
  void aRunThatStartsAnewLeavesNothingOfTheOldLog() throws IOException {
    Path file = folder.resolve("log.jsonl");
    trainTo(file, state(0, OptionalLong.empty()), LENGTH);
    RunLog.open(file, 0, OptionalLong.empty()).close();
    assertThat(file).isEmptyFile();
  }

  @Test
  void anEvaluationAfterTheRestoredOnesIsDroppedThoughItsStepIsNot() throws IOException {
    Path file = folder.resolve("log.jsonl");
    trainTo(file, state(0, OptionalLong.empty()), LENGTH);
    RunLog.open(file, 4, OptionalLong.of(2)).close();
    assertThat(keys(file))
        .containsExactly("0 tiles", "0 pairs", "1", "2", "2 tiles", "2 pairs", "3", "4");
  }

  /// However much of the file a killed process left, and whichever checkpoint is restored, the
  /// resumed log has the rows of an uninterrupted run, once each.
  @Test
  void aLogTornAnywhereAndResumedEqualsAnUninterruptedOne() throws IOException {
    Path whole = folder.resolve("whole.jsonl");
    trainTo(whole, state(0, OptionalLong.empty()), LENGTH);
    byte[] bytes = Files.readAllBytes(whole);
    for (int kept = 0; kept <= bytes.length; kept++) {
      byte[] left = Arrays.copyOf(bytes, kept);
      List<String> rows = new String(left, StandardCharsets.UTF_8).lines().toList();
      for (long saved = 0; saved <= LENGTH; saved += SAVE_EVERY) {
        String last = lastRowBefore(saved);
        if (saved > 0 && !contains(rows, last)) {
          continue; // a checkpoint is saved only after the rows of its step
        }
        Path torn = folder.resolve("torn.jsonl");
        Files.write(torn, left);
        long evaluated = saved - saved % EVALUATE_EVERY;
        trainTo(
            torn,
            state(saved, saved == 0 ? OptionalLong.empty() : OptionalLong.of(evaluated)),
            LENGTH);
        assertThat(keys(torn)).isEqualTo(keys(whole));
      }
    }
  }

  @Test
  void bytesThatAreNoRowsAreDropped() throws IOException {
    Path file = folder.resolve("log.jsonl");
    trainTo(file, state(0, OptionalLong.empty()), 2);
    Files.write(file, new byte[] {0, 0, (byte) 0xC3, '\n', '{', '}'}, StandardOpenOption.APPEND);
    trainTo(file, state(2, OptionalLong.of(2)), 3);
    assertThat(keys(file)).endsWith("2 pairs", "3");
  }

  private record State(long step, OptionalLong evaluated) {}

  private static State state(long step, OptionalLong evaluated) {
    return new State(step, evaluated);
  }

  /// The order of a trainer: evaluate where due and not yet done, then step.
  private static void trainTo(Path file, State from, long length) throws IOException {
    try (RunLog log = RunLog.open(file, from.step, from.evaluated)) {
      OptionalLong evaluated = from.evaluated;
      for (long step = from.step; ; step++) {
        if (step % EVALUATE_EVERY == 0 && !evaluated.equals(OptionalLong.of(step))) {
          log.evaluation(new EvaluationReport(step, "tiles", Map.of("top1", 0.5)));
          log.evaluation(new EvaluationReport(step, "pairs", Map.of("loss", 0.5)));
          evaluated = OptionalLong.of(step);
        }
        if (step == length) {
          return;
        }
        log.step(report(step + 1));
      }
    }
  }

  /// The last row that is written before the checkpoint of a step.
  private static String lastRowBefore(long saved) {
    return saved % EVALUATE_EVERY == 0 ? saved + " pairs" : String.valueOf(saved);
  }

  private static boolean contains(List<String> rows, String key) {
    return rows.stream().filter(row -> row.endsWith("}")).anyMatch(row -> key(row).equals(key));
  }

  private static List<String> keys(Path file) throws IOException {
    return Files.readAllLines(file).stream().map(RunLogTest::key).toList();
  }

  private static String key(String row) {
    try {
      JsonNode json = new ObjectMapper().readTree(row);
      String step = json.get("step").asText();
      return json.has("eval") ? step + " " + json.get("eval").asText() : step;
    } catch (IOException e) {
      throw new AssertionError("not a row: " + row, e);
    }
  }

  private static StepReport report(long step) {
    return new StepReport(
        step,
        1.0 / step,
        1e-3,
        0.5,
        Map.of("logit_scale", 14.0),
        100,
        64 * step,
        1,
        0,
        0,
        0,
        new LossScaling.None(),
        Optional.empty());
  }
}
