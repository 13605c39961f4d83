package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.eosin.config.DataException;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.prepare.RowSteps.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  private static final Map<String, String> PINS = Map.of("prompt", "Rewrite.");
  private static final int ROWS = 4;

  @TempDir Path folder;
  private Path file;
  private byte[] whole;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve(Outputs.LEDGER);
    try (Ledger ledger = open()) {
      JsonNode question = Json.object().put("text", "Größe?\n");
      ledger.answered(2, "c", "ask", question, TextNode.valueOf("µ\ud83d"), Cost.ofCall(5, 0.5));
      ledger.ended(0, "a", new Outcome.Rejected("short", "x"));
      ledger.computed(2, "c", "words", TextNode.valueOf("y".repeat(5_000)));
      ledger.ended(2, "c", new Outcome.Kept(TextNode.valueOf("z")));
      ledger.answered(3, "d", "ask", question, TextNode.valueOf("w"), Cost.ofCall(7, 0.25));
      ledger.sync();
    }
    whole = Files.readAllBytes(file);
  }

  private Ledger open() throws DataException {
    return Ledger.open(file, PINS, List.of("long"), ROWS, FaultyStorage.none());
  }

  @Test
  void whatWasRecordedIsRead() throws IOException {
    try (Ledger ledger = open()) {
      assertThat(ledger.note()).isEmpty();
      assertThat(IntStream.range(0, ROWS).filter(ledger::isDone)).containsExactly(0, 2);
      assertThat(ledger.outcome(0, "a")).isEqualTo(new Outcome.Rejected("short", "x"));
      assertThat(ledger.outcome(2, "c")).isEqualTo(new Outcome.Kept(TextNode.valueOf("z")));
      assertThat(ledger.steps(2, "c")).isEmpty();
      assertThat(ledger.steps(3, "d"))
          .containsOnlyKeys("ask")
          .allSatisfy((step, record) -> assertThat(record.path("answer").asText()).isEqualTo("w"));
      assertThat(ledger.spent()).isEqualTo(new Cost(2, 12, 0.75));
      assertThat(ledger.funnel())
          .hasToString("Funnel[rows=4, rejected={long=0, short=1}, kept=1, open=2]");
      assertThatThrownBy(() -> ledger.outcome(2, "d")).hasMessageContaining("the rows changed");
    }
  }

  /// The large step in the middle is cut at every 50th byte only.
  @Test
  void aTornLastLineIsCutOffAtWhicheverByteItEnds() throws IOException {
    int lines = 0;
    for (int length = 0; length <= whole.length; length++) {
      boolean end = length > 0 && whole[length - 1] == '\n';
      lines += end ? 1 : 0;
      if (!end && lines == 3 && length % 50 != 0) {
        continue;
      }
      Files.write(file, Arrays.copyOf(whole, length));
      try (Ledger ledger = open()) {
        assertThat(ledger.note().isPresent()).isEqualTo(!end && lines > 0);
        assertThat(Files.size(file)).isEqualTo(lines == 0 ? header() : lastLineEnd(length));
        assertThat(ledger.spent().calls()).isEqualTo(lines < 2 ? 0 : lines < 6 ? 1 : 2);
        assertThat(ledger.isDone(2)).isEqualTo(lines >= 5);
      }
    }
    assertThat(lines).isEqualTo(6);
  }

  private long header() {
    return LedgerLine.end(whole, 0, whole.length) + 1;
  }

  private long lastLineEnd(int length) {
    int end = length;
    while (whole[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  @Test
  void aByteThatChangedInTheMiddleIsNamedWithItsMend() throws IOException {
    for (int at = 0; at < whole.length; at += at < 400 ? 1 : 97) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1;
      Files.write(file, damaged);
      int line = 1 + Math.toIntExact(newlines(at));
      assertThatThrownBy(this::open)
          .as("byte %d", at)
          .isInstanceOf(DataException.class)
          .hasMessageContaining("%s: line %d", file, line);
      assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
    }
    whole[whole.length - 20] = 'X';
    Files.write(file, whole);
    long offset = lastLineEnd(whole.length - 1);
    assertThatThrownBy(this::open)
        .hasMessageContaining("line 6, at byte %d: the record does not match", offset)
        .hasMessageContaining("truncate -s %d %s", offset, file);
  }

  private long newlines(int before) {
    return IntStream.range(0, before).filter(i -> whole[i] == '\n').count();
  }

  @Test
  void nothingIsAddedAfterALineThatIsTorn() throws IOException {
    // Opening takes one sync, the first outcome the next step.
    var storage = new FaultyStorage(FaultyStorage.Mode.FULL_ONCE, 1);
    try (Ledger ledger = Ledger.open(file, PINS, List.of("long"), ROWS, storage)) {
      for (int row : new int[] {1, 3}) {
        assertThatThrownBy(() -> ledger.ended(row, "k", new Outcome.Rejected("long", "")))
            .isInstanceOf(DataException.class)
            .hasMessageContaining("No space left on device");
      }
    }
    assertThat(Files.size(file)).isBetween(whole.length + 1L, whole.length + 50L);
    try (Ledger ledger = open()) {
      assertThat(ledger.note()).isPresent();
      assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }
  }

  @Test
  void aFileOfOthersIsNotTouched() throws IOException {
    for (String text : List.of("my notes", "my notes\n", "{\"format\":\"eosin-ledger\"}\n")) {
      Files.writeString(file, text);
      assertThatThrownBy(this::open)
          .isInstanceOf(DataException.class)
          .hasMessageContaining("line 1");
      assertThat(file).hasContent(text);
    }
  }

  /// What came out of `ask` before the power went is in the ledger after it.
  @Test
  void anAnswerIsDurableBeforeItIsUsed() throws IOException {
    boolean failed = true;
    for (long last = 0; failed; last++) {
      Path run = folder.resolve("run-" + last);
      var storage = new FaultyStorage(FaultyStorage.Mode.POWER_CUT, last);
      var preparation = new AskOnce(new HashSet<>());
      try {
        new PreparationRun(run, preparation, PreparationContract.settings(4), 1, storage)
            .run(progress -> {}, () -> false);
      } catch (FaultyStorage.Cut | DataException cut) {
        assertThat(storage.hasFailed()).isTrue();
      }
      failed = storage.hasFailed();
      Set<String> recorded = new HashSet<>();
      LedgerScan.scan(
          run.resolve(Outputs.LEDGER),
          (record, line, offset) -> recorded.add(record.path("request").asText()));
      assertThat(recorded).containsAll(preparation.used());
    }
  }

  /// Asks once for each of twelve rows.
  ///
  /// @param used the keys whose answers were given
  private record AskOnce(Set<String> used) implements RowPreparation {
    @Override
    public Rows rows() {
      Iterator<Integer> numbers = IntStream.range(0, 12).iterator();
      return new Rows() {
        @Override
        public Optional<Row> next() {
          return numbers.hasNext()
              ? Optional.of(new Row("key " + numbers.next(), "row", TextNode.valueOf("")))
              : Optional.empty();
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public Map<String, String> pins() {
      return Map.of();
    }

    @Override
    public List<String> reasons() {
      return List.of();
    }

    @Override
    public Outcome prepare(Row row, RowSteps steps)
        throws RowFailedException, IOException, InterruptedException {
      JsonNode key = TextNode.valueOf(row.key());
      JsonNode answer =
          steps.ask("ask", key, Cost.NONE, question -> new Answer(question, Cost.NONE));
      synchronized (used) {
        used.add(answer.asText());
      }
      return new Outcome.Kept(answer);
    }

    @Override
    public Assembly assemble(Outputs outputs) {
      return (row, result) -> Optional.empty();
    }
  }
}
