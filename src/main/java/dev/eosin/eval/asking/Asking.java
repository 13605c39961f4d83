package dev.eosin.eval.asking;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.AnswersWriter;
import dev.eosin.group.Group;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Asks a model everything that is planned. Ranks ask a batch each by turns and tell each other
/// what they were answered, so that all have the answers of a process alone.
public final class Asking {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final AskingPlan plan;
  private final Answerer answerer;
  private final Listener listener;
  private final BooleanSupplier stop;
  private final Group group;

  /// Who listens.
  ///
  /// @param note what a user should know, one line each
  /// @param progress told after batches, now and then
  public record Listener(Consumer<String> note, Consumer<AskingProgress> progress) {
    /// Nobody.
    public static final Listener NONE = new Listener(note -> {}, progress -> {});
  }

  /// @param stop asked before each batch
  public Asking(AskingPlan plan, Answerer answerer, Listener listener, BooleanSupplier stop) {
    this(plan, answerer, listener, stop, Group.ALONE);
  }

  /// As above, on one of several ranks; all of them make the same calls.
  public Asking(
      AskingPlan plan, Answerer answerer, Listener listener, BooleanSupplier stop, Group group) {
    this.group = group;
    this.plan = plan;
    this.answerer = answerer;
    this.listener = listener;
    this.stop = stop;
  }

  /// Asks, and keeps the answers in memory.
  ///
  /// @return in the plan's order; empty when it was asked to stop
  /// @throws IOException when a question has no answer
  public Optional<List<AnswerRow>> inMemory() throws IOException {
    return ask(Map.of(), answers -> {});
  }

  /// Asks, and keeps the answers in a file, each batch before the next is asked. Answers that are
  /// there already are not asked for again. Of several ranks the first one has the file.
  ///
  /// @param pins what the answers depend on besides the plan, such as the digest of the model
  /// @return in the plan's order; empty when it was asked to stop, and the same call goes on
  /// @throws DataException when the file holds other answers than the plan's
  /// @throws IOException when a question has no answer; those before it are kept
  public Optional<List<AnswerRow>> inFile(Path file, SortedMap<String, String> pins)
      throws IOException {
    SortedMap<String, String> all = new TreeMap<>(plan.pins());
    all.putAll(pins);
    if (!group.isFirst()) {
      return ask(Map.of(), answers -> {});
    }
    try (AnswersWriter writer = AnswersWriter.open(file, all)) {
      writer.note().ifPresent(listener.note());
      Map<AnswerRow.Key, AnswerRow> present = writer.present();
      requirePlanned(file, present);
      return ask(present, writer::append);
    }
  }

  private void requirePlanned(Path file, Map<AnswerRow.Key, AnswerRow> present)
      throws DataException {
    Map<AnswerRow.Key, AnswerRow> open = new HashMap<>();
    plan.answers().forEach(planned -> open.put(planned.row().key(), planned.row()));
    for (AnswerRow row : present.values()) {
      AnswerRow planned = open.get(row.key());
      if (planned == null || !planned.answered(row.answer()).equals(row)) {
        throw new DataException(
            "%s: has an answer to %s, which is %s; choose another file"
                .formatted(
                    file,
                    Quote.line(row.key().toString()),
                    planned == null ? "not asked now" : "asked otherwise now"));
      }
    }
  }

  /// Takes a batch of answers.
  private interface Sink {
    void append(List<AnswerRow> answers) throws IOException;
  }

  /// @param present answers that the first rank has already
  /// @param sink of the first rank
  private Optional<List<AnswerRow>> ask(Map<AnswerRow.Key, AnswerRow> present, Sink sink)
      throws IOException {
    Map<AnswerRow.Key, AnswerRow> answers = known(present);
    List<PlannedAnswer> open =
        plan.answers().stream().filter(each -> !answers.containsKey(each.row().key())).toList();
    plan.requireRoom(answerer::requireRoom);
    var meter = new Meter(answers.size());
    int batches = Math.ceilDiv(open.size(), plan.settings().batch());
    for (int turn = 0; turn < batches; turn += group.size()) {
      if (group.any(stop.getAsBoolean())) {
        return Optional.empty();
      }
      List<AnswerRow> own = answered(batch(open, turn + group.rank()));
      List<List<String>> said =
          SharedTexts.exchange(group, own.stream().map(AnswerRow::answer).toList());
      for (int rank = 0; rank < group.size(); rank++) {
        List<AnswerRow> found = rows(batch(open, turn + rank), said.get(rank));
        if (!found.isEmpty()) {
          sink.append(found);
          found.forEach(row -> answers.put(row.key(), row));
          meter.done(found.size());
        }
      }
    }
    return Optional.of(
        plan.answers().stream()
            .map(each -> Objects.requireNonNull(answers.get(each.row().key())))
            .toList());
  }

  /// What the first rank has already, on all ranks.
  private Map<AnswerRow.Key, AnswerRow> known(Map<AnswerRow.Key, AnswerRow> present)
      throws IOException {
    List<PlannedAnswer> planned = plan.answers();
    // Each answer behind its number in the plan.
    List<String> own = new ArrayList<>();
    for (int place = 0; place < planned.size(); place++) {
      AnswerRow row = present.get(planned.get(place).row().key());
      if (row != null) {
        own.add(Integer.toString(place));
        own.add(row.answer());
      }
    }
    List<String> first = SharedTexts.exchange(group, own).getFirst();
    Map<AnswerRow.Key, AnswerRow> answers = new HashMap<>();
    for (int i = 0; i < first.size(); i += 2) {
      AnswerRow row = planned.get(Integer.parseInt(first.get(i))).row();
      answers.put(row.key(), row.answered(first.get(i + 1)));
    }
    return answers;
  }

  /// Of the open ones; empty behind the last.
  private List<PlannedAnswer> batch(List<PlannedAnswer> open, int number) {
    int size = plan.settings().batch();
    int from = Math.min(open.size(), number * size);
    return open.subList(from, Math.min(open.size(), from + size));
  }

  private static List<AnswerRow> rows(List<PlannedAnswer> batch, List<String> answers) {
    List<AnswerRow> rows = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      rows.add(batch.get(i).row().answered(answers.get(i)));
    }
    return rows;
  }

  private List<AnswerRow> answered(List<PlannedAnswer> batch) throws IOException {
    List<Answerer.Question> questions = new ArrayList<>();
    for (PlannedAnswer planned : batch) {
      if (planned.known().isEmpty()) {
        questions.add(planned.question(plan.settings().mostTokens(), answerer.seesImages()));
      }
    }
    List<Answerer.Answer> answers = questions.isEmpty() ? List.of() : answerer.answerAll(questions);
    if (answers.size() != questions.size()) {
      throw new IllegalStateException(
          "%d questions have %d answers".formatted(questions.size(), answers.size()));
    }
    List<AnswerRow> rows = new ArrayList<>();
    int next = 0;
    for (PlannedAnswer planned : batch) {
      rows.add(
          planned.known().isPresent()
              ? planned.row().answered(planned.known().get())
              : planned.answered(answers.get(next++)));
    }
    return rows;
  }

  private final class Meter {
    private final long started = System.nanoTime();
    private final long before;
    private long shown = started;
    private long done;

    Meter(long before) {
      this.before = before;
    }

    /// Tells it unless it was told a moment ago.
    void done(int more) {
      done += more;
      long left = plan.answers().size() - before - done;
      long now = System.nanoTime();
      if (left == 0 || now - shown >= EVERY_NANOS) {
        shown = now;
        double rate = done / ((now - started) / 1e9);
        listener
            .progress()
            .accept(new AskingProgress(before + done, plan.answers().size(), rate, left / rate));
      }
    }
  }
}
