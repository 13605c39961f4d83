package dev.eosin.eval.vqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.config.DataException;
import dev.eosin.config.Steps;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.AnswersFile;
import dev.eosin.eval.answers.Control;
import dev.eosin.eval.asking.Asking;
import dev.eosin.eval.asking.AskingSettings;
import dev.eosin.eval.asking.ToldFacts;
import dev.eosin.eval.asking.ToyQuestions;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Classification by text, on answers whose labels were read by hand; figures are scikit-learn's.
class LabelScorerTest {
  private static final Path ANSWERS = Path.of("src/test/resources/answers");
  private static final RandomKey KEY = new RandomKey(3);
  private static final List<AnswerLabel> COLOURS =
      List.of(new AnswerLabel("red"), new AnswerLabel("green"), new AnswerLabel("blue"));

  private JsonNode expected;
  private List<AnswerRow> rows;
  private List<AnswerLabel> labels;

  @BeforeEach
  void open() throws IOException {
    expected = new JsonMapper().readTree(ANSWERS.resolve("labels-expected.json").toFile());
    rows = AnswersFile.read(ANSWERS.resolve("labels.jsonl")).rows();
    labels = new ArrayList<>();
    for (JsonNode label : expected.get("labels")) {
      List<String> synonyms = new ArrayList<>();
      label.get("synonyms").forEach(each -> synonyms.add(each.textValue()));
      labels.add(new AnswerLabel(label.get("name").textValue(), synonyms));
    }
  }

  private VqaScores scores(String scorer) throws DataException {
    return VqaScores.of("answers", rows, new Scorers(labels).named(List.of(scorer)), KEY, 500);
  }

  @ParameterizedTest
  @ValueSource(strings = {"labels/1", "pa-labels/1"})
  void figuresAreScikitLearns(String scorer) throws DataException {
    JsonNode figures = expected.get(scorer);
    VqaScores scores = scores(scorer);
    String prefix = scorer.equals("labels/1") ? "labels_" : "pa_labels_";
    for (String name : List.of("accuracy", "micro_f1", "macro_f1", "none", "several")) {
      assertThat(scores.metrics().get(prefix + name))
          .as(name)
          .isCloseTo(figures.get(name).doubleValue(), within(1e-12));
    }
    Confusion confusion = scores.confusions().getFirst();
    assertThat(confusion.counts().toString().replace(" ", ""))
        .isEqualTo(figures.get("confusion").toString());
    for (int label = 0; label < labels.size(); label++) {
      same(confusion.precision(label), figures.get("precision").get(label));
      same(confusion.recall(label), figures.get("recall").get(label));
      same(confusion.f1(label), figures.get("f1").get(label));
    }
  }

  /// Where nothing can be said scikit-learn was told to say 0.
  private static void same(double value, JsonNode figure) {
    assertThat(Double.isNaN(value) ? 0 : value).isCloseTo(figure.doubleValue(), within(1e-12));
  }

  @Test
  void everyAnswerIsReadAsByHand() {
    var reading = new LabelReading(new NormalisedWords(), labels);
    List<String> names = new ArrayList<>(labels.stream().map(AnswerLabel::name).toList());
    names.addAll(List.of("none", "several"));
    assertThat(rows)
        .allSatisfy(
            row ->
                assertThat(names.get(reading.within(row.answer())))
                    .as(row.answer())
                    .isEqualTo(Objects.requireNonNull(row.further().get("read")).textValue()));
  }

  @Test
  void whatNamesNoneOrSeveralIsCountedAndIntervalsGoOverPictures() throws DataException {
    VqaScores scores = scores("labels/1");
    assertThat(scores.notes())
        .contains(
            "none: 1 of 22 answers are empty, and count as wrong",
            "none: 2 of 22 answers count as wrong for labels/1: each names no label",
            "none: 2 of 22 answers count as wrong for labels/1: each names several labels");
    Score macro =
        scores.scores().stream()
            .filter(score -> score.metric().equals("labels_macro_f1"))
            .findFirst()
            .orElseThrow();
    assertThat(macro.slice()).isEqualTo(Slice.ALL);
    assertThat(macro.pictures()).isEqualTo(10);
    assertThat(macro.interval().orElseThrow().low()).isBetween(0.2, macro.value());
    assertThat(macro.interval().orElseThrow().high()).isBetween(macro.value(), 0.95);
    List<String> table = scores.table();
    assertThat(table)
        .contains("labels/1: right label by line, named label by column")
        .anyMatch(line -> line.matches(" +1 +2 +3 +4 +5 +6 +none +several"))
        .anyMatch(line -> line.matches(" 2 benign lesion +1 +2 +0 +0 +0 +0 +1 +1"));
    JsonNode json = Objects.requireNonNull(VqaJson.of(scores).get("confusions")).get(0);
    assertThat(json.get("labels").get(1).get("named_as").toString()).isEqualTo("[1,2,0,0,0,0,1,1]");
    assertThat(json.get("labels").get(5).get("f1").isNull()).isTrue();
  }

  @Test
  void aModelThatSeesNamesTheColourAndTheControlsAreAtChance() throws IOException {
    var asking =
        new AskingSettings(
            "{}", List.of(Control.NO_IMAGE), 5, AskingSettings.Choices.LETTERS, 8, 64);
    var settings =
        new VqaSettings("colours", new Steps(10), asking, List.of("labels/1"), COLOURS, 100);
    VqaScores scores =
        VqaEvaluation.of(
                settings,
                new ToyQuestions(9, false),
                Optional.empty(),
                ToldFacts::ofOpenQuestions,
                KEY)
            .scores(new ToyQuestions.Seer(), Asking.Listener.NONE, () -> false)
            .orElseThrow();
    assertThat(scores.metrics())
        .containsEntry("labels_accuracy", 1.0)
        .containsEntry("labels_macro_f1", 1.0)
        .containsEntry("labels_accuracy_no_image", 1 / 3.0)
        .containsEntry("labels_macro_f1_no_image", (2 * 3 / 12.0) / 3);
    assertThat(scores.confusions()).hasSize(2);
  }

  @Test
  void goldThatIsNoLabelIsRefusedBeforeAnythingIsAsked() {
    var asking = new AskingSettings("{}", List.of(), 5, AskingSettings.Choices.LETTERS, 8, 64);
    var settings =
        new VqaSettings(
            "colours", new Steps(10), asking, List.of("labels/1"), COLOURS.subList(0, 2), 100);
    assertThatThrownBy(
            () ->
                VqaEvaluation.of(
                    settings,
                    new ToyQuestions(9, false),
                    Optional.empty(),
                    ToldFacts::ofOpenQuestions,
                    KEY))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "evaluate.colours: id 'tile-2/open': the gold is 'blue', expected by labels/1 one of"
                + " the labels [red, green] or a synonym of one; list it in labels");
  }

  @Test
  void labelsThatCannotBeToldApartAreRefused() {
    var fat = new AnswerLabel("lipid", List.of("fat"));
    refused("labels: 'The fat' of the label 'b' means 'lipid' already", fat, "The fat");
    refused("labels: 'The' of the label 'b' has no words to look for", fat, "The");
    assertThatThrownBy(() -> VqaSettings.checked(List.of("labels/1"), List.of()))
        .hasMessage(
            "scorers: 'labels/1' reads answers for labels, and there are none; list them as"
                + " labels");
    assertThatThrownBy(() -> VqaSettings.checked(List.of("open/1"), COLOURS))
        .hasMessageStartingWith("labels: no scorer reads answers for them; name labels/1");
    assertThatThrownBy(() -> new AnswerLabel("a", List.of(" ")))
        .hasMessageContaining("is blank; write words that answers have");
    assertThat(new Scorers(COLOURS).named(List.of("labels/1")).getFirst().judges(Kind.CHOICE))
        .isFalse();
  }

  private static void refused(String message, AnswerLabel first, String synonym) {
    List<AnswerLabel> labels = List.of(first, new AnswerLabel("b", List.of(synonym)));
    assertThatThrownBy(() -> VqaSettings.checked(List.of("labels/1"), labels))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
