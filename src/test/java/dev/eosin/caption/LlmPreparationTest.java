package dev.eosin.caption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.caption.MisbehavingService.Fault;
import dev.eosin.config.DataException;
import dev.eosin.prepare.PreparationContract;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps.Service;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Paid answers over rows, from a service that fails at every first request: whatever happens, the
/// outputs are the same, and nothing that was recorded is paid for again.
class LlmPreparationTest extends PreparationContract {
  private static final Path TABLE = Path.of("src/test/resources/caption/tiles.jsonl");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LEDGER = "ledger.jsonl";

  @TempDir Path folder;

  private final List<AutoCloseable> opened = new ArrayList<>();
  // The contract makes hundreds of preparations: one client asks for all of them.
  private final List<LlmClient> shared = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    try {
      if (shared.isEmpty()) {
        shared.add(client(misbehaving()));
      }
      return new DescribedTiles(TABLE, LlmFixture.settings(3), shared.getFirst(), outside);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LlmClient client(MisbehavingService service) throws IOException {
    var client =
        new LlmClient(
            LlmFixture.settings(3),
            service.endpoint(LlmFixture.KEY),
            LlmFixture.patience(4, 20_000),
            InstantSource.system());
    opened.add(client);
    return client;
  }

  private MisbehavingService misbehaving() throws IOException {
    MisbehavingService service = MisbehavingService.start(LlmPreparationTest::faults);
    opened.add(service);
    return service;
  }

  /// Another failure for each request, at times two.
  private static Queue<Fault> faults(JsonNode request) {
    List<Fault> kinds =
        List.of(
            new Fault.Status(429, "{}", Map.of("Retry-After", "0")),
            new Fault.Status(500, "no", Map.of()),
            new Fault.Cut(true),
            new Fault.Body("<html>"),
            new Fault.Reset());
    int first = Math.floorMod(request.toString().hashCode(), kinds.size());
    Queue<Fault> faults = new ArrayDeque<>();
    faults.add(kinds.get(first));
    if (first % 2 == 0) {
      faults.add(kinds.get((first + 3) % kinds.size()));
    }
    return faults;
  }

  /// A run may be killed after any record: what the ledger then has is what was paid for and is
  /// kept, and the next run pays for the rest alone.
  @Test
  void noPaidAnswerIsPaidForAgainAfterAKillAtAnyRecord() throws IOException {
    MisbehavingService whole = misbehaving();
    Path reference = folder.resolve("whole");
    assertThat(run(reference, whole, Limits.NONE).end()).isEqualTo(End.FINISHED);
    assertThat(whole.paid().values()).hasSizeGreaterThan(10).allMatch(count -> count == 1);
    List<String> lines = Files.readAllLines(reference.resolve(LEDGER));
    for (int kept = 0; kept <= lines.size(); kept++) {
      Path killed = Files.createDirectory(folder.resolve("killed-" + kept));
      List<String> before = lines.subList(0, kept);
      Files.writeString(
          killed.resolve(LEDGER), before.isEmpty() ? "" : String.join("\n", before) + "\n");
      MisbehavingService service = misbehaving();
      assertThat(run(killed, service, Limits.NONE).end()).isEqualTo(End.FINISHED);
      assertThat(service.paid().values()).allMatch(count -> count == 1);
      assertThat(service.paid()).hasSize(whole.paid().size() - answers(before));
      assertThat(killed.resolve("described.jsonl"))
          .hasSameBinaryContentAs(reference.resolve("described.jsonl"));
    }
  }

  private static int answers(List<String> lines) throws IOException {
    int answers = 0;
    for (String line : lines) {
      answers += JSON.readTree(line.substring(line.indexOf(' ') + 1)).has("request") ? 1 : 0;
    }
    return answers;
  }

  @Test
  void theLedgerHasRequestsWithoutKeyAndPicturesAndWhatTheyCost() throws IOException {
    MisbehavingService service = MisbehavingService.start();
    opened.add(service);
    Path run = folder.resolve("run");
    PreparationReport report = run(run, service, Limits.NONE);
    String ledger = Files.readString(run.resolve(LEDGER));
    assertThat(ledger)
        .contains("pixels:sha256:")
        .contains("chatcmpl-1")
        .doesNotContain(LlmFixture.KEY)
        .doesNotContain("base64");
    long tokens = 0;
    for (JsonNode seen : service.seen().stream().map(MisbehavingService.Seen::body).toList()) {
      JsonNode content = seen.path("messages").path(1).path("content");
      String text = content.isTextual() ? content.asText() : content.path(1).path("text").asText();
      tokens += text.length() + 7;
    }
    assertThat(report.spent().calls()).isEqualTo(service.seen().size());
    assertThat(report.spent().tokens()).isEqualTo(tokens);
    long received = 7L * service.seen().size();
    assertThat(report.spent().money())
        .isCloseTo((2 * (tokens - received) + 8 * received) / 1e6, offset(1e-12));
  }

  private static org.assertj.core.data.Offset<Double> offset(double value) {
    return org.assertj.core.data.Offset.offset(value);
  }

  @Test
  void aBudgetOfTokensOrMoneyStopsCleanlyAndGoesOn() throws IOException {
    for (Limits limits :
        List.of(
            new Limits(Optional.empty(), Optional.of(2_300L), Optional.empty(), Optional.empty()),
            new Limits(
                Optional.empty(), Optional.empty(), Optional.of(0.0048), Optional.empty()))) {
      MisbehavingService service = MisbehavingService.start();
      opened.add(service);
      Path run = folder.resolve("budget-" + limits.tokens().isPresent());
      PreparationReport report = run(run, service, limits);
      assertThat(report.end()).isEqualTo(End.BUDGET_SPENT);
      assertThat(report.spent().calls()).isPositive();
      limits
          .tokens()
          .ifPresent(most -> assertThat(report.spent().tokens()).isLessThanOrEqualTo(most));
      limits
          .money()
          .ifPresent(most -> assertThat(report.spent().money()).isLessThanOrEqualTo(most));
      assertThat(run(run, service, Limits.NONE).end()).isEqualTo(End.FINISHED);
      assertThat(service.paid().values()).allMatch(count -> count == 1);
    }
  }

  @Test
  void aKeyThatIsNotAcceptedEndsTheRunAndNamesTheRow() throws IOException {
    MisbehavingService service = MisbehavingService.start();
    opened.add(service);
    Fault refused = new Fault.Status(401, "{\"error\":{\"message\":\"bad\"}}", Map.of());
    service.fail(refused, refused, refused, refused);
    assertThatThrownBy(() -> run(folder.resolve("run"), service, Limits.NONE))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("tiles.jsonl")
        .hasMessageContaining("set EOSIN_LLM_API_KEY");
  }

  @Test
  void aRowWithoutAnAnswerStaysOpenWithItsReason() throws IOException {
    MisbehavingService service =
        MisbehavingService.start(
            request -> {
              boolean fails = request.toString().contains("fat");
              Fault fault = new Fault.Status(503, "busy", Map.of());
              return new ArrayDeque<>(fails ? List.of(fault, fault, fault, fault) : List.of());
            });
    opened.add(service);
    Path run = folder.resolve("run");
    PreparationReport report = run(run, service, Limits.NONE);
    assertThat(report.end()).isEqualTo(End.ROWS_OPEN);
    assertThat(report.notes().toString())
        .contains("question fat: no answer in 4 attempts")
        .contains("answers 503");
    assertThat(run(run, service, Limits.NONE).end()).isEqualTo(End.FINISHED);
    assertThat(service.paid().values()).allMatch(count -> count == 1);
  }

  private PreparationReport run(Path into, MisbehavingService service, Limits limits)
      throws IOException {
    var settings = new PreparationSettings(2, Failed.OPEN, 50, limits);
    var preparation =
        new DescribedTiles(TABLE, LlmFixture.settings(3), client(service), one -> one);
    return new PreparationRun(into, preparation, settings, 7).run(progress -> {}, () -> false);
  }
}
