package dev.eosin.train.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepPhase;
import dev.eosin.train.StepReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Which calls a profile holds and what it makes of them.
class ProfilerTest {
  private static final int MILLI = 1_000_000;

  @Test
  void itMeasuresTheStepsAfterTheWarmUpAndNothingBetweenThem() throws IOException {
    var profiles = new ArrayList<Profile>();
    var profiler = new Profiler(2, profiles::add);
    for (int step = 1; step <= 8; step++) {
      assertThat(profiler.listens()).as("between steps").isFalse();
      for (StepPhase phase : StepPhase.values()) {
        profiler.begins(phase);
        if (profiler.listens()) {
          profiler.called("block", step, step + 1);
        }
      }
      profiler.step(report(step));
    }
    profiler.close();
    assertThat(profiles).hasSize(1);
    Profile profile = profiles.getFirst();
    assertThat(profile.steps()).isEqualTo(2);
    assertThat(profile.kernels()).hasSize(8);
    assertThat(profile.kernels().getFirst().started()).isEqualTo(Profiler.WARMUP_STEPS + 1);
    assertThat(profile.byPhase().stream().map(Profile.Total::name))
        .containsExactly("DATA", "FORWARD", "BACKWARD", "OPTIMISER");
    assertThat(profile.byPhase()).allMatch(total -> total.count() == 2);
  }

  @Test
  void aRunThatEndsEarlyTellsWhatWasMeasured() throws IOException {
    var profiles = new ArrayList<Profile>();
    try (var profiler = new Profiler(100, profiles::add)) {
      for (int step = 1; step <= 5; step++) {
        profiler.begins(StepPhase.DATA);
        profiler.step(report(step));
      }
    }
    assertThat(profiles.getFirst().steps()).isEqualTo(2);
  }

  @Test
  void sharesAreOfTheWholeTimeAndTheTraceHasEveryCall() throws IOException {
    var profile =
        new Profile(
            1,
            List.of(
                new Profile.Span("block", 5 * MILLI, 25 * MILLI),
                new Profile.Span("adamw", 30 * MILLI, 60 * MILLI),
                new Profile.Span("block", 70 * MILLI, 90 * MILLI)),
            List.of(
                new Profile.Span("FORWARD", 0, 60 * MILLI),
                new Profile.Span("BACKWARD", 60 * MILLI, 100 * MILLI)));
    assertThat(profile.coverage()).isCloseTo(0.7, within(1e-12));
    assertThat(profile.byKernel())
        .containsExactly(
            new Profile.Total("block", 2, 40 * MILLI), new Profile.Total("adamw", 1, 30 * MILLI));
    assertThat(profile.lines(1).getLast()).contains("block", "2", "40.00", "40.0 %", "20.000");
    JsonNode events = new ObjectMapper().readTree(profile.trace()).get("traceEvents");
    assertThat(events).hasSize(3 + 5);
    assertThat(events.findValuesAsText("ph").subList(0, 3)).containsOnly("M");
    assertThat(events.get(1).at("/args/name").asText()).isEqualTo("phases of a step");
    assertThat(events.get(2).at("/args/name").asText()).isEqualTo("kernels");
    assertThat(events.get(3).get("name").asText()).isEqualTo("forward");
    assertThat(events.get(3).get("tid")).isEqualTo(events.get(1).get("tid"));
    JsonNode block = events.get(5);
    assertThat(block.get("ph").asText()).isEqualTo("X");
    assertThat(block.get("ts").asDouble()).isEqualTo(5_000);
    assertThat(block.get("dur").asDouble()).isEqualTo(20_000);
  }

  private static StepReport report(long step) {
    return new StepReport(
        step,
        1,
        1,
        1,
        Map.of("logit_scale", 1.0),
        1,
        step,
        1,
        0,
        0,
        0,
        new LossScaling.None(),
        Optional.empty());
  }
}
