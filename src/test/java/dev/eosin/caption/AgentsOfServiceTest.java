package dev.eosin.caption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.caption.MisbehavingService.Fault;
import dev.eosin.data.Source;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.revise.AgentChain;
import dev.eosin.revise.AgentChain.Shortening;
import dev.eosin.revise.AgentChain.Step;
import dev.eosin.revise.AgentFixture;
import dev.eosin.revise.AgentStep;
import dev.eosin.revise.Lexicon;
import dev.eosin.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// PathGen's chain by a service that fails on the way, and dies in the middle.
class AgentsOfServiceTest {
  private static final int TILES = 8;
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.load();

  @TempDir private Path folder;

  private static Source tiles() {
    return AgentFixture.tiles(
        IntStream.range(0, 2 * TILES)
            .mapToObj(i -> i % 2 == 0 ? "S_%d_0.png".formatted(i) : "")
            .toArray(String[]::new));
  }

  private PreparationReport run(Path into, MisbehavingService service) throws IOException {
    var client =
        new LlmClient(
            LlmFixture.settings(3),
            service.endpoint(LlmFixture.KEY),
            LlmFixture.patience(3, 20_000),
            InstantSource.system());
    Agent agent = Agent.service(LlmFixture.settings(3), client);
    var summary = new Step(new AgentStep(AgentStep.SUMMARISE, 50, AgentStep.Form.TEXT), agent);
    Lexicon facts = Lexicon.shipped(Lexicon.PATHOLOGY);
    try (var chain =
        new AgentChain(
            tiles(),
            Optional.of(
                new Step(new AgentStep(AgentStep.DESCRIBE, 50, AgentStep.Form.TEXT), agent)),
            Optional.of(new Step(new AgentStep(AgentStep.REVISE, 50, AgentStep.Form.TEXT), agent)),
            Optional.of(new Shortening(summary, TOKENIZER, 77, 2, facts)))) {
      var work = new PreparationSettings(2, Failed.OPEN, 3, Limits.NONE);
      return new PreparationRun(into, chain, work, 7).run(progress -> {}, () -> false);
    }
  }

  @Test
  void aServiceThatFailsAtEveryFirstRequestGivesTheSame() throws IOException {
    List<Fault> kinds =
        List.of(
            new Fault.Status(429, "{}", Map.of("Retry-After", "0")),
            new Fault.Cut(true),
            new Fault.Body("<html>"),
            new Fault.Reset());
    try (MisbehavingService well = MisbehavingService.start();
        MisbehavingService ill =
            MisbehavingService.start(
                request ->
                    new ArrayDeque<>(
                        List.of(
                            kinds.get(
                                Math.floorMod(request.toString().hashCode(), kinds.size())))))) {
      Path reference = folder.resolve("well");
      Path other = folder.resolve("ill");
      assertThat(run(reference, well).end()).isEqualTo(End.FINISHED);
      assertThat(run(other, ill).end()).isEqualTo(End.FINISHED);
      assertThat(well.paid()).hasSize(3 * TILES);
      assertThat(ill.paid().values()).hasSize(3 * TILES).allMatch(count -> count == 1);
      for (String file : List.of("pathgen.json", "agents.jsonl")) {
        assertThat(other.resolve(file)).hasSameBinaryContentAs(reference.resolve(file));
      }
    }
  }

  @Test
  void aServiceThatDiesInTheMiddleLosesNothing() throws IOException {
    AtomicInteger alive = new AtomicInteger(11);
    try (MisbehavingService whole = MisbehavingService.start();
        MisbehavingService dying = MisbehavingService.start(request -> dead(alive));
        MisbehavingService next = MisbehavingService.start()) {
      Path reference = folder.resolve("whole");
      assertThat(run(reference, whole).end()).isEqualTo(End.FINISHED);
      Path cut = folder.resolve("cut");
      PreparationReport report = run(cut, dying);
      assertThat(report.end()).isIn(End.FAILING, End.ROWS_OPEN);
      assertThat(dying.paid()).hasSize(11);
      assertThat(report.funnel().open()).isPositive();
      assertThat(cut.resolve("pathgen.json")).doesNotExist();

      assertThat(run(cut, next).end()).isEqualTo(End.FINISHED);
      assertThat(next.paid()).hasSize(3 * TILES - 11).doesNotContainKeys(keys(dying));
      for (String file : List.of("pathgen.json", "agents.jsonl")) {
        assertThat(cut.resolve(file)).hasSameBinaryContentAs(reference.resolve(file));
      }
    }
  }

  private static String[] keys(MisbehavingService service) {
    return service.paid().keySet().toArray(String[]::new);
  }

  /// Resets every connection once so many different requests were answered.
  private static Queue<Fault> dead(AtomicInteger alive) {
    Queue<Fault> faults = new ArrayDeque<>();
    if (alive.getAndDecrement() <= 0) {
      for (int i = 0; i < 100; i++) {
        faults.add(new Fault.Reset());
      }
    }
    return faults;
  }
}
