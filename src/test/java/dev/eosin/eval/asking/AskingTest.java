package dev.eosin.eval.asking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.Source;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AskingTest {
  private static final RandomKey KEY = new RandomKey(5);
  private static final TreeMap<String, String> PINS = new TreeMap<>(Map.of("model", "toy"));

  @TempDir private Path folder;

  private static AskingSettings settings(AskingSettings.Choices choices) {
    return new AskingSettings("Q: {} A:", List.of(Control.values()), 5, choices, 8, 4);
  }

  private static AskingPlan plan(Source source, AskingSettings settings) throws DataException {
    QuestionSet questions = QuestionSet.of("data.validation", source);
    return new AskingPlan(
        questions,
        settings,
        KEY,
        Optional.of(FrequentAnswers.of(new ToyQuestions(4, false))),
        ToldFacts.ofOpenQuestions(questions));
  }

  private static List<AnswerRow> of(List<AnswerRow> rows, Control control, Kind type) {
    return rows.stream().filter(r -> r.control() == control && r.type() == type).toList();
  }

  private static Asking asking(AskingPlan plan, Answerer answerer) {
    return new Asking(plan, answerer, Asking.Listener.NONE, () -> false);
  }

  @Test
  void everyControlIsAskedAsItSays() throws IOException {
    AskingPlan plan = plan(new ToyQuestions(9, false), settings(AskingSettings.Choices.LETTERS));
    List<AnswerRow> rows = asking(plan, new ToyQuestions.Seer()).inMemory().orElseThrow();

    assertThat(rows).extracting(AnswerRow::key).doesNotHaveDuplicates();
    assertThat(of(rows, Control.NONE, Kind.OPEN))
        .hasSize(9)
        .allMatch(row -> row.answer().equals(row.gold()))
        .allMatch(row -> row.image().orElseThrow().equals(row.id()));
    assertThat(of(rows, Control.OTHER_IMAGE, Kind.OPEN))
        .hasSize(5 * 9)
        .allMatch(row -> !row.image().orElseThrow().equals(row.id()));
    assertThat(of(rows, Control.NO_IMAGE, Kind.OPEN))
        .hasSize(9)
        .allMatch(row -> row.answer().equals("red") && row.image().isEmpty());
    assertThat(of(rows, Control.TOLD, Kind.CLOSED))
        .hasSize(9)
        .allMatch(row -> row.answer().equals(row.gold().equals("yes") ? "Yes." : "No."))
        .allMatch(row -> row.image().isEmpty());
    // Of four tiles, two are red; nothing is asked of green alone that is answered yes.
    assertThat(of(rows, Control.FREQUENT, Kind.OPEN)).allMatch(row -> row.answer().equals("red"));
    assertThat(of(rows, Control.FREQUENT, Kind.CLOSED)).allMatch(row -> row.answer().equals("no"));
    assertThat(plan.notes())
        .containsExactly(
            "control frequent: 3 of 27 questions have a text that the training data does not ask, and get the most frequent answer of their type");
  }

  @Test
  void choicesAreAskedUnderEveryRotationOfTheirOptions() throws IOException {
    for (AskingSettings.Choices choices : AskingSettings.Choices.values()) {
      AskingPlan plan = plan(new ToyQuestions(6, false), settings(choices));
      List<AnswerRow> rows = asking(plan, new ToyQuestions.Seer()).inMemory().orElseThrow();
      List<AnswerRow> asked = of(rows, Control.NONE, Kind.CHOICE);
      assertThat(asked).hasSize(3 * 6);
      assertThat(asked.get(1).options()).containsExactly("green", "blue", "red");
      assertThat(asked)
          .allMatch(
              row -> row.answer().startsWith(AnswerRow.letter(row.rightOption().orElseThrow())));
      List<AnswerRow> frequent = of(rows, Control.FREQUENT, Kind.CHOICE);
      assertThat(frequent)
          .hasSize(3 * 6)
          .allMatch(row -> row.options().indexOf("red") == row.answer().charAt(0) - 'A');
    }
  }

  @Test
  void picturesOfEqualBytesAreNeverExchangedForEachOther() throws IOException {
    AskingPlan plan = plan(new ToyQuestions(9, true), settings(AskingSettings.Choices.LETTERS));
    List<AnswerRow> rows = asking(plan, new ToyQuestions.Seer()).inMemory().orElseThrow();
    assertThat(of(rows, Control.OTHER_IMAGE, Kind.OPEN))
        .hasSize(2 * 9)
        .allMatch(row -> !row.answer().equals(row.gold()));
    assertThat(of(rows, Control.NONE, Kind.OPEN))
        .extracting(row -> row.image().orElseThrow())
        .containsOnly("tile-0/open", "tile-1/open", "tile-2/open");
    assertThat(plan.notes())
        .contains("control other-image: 3 distinct pictures give 2 other ones each, not 5");

    AskingPlan single = plan(new ToyQuestions(1, true), settings(AskingSettings.Choices.LETTERS));
    assertThat(single.notes())
        .contains(
            "control other-image: 1 distinct pictures give 0 other ones each, not 5",
            "control other-image: 3 of 3 questions go without, as they have no picture, or there is no other one");
  }

  @Test
  void aKilledRunGoesOnWithoutAskingAgain() throws IOException {
    var settings =
        new AskingSettings(
            "{}", List.of(Control.values()), 5, AskingSettings.Choices.LETTERS, 8, 50);
    AskingPlan plan = plan(new ToyQuestions(6, false), settings);
    Path whole = folder.resolve("whole.jsonl");
    List<AnswerRow> rows = asking(plan, new ToyQuestions.Seer()).inFile(whole, PINS).orElseThrow();
    byte[] bytes = Files.readAllBytes(whole);
    for (int length = 0; length < bytes.length; length += bytes.length / 7) {
      Path file = folder.resolve("cut-%d.jsonl".formatted(length));
      Files.write(file, Arrays.copyOf(bytes, length));
      Files.copy(
          folder.resolve("whole.jsonl.pins.json"),
          folder.resolve(file.getFileName() + ".pins.json"));
      long kept = new String(Arrays.copyOf(bytes, length)).lines().count() - (length == 0 ? 0 : 1);
      var seer = new ToyQuestions.Seer();
      List<AskingProgress> progress = new ArrayList<>();
      var listener = new Asking.Listener(note -> {}, progress::add);

      assertThat(new Asking(plan, seer, listener, () -> false).inFile(file, PINS)).hasValue(rows);

      long known = rows.stream().filter(r -> r.control() == Control.FREQUENT).count();
      assertThat((long) seer.asked().size())
          .isBetween(rows.size() - known - kept - 1, rows.size() - kept);
      assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
      assertThat(progress.getLast().done()).isEqualTo(rows.size());
      assertThat(progress.getLast().text())
          .contains("answer %d/%d  100 %%".formatted(rows.size(), rows.size()));
    }
    var again = new ToyQuestions.Seer();
    assertThat(asking(plan, again).inFile(whole, PINS)).hasValue(rows);
    assertThat(again.asked()).isEmpty();
  }

  /// Batches that ranks do not divide, and more ranks than batches; begun anew and gone on with.
  @Test
  void ranksShareTheQuestionsAndLeaveTheFileOfAProcessAlone() throws Exception {
    AskingPlan plan = plan(new ToyQuestions(6, false), settings(AskingSettings.Choices.LETTERS));
    Path whole = folder.resolve("whole.jsonl");
    var alone = new ToyQuestions.Seer();
    List<AnswerRow> rows = asking(plan, alone).inFile(whole, PINS).orElseThrow();
    byte[] bytes = Files.readAllBytes(whole);
    for (int ranks : new int[] {2, 3, 40}) {
      for (int length : new int[] {0, bytes.length / 2, bytes.length}) {
        Path file = folder.resolve("ranks-%d-%d.jsonl".formatted(ranks, length));
        Files.write(file, Arrays.copyOf(bytes, length));
        Files.copy(
            folder.resolve("whole.jsonl.pins.json"),
            folder.resolve(file.getFileName() + ".pins.json"));
        var asked = new AtomicInteger();
        for (Optional<List<AnswerRow>> rank :
            LocalRanks.run(ranks, group -> shared(plan, group, file, asked, () -> false))) {
          assertThat(rank).hasValue(rows);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        assertThat(asked.get())
            .isLessThanOrEqualTo(alone.asked().size())
            .matches(count -> length > 0 || count == alone.asked().size());
      }
    }
  }

  @Test
  void oneRankThatIsAskedToStopStopsAll() throws Exception {
    AskingPlan plan = plan(new ToyQuestions(6, false), settings(AskingSettings.Choices.LETTERS));
    Path file = folder.resolve("answers.jsonl");
    for (Optional<List<AnswerRow>> rank :
        LocalRanks.run(
            3, group -> shared(plan, group, file, new AtomicInteger(), () -> group.rank() == 2))) {
      assertThat(rank).isEmpty();
    }
  }

  private static Optional<List<AnswerRow>> shared(
      AskingPlan plan, Group group, Path file, AtomicInteger asked, BooleanSupplier stop)
      throws IOException {
    var seer = new ToyQuestions.Seer();
    try {
      return new Asking(plan, seer, Asking.Listener.NONE, stop, group).inFile(file, PINS);
    } finally {
      asked.addAndGet(seer.asked().size());
    }
  }

  @Test
  void whoStopsKeepsWhatThereIs() throws IOException {
    AskingPlan plan = plan(new ToyQuestions(6, false), settings(AskingSettings.Choices.LETTERS));
    Path file = folder.resolve("answers.jsonl");
    var seer = new ToyQuestions.Seer();
    var stopped = new Asking(plan, seer, Asking.Listener.NONE, () -> seer.asked().size() >= 8);
    assertThat(stopped.inFile(file, PINS)).isEmpty();
    assertThat(seer.asked()).hasSize(8);
    assertThat(Files.readAllLines(file)).hasSize(8);
    assertThat(asking(plan, seer).inFile(file, PINS)).isPresent();
  }

  @Test
  void aFileOfOtherQuestionsIsNotContinued() throws IOException {
    Path file = folder.resolve("answers.jsonl");
    AskingSettings letters = settings(AskingSettings.Choices.LETTERS);
    asking(plan(new ToyQuestions(6, false), letters), new ToyQuestions.Seer()).inFile(file, PINS);
    AskingPlan others = plan(new ToyQuestions(5, false), letters);
    assertThatThrownBy(() -> asking(others, new ToyQuestions.Seer()).inFile(file, PINS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("questions was 'toy-18' and is 'toy-15'");
    AskingPlan fewer =
        plan(
            new ToyQuestions(6, false),
            new AskingSettings("Q: {} A:", List.of(), 5, AskingSettings.Choices.LETTERS, 8, 4));
    assertThatThrownBy(() -> asking(fewer, new ToyQuestions.Seer()).inFile(file, PINS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("control other-image, draw 0, rotation 0, which is not asked now");
  }

  @Test
  void aModelThatFailsLeavesTheAnswersBefore() throws IOException {
    AskingPlan plan = plan(new ToyQuestions(6, false), settings(AskingSettings.Choices.LETTERS));
    Path file = folder.resolve("answers.jsonl");
    var seer = new ToyQuestions.Seer();
    Answerer failing =
        new Answerer() {
          @Override
          public Answer answer(Question question, Consumer<String> pieces) throws IOException {
            if (seer.asked().size() == 9) {
              throw new IOException("question %s: too long".formatted(question.id()));
            }
            return seer.answer(question, pieces);
          }
        };
    assertThatThrownBy(() -> asking(plan, failing).inFile(file, PINS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too long");
    assertThat(Files.readAllLines(file)).hasSize(8);
  }

  @Test
  void samplesThatCannotBeAskedAreRefusedBeforeTheFirstQuestion() {
    refused(
        new Sample(
            "a", List.of(), new SampleContent.Document("text"), Optional.empty(), Optional.empty()),
        "sample 'a' is no question with an answer");
    refused(question("", "x", List.of()), "sample 'a' has an empty question");
    refused(question("q", " ", List.of()), "sample 'a' has an empty answer");
    refused(question("q", "x", List.of("y", "z")), "the answer 'x' is none of the options y, z");
    Sample.ImageReader broken =
        () -> {
          throw new IOException("broken.png: no image");
        };
    refused(
        new Sample(
            "a",
            List.of(broken),
            question("q", "x", List.of()).content(),
            Optional.empty(),
            Optional.empty()),
        "the picture of 'a' cannot be read: broken.png: no image");
  }

  private static Sample question(String question, String answer, List<String> options) {
    Kind kind = options.isEmpty() ? Kind.OPEN : Kind.CHOICE;
    return new Sample(
        "a",
        List.of(),
        new SampleContent.QuestionAnswer(question, answer, kind, options, Optional.empty()),
        Optional.empty(),
        Optional.empty());
  }

  private static void refused(Sample sample, String message) {
    Source source =
        new Source() {
          @Override
          public long size() {
            return 1;
          }

          @Override
          public Sample get(long index) {
            return sample;
          }

          @Override
          public String fingerprint() {
            return "one";
          }
        };
    assertThatThrownBy(() -> QuestionSet.of("data.validation", source))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.validation: ")
        .hasMessageContaining(message);
  }

  @Test
  void questionsOfOneKeyAreToldApartByTheirOrder() throws DataException {
    Sample open = new ToyQuestions(1, false).get(0);
    Source source =
        new Source() {
          @Override
          public long size() {
            return 3;
          }

          @Override
          public Sample get(long index) {
            return open;
          }

          @Override
          public String fingerprint() {
            return "one thrice";
          }
        };
    assertThat(QuestionSet.of("data.validation", source).questions())
        .extracting(AskedQuestion::id)
        .containsExactly("tile-0/open", "tile-0/open#2", "tile-0/open#3");
  }
}
