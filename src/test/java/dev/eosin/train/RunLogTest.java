package dev.eosin.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {
  @TempDir Path folder;

  private static StepReport step(long step) {
    return new StepReport(step, 1.5, 1e-4, 0.3, 14.2, 10.12345, step * 8, 1, 0.1);
  }

  @Test
  void itsRowsHaveTheDocumentedKeysInOrder() throws IOException {
    Path file = folder.resolve("log.jsonl");
    try (RunLog log = RunLog.open(file, 0, OptionalLong.empty())) {
      log.evaluation(new EvaluationReport(0, "tiles", Map.of("zero_shot_top1", 0.125)));
      log.step(step(1));
    }
    assertThat(Files.readAllLines(file))
        .containsExactly(
            "{\"step\":0,\"eval\":\"tiles\",\"zero_shot_top1\":0.125}",
            "{\"step\":1,\"loss\":1.5,\"lr\":1.0E-4,\"grad_norm\":0.3,\"logit_scale\":14.2,"
                + "\"images_per_s\":10.123,\"samples\":8,\"ranks\":1}");
  }

  @Test
  void openingCutsBackToTheRestoredStepAndDropsATornLine() throws IOException {
    Path file = folder.resolve("log.jsonl");
    try (RunLog log = RunLog.open(file, 0, OptionalLong.empty())) {
      log.evaluation(new EvaluationReport(0, "tiles", Map.of("zero_shot_top1", 0.1)));
      for (int i = 1; i <= 5; i++) {
        log.step(step(i));
        log.evaluation(new EvaluationReport(i, "tiles", Map.of("zero_shot_top1", 0.1 * i)));
      }
    }
    Files.writeString(file, "{\"step\":6,\"lo", StandardOpenOption.APPEND);
    try (RunLog log = RunLog.open(file, 3, OptionalLong.of(2))) {
      log.step(step(4));
    }
    assertThat(Files.readAllLines(file))
        .hasSize(7)
        .last()
        .asString()
        .startsWith("{\"step\":4,\"loss\"");
    assertThat(Files.readString(file))
        .contains("\"step\":3,\"loss\"")
        .doesNotContain("\"step\":3,\"eval\"");
  }
}
