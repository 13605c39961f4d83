package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Seconds;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.RowSteps.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ToyCaptionsTest extends PreparationContract {
  private static final Path TABLE = Path.of("src/test/resources/prepare/toy-captions.jsonl");

  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    return toy(outside.apply(ToyCaptions::answer));
  }

  private static ToyCaptions toy(Service service) {
    return new ToyCaptions(TABLE, "Rewrite the caption.", service);
  }

  @Test
  void theOutputsAreInRowOrder() throws IOException {
    Path folder = scratch.resolve("toy");
    PreparationReport report = run(folder, toy(ToyCaptions::answer), settings(8));
    assertThat(report.spent().calls()).isEqualTo(12);
    assertThat(Files.readString(folder.resolve("captions.jsonl")).lines())
        .map(line -> line.substring(0, 10))
        .startsWith("{\"id\":\"a\",", "{\"id\":\"c\",", "{\"id\":\"e\",", "{\"id\":\"6\",")
        .endsWith("{\"id\":\"j\",");
    assertThat(Files.readString(folder.resolve(Outputs.REJECTS)))
        .startsWith(
            """
            {"row":1,"key":"b","reason":"too-short","detail":"Tumour"}
            {"row":3,"key":"d","reason":"refused","detail":"{\\"text\\":\\"\\",\\"finish\\":\\"filtered\\"}"}
            """);
  }

  /// A start that was refused leaves nothing behind.
  @Test
  void allRowsThatCannotBeReadAreFoundAtOnce() throws IOException {
    Path folder = scratch.resolve("toy");
    List<String> lines = new ArrayList<>(Files.readAllLines(TABLE));
    Path table = scratch.resolve("table.jsonl");
    lines.add(1, "{\"caption\": \"without a name\"}");
    Files.write(table, lines);
    assertThatThrownBy(() -> run(folder, over(table), settings(1)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            table
                + ": line 2: field 'id' is missing, expected the row's name, a text or a whole number");
    for (int i = 0; i < 24; i++) {
      lines.add(2 + i, i % 2 == 0 ? "no JSON" : "{\"id\": \" \"}");
    }
    Files.write(table, lines);
    assertThatThrownBy(() -> run(folder, over(table), settings(1)))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("25 rows cannot be prepared; nothing was begun:")
        .hasMessageContaining("line 2: field 'id'")
        .hasMessageContaining("line 21")
        .hasMessageEndingWith("and 5 more");
    assertThat(folder).doesNotExist();
    assertThat(Files.createDirectory(folder)).isEmptyDirectory();
    assertThatThrownBy(() -> run(folder, over(table), settings(1))).isNotNull();
    assertThat(folder).isEmptyDirectory();
  }

  private static ToyCaptions over(Path table) {
    return new ToyCaptions(table, "Rewrite the caption.", ToyCaptions::answer);
  }

  @Test
  void failedRowsAreRejectedWhereTheSettingsSaySo() throws IOException {
    Path folder = scratch.resolve("toy");
    var settings = new PreparationSettings(3, Failed.REJECT, 50, Limits.NONE);
    assertThat(run(folder, toy(failing("Mitosis")), settings).end()).isEqualTo(End.FINISHED);
    assertThat(Files.readString(folder.resolve(Outputs.REJECTS)))
        .contains("{\"row\":5,\"key\":\"6\",\"reason\":\"failed\",\"detail\":\"no answer\"}");
  }

  @Test
  void aServiceThatIsDownRejectsNothingAndEndsTheRun() throws IOException {
    Path folder = scratch.resolve("toy");
    var settings = new PreparationSettings(2, Failed.REJECT, 3, Limits.NONE);
    PreparationReport report = run(folder, toy(failing("")), settings);
    assertThat(report.end()).isEqualTo(End.FAILING);
    assertThat(report.funnel().rejected()).containsEntry(FailedRows.REASON, 0L);
    assertThat(report.notes().getFirst()).contains("line 1, key 'a', failed: no answer");
    assertThat(run(folder, toy(ToyCaptions::answer), settings(1)).end()).isEqualTo(End.FINISHED);
    assertThat(Files.readString(folder.resolve(Outputs.REJECTS))).doesNotContain("failed");
  }

  @Test
  void whatMendsAFailureIsNotCutOff() throws IOException {
    String reason = "no answer; " + "so it is ".repeat(30) + "set ADDRESS";
    PreparationReport report =
        run(
            scratch.resolve("toy"),
            toy(
                _ -> {
                  throw new RowFailedException(reason);
                }),
            new PreparationSettings(1, Failed.OPEN, 1, Limits.NONE));
    assertThat(report.notes().getFirst()).endsWith("set ADDRESS");
  }

  @Test
  void rowsThatFailAreNamedInTheTablesOrder() throws IOException {
    var second = new CountDownLatch(1);
    Service service =
        request -> {
          String caption = request.path("caption").asText();
          if (caption.startsWith("Invasive ductal carcinoma, grade 2")) {
            await(second);
          } else {
            second.countDown();
          }
          throw new RowFailedException("no answer");
        };
    var settings = new PreparationSettings(2, Failed.OPEN, 2, Limits.NONE);
    PreparationReport report = run(scratch.resolve("toy"), toy(service), settings);
    assertThat(report.notes().getFirst()).contains("line 1, key 'a', failed");
    assertThat(report.notes().get(1)).contains("line 3, key 'c', failed");
  }

  private static void await(CountDownLatch latch) throws RowFailedException {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new RowFailedException("interrupted");
    }
  }

  private static Service failing(String words) {
    return request -> {
      if (request.path("caption").asText().contains(words)) {
        throw new RowFailedException("no answer");
      }
      return ToyCaptions.answer(request);
    };
  }

  @Test
  void tokensMoneyAndTimeEndARunToo() throws IOException {
    Path folder = scratch.resolve("toy");
    ToyCaptions toy = toy(ToyCaptions::answer);
    var tokens = limits(Optional.of(150L), Optional.empty(), Optional.empty());
    PreparationReport report = run(folder, toy, tokens);
    assertThat(report.end()).isEqualTo(End.BUDGET_SPENT);
    assertThat(report.spent().tokens()).isBetween(51L, 150L);
    assertThat(report.notes()).containsExactly("budget.tokens: 150 is spent");
    var money = limits(Optional.empty(), Optional.of(0.2), Optional.empty());
    report = run(folder, toy, money);
    assertThat(report.end()).isEqualTo(End.BUDGET_SPENT);
    assertThat(report.notes()).containsExactly("budget.money: 0.2 is spent");
    var time = limits(Optional.empty(), Optional.empty(), Optional.of(new Seconds(0)));
    report = run(folder, toy, time);
    assertThat(report.notes()).containsExactly("budget.time: 0 s is spent");
    assertThat(run(folder, toy, settings(1)).end()).isEqualTo(End.FINISHED);
  }

  private static PreparationSettings limits(
      Optional<Long> tokens, Optional<Double> money, Optional<Seconds> time) {
    return new PreparationSettings(
        4, Failed.OPEN, 50, new Limits(Optional.empty(), tokens, money, time));
  }

  @Test
  void aKeyThatStandsTwiceIsRefusedWithBothPlaces() throws IOException {
    Path table = scratch.resolve("twice.jsonl");
    Files.writeString(table, Files.readString(TABLE) + "{\"id\": \"c\", \"caption\": \"x\"}\n");
    var twice = new ToyCaptions(table, "", ToyCaptions::answer);
    assertThatThrownBy(() -> run(scratch.resolve("toy"), twice, settings(1)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "%s: line 12: the key 'c' stands at %s: line 3 already".formatted(table, table));
    assertThat(scratch.resolve("toy").resolve(Outputs.LEDGER)).doesNotExist();
  }

  @Test
  void rowsThatChangeWhileTheyArePreparedEndTheRun() throws IOException {
    Path table = scratch.resolve("changing.jsonl");
    for (String added : List.of("", "{\"id\": \"z\", \"caption\": \"z\"}\n")) {
      Files.copy(TABLE, table, StandardCopyOption.REPLACE_EXISTING);
      Service changing =
          request -> {
            String text = Files.readString(TABLE).replace("Necrosis only", "Something else");
            Files.writeString(table, text + added);
            return ToyCaptions.answer(request);
          };
      Path folder = scratch.resolve("toy" + added.length());
      assertThatThrownBy(() -> run(folder, new ToyCaptions(table, "", changing), settings(1)))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("the rows changed while they were prepared");
      assertThat(folder.resolve(Outputs.FUNNEL)).doesNotExist();
    }
  }

  @Test
  void aPreparationThatAsksSomethingElseThanBeforeIsRefused() throws IOException {
    Path folder = scratch.resolve("toy");
    Service broken =
        request -> {
          if (request.has("again")) {
            throw new IOException("the service does not know the key");
          }
          return ToyCaptions.answer(request);
        };
    assertThatThrownBy(() -> run(folder, toy(broken), settings(1)))
        .isInstanceOf(DataException.class)
        .hasMessage("%s: line 3, key 'c': the service does not know the key".formatted(TABLE));
    // The same pins, but other requests: as from another version of the code.
    var changed = new ToyCaptions(TABLE, "Otherwise.", ToyCaptions::answer);
    var pinned = new OtherPreparation(changed, toy(ToyCaptions::answer).pins(), 0);
    assertThatThrownBy(() -> run(folder, pinned, settings(1)))
        .hasMessageContaining("line 3, key 'c'")
        .hasMessageContaining("the step 'rewrite' asked")
        .hasMessageContaining("Otherwise.");
  }

  @Test
  void outputsWithoutTheirLedgerAreNotPaidForAgain() throws IOException {
    Path folder = scratch.resolve("toy");
    run(folder, toy(ToyCaptions::answer), settings(1));
    Files.delete(folder.resolve(Outputs.LEDGER));
    assertThatThrownBy(() -> run(folder, toy(ToyCaptions::answer), settings(1)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("ledger.jsonl: is missing");
  }

  private static PreparationReport run(
      Path folder, RowPreparation preparation, PreparationSettings settings) throws DataException {
    List<PreparationProgress> seen = new ArrayList<>();
    var run = new PreparationRun(folder, preparation, settings, 7, FaultyStorage.none());
    PreparationReport report = run.run(seen::add, () -> false);
    assertThat(seen).allMatch(progress -> progress.rows() == report.funnel().rows());
    return report;
  }
}
