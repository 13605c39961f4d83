package dev.eosin.eval.asking;

import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Everything that is asked: each question with its picture, then under each control, choices under
/// every rotation of their options.
public final class AskingPlan {
  private final QuestionSet questions;
  private final AskingSettings settings;
  private final RandomKey key;
  private final Optional<FrequentAnswers> frequent;
  private final ToldFacts told;
  private final OtherPictures others;
  private final List<PlannedAnswer> answers = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<Control, Integer> without = new EnumMap<>(Control.class);
  private int byType;

  /// Plans.
  ///
  /// @param key whose seed says which other pictures are shown
  /// @param frequent of the training data; empty where there is none
  /// @param told what pictures show, such as [ToldFacts#ofOpenQuestions]
  public AskingPlan(
      QuestionSet questions,
      AskingSettings settings,
      RandomKey key,
      Optional<FrequentAnswers> frequent,
      ToldFacts told) {
    this.questions = questions;
    this.settings = settings;
    this.key = key;
    this.frequent = frequent;
    this.told = told;
    others =
        OtherPictures.of(
            questions.questions().stream().flatMap(each -> each.picture().stream()).toList(),
            key,
            settings.otherImages());
    for (Control control : Control.values()) {
      if (settings.asks(control)) {
        questions.questions().forEach(question -> plan(question, control));
        note(control);
      }
    }
  }

  private void plan(AskedQuestion question, Control control) {
    int before = answers.size();
    switch (control) {
      case NONE -> add(question, control, 0, question.picture(), Optional.empty());
      case OTHER_IMAGE -> question.picture().ifPresent(own -> addOthers(question, own));
      case NO_IMAGE ->
          question
              .picture()
              .ifPresent(own -> add(question, control, 0, Optional.empty(), Optional.empty()));
      case FREQUENT -> addFrequent(question);
      case TOLD ->
          told.of(question.id())
              .ifPresent(facts -> add(question, control, 0, Optional.empty(), Optional.of(facts)));
    }
    if (answers.size() == before) {
      without.merge(control, 1, Integer::sum);
    }
  }

  private void addOthers(AskedQuestion question, Picture own) {
    for (int draw = 0; draw < others.draws(); draw++) {
      Optional<Picture> other = Optional.of(others.of(own, draw));
      add(question, Control.OTHER_IMAGE, draw, other, Optional.empty());
    }
  }

  private void addFrequent(AskedQuestion question) {
    if (frequent.isEmpty()) {
      return;
    }
    for (int rotation = 0; rotation < rotations(question.content()); rotation++) {
      List<String> options = rotated(question.content().options(), rotation);
      AnswerRow row = row(question, Control.FREQUENT, 0, rotation, options, Optional.empty());
      frequent
          .get()
          .answer(question.content(), options)
          .ifPresent(
              answer ->
                  answers.add(
                      new PlannedAnswer(
                          row, Optional.empty(), "", List.of(), Optional.of(answer))));
    }
    byType += frequent.get().knows(question.content().question()) ? 0 : 1;
  }

  private void add(
      AskedQuestion question,
      Control control,
      int draw,
      Optional<Picture> shown,
      Optional<String> facts) {
    QuestionAnswer content = question.content();
    for (int rotation = 0; rotation < rotations(content); rotation++) {
      List<String> options = rotated(content.options(), rotation);
      String lettered = lettered(content, options);
      String asked =
          facts
              .map(told -> dev.eosin.data.synthetic.ToldFacts.before(told, lettered))
              .orElse(lettered);
      answers.add(
          new PlannedAnswer(
              row(question, control, draw, rotation, options, shown),
              shown,
              settings.prompt().replace("{}", asked),
              compared(options),
              Optional.empty()));
    }
  }

  /// The texts whose likelihoods choose; none where the model writes.
  private List<String> compared(List<String> options) {
    return switch (settings.choices()) {
      case LETTERS -> List.of();
      case LIKELIHOODS -> options;
      case LETTER_LIKELIHOODS ->
          IntStream.range(0, options.size()).mapToObj(AnswerRow::letter).toList();
    };
  }

  private static int rotations(QuestionAnswer content) {
    return content.kind() == Kind.CHOICE ? content.options().size() : 1;
  }

  private static List<String> rotated(List<String> options, int rotation) {
    List<String> rotated = new ArrayList<>(options);
    Collections.rotate(rotated, -rotation);
    return rotated;
  }

  private static String lettered(QuestionAnswer content, List<String> options) {
    StringBuilder text = new StringBuilder(content.question());
    for (int place = 0; place < options.size(); place++) {
      text.append('\n').append(AnswerRow.letter(place)).append(": ").append(options.get(place));
    }
    return text.toString();
  }

  private static AnswerRow row(
      AskedQuestion question,
      Control control,
      int draw,
      int rotation,
      List<String> options,
      Optional<Picture> shown) {
    QuestionAnswer content = question.content();
    return new AnswerRow(
        question.id(),
        shown.map(Picture::name),
        content.question(),
        content.answer(),
        "",
        content.kind(),
        content.fact(),
        control,
        draw,
        rotation,
        options,
        question.group(),
        Map.of());
  }

  private void note(Control control) {
    int lacking = without.getOrDefault(control, 0);
    if (control == Control.OTHER_IMAGE && others.draws() < settings.otherImages()) {
      notes.add(
          "control other-image: %d distinct pictures give %d other ones each, not %d"
              .formatted(others.pictures(), others.draws(), settings.otherImages()));
    }
    if (control == Control.FREQUENT && frequent.isEmpty()) {
      notes.add("control frequent: there is no training data to count answers in");
    } else if (lacking > 0) {
      notes.add(
          "control %s: %d of %d questions go without, as %s"
              .formatted(control.written(), lacking, questions.size(), why(control)));
    }
    if (control == Control.FREQUENT && byType > 0) {
      notes.add(
          "control frequent: %d of %d questions have a text that the training data does not ask, and get the most frequent answer of their type"
              .formatted(byType, questions.size()));
    }
  }

  private static String why(Control control) {
    return switch (control) {
      case NONE -> "there is nothing to ask";
      case OTHER_IMAGE -> "they have no picture, or there is no other one";
      case NO_IMAGE -> "they have no picture";
      case FREQUENT -> "the training data has no question of their type";
      case TOLD -> "the fact that they ask for is not known in words";
    };
  }

  /// What a user should know of the controls, one line each.
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /// What the answers depend on besides the model.
  public SortedMap<String, String> pins() {
    SortedMap<String, String> pins = new TreeMap<>();
    pins.put("questions", questions.fingerprint());
    frequent.ifPresent(found -> pins.put("training", found.fingerprint()));
    pins.put("seed", Long.toString(key.seed()));
    pins.put("prompt", settings.prompt());
    pins.put("choices", settings.choices().name());
    pins.put("most-tokens", Integer.toString(settings.mostTokens()));
    return pins;
  }

  /// How many answers are wanted.
  public int size() {
    return answers.size();
  }

  /// What the model is given, in the order of asking.
  public List<String> texts() {
    return answers.stream()
        .filter(each -> each.known().isEmpty())
        .map(PlannedAnswer::text)
        .toList();
  }

  /// Refuses texts that can have no answer.
  ///
  /// @throws IOException naming the first
  public void requireRoom(Room room) throws IOException {
    for (PlannedAnswer planned : answers) {
      if (planned.known().isEmpty()) {
        room.require(planned.row().id(), planned.text(), settings.mostTokens());
      }
    }
  }

  /// Whether a text and its answer have room, as [dev.eosin.eval.Answerer#requireRoom] says.
  @FunctionalInterface
  public interface Room {
    void require(String id, String text, int mostTokens) throws IOException;
  }

  /// How it is asked.
  public AskingSettings settings() {
    return settings;
  }

  /// In the order of asking.
  public List<PlannedAnswer> answers() {
    return Collections.unmodifiableList(answers);
  }
}
