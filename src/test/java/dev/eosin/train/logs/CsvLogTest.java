package dev.eosin.train.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.train.EvaluationReport;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvLogTest {
  private static final InstantSource NOON = () -> Instant.parse("2026-01-31T12:00:00Z");

  @TempDir private Path folder;

  private CsvLog open(long step, OptionalLong evaluated) throws IOException {
    return CsvLog.open(
        folder.resolve("log.csv"), folder.resolve("evaluations.csv"), step, evaluated, NOON);
  }

  private static StepReport report(long step, Map<String, Double> figures) {
    return new StepReport(
        step,
        2.5,
        1e-3,
        0.75,
        figures,
        80,
        step * 8,
        1,
        0.5,
        0.25,
        0.125,
        new LossScaling.None(),
        Optional.empty());
  }

  @Test
  void aRunThatGoesOnHasOneLineForEachUpdateAndEachFigure() throws IOException {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("recall.a,b", 0.5);
    metrics.put("loss", Double.NaN);
    try (CsvLog log = open(0, OptionalLong.empty())) {
      log.evaluation(new EvaluationReport(0, "tiles", metrics));
      for (int step = 1; step <= 3; step++) {
        log.step(report(step, Map.of("logit_scale", 14.25)));
      }
      log.evaluation(new EvaluationReport(3, "tiles", metrics));
      log.sync();
    }
    Files.writeString(folder.resolve("log.csv"), "4,2026-01", StandardOpenOption.APPEND);
    try (CsvLog log = open(2, OptionalLong.of(0))) {
      log.step(report(3, Map.of("logit_scale", 15.0, "itc", 1.0)));
    }
    assertThat(Files.readAllLines(folder.resolve("log.csv")))
        .containsExactly(
            "step,time,loss,lr,grad_norm,logit_scale,images_per_s,data_wait,samples,ranks,truncated,sampled,itc",
            "1,2026-01-31T12:00:00Z,2.5,0.001,0.75,14.25,80.0,0.5,8,1,0.25,0.125,",
            "2,2026-01-31T12:00:00Z,2.5,0.001,0.75,14.25,80.0,0.5,16,1,0.25,0.125,",
            "3,2026-01-31T12:00:00Z,2.5,0.001,0.75,15.0,80.0,0.5,24,1,0.25,0.125,1.0");
    assertThat(Files.readAllLines(folder.resolve("evaluations.csv")))
        .containsExactly(
            "step,time,evaluation,figure,value",
            "0,2026-01-31T12:00:00Z,tiles,\"recall.a,b\",0.5",
            "0,2026-01-31T12:00:00Z,tiles,loss,");
  }
}
