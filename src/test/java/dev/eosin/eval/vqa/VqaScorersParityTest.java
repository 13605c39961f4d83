package dev.eosin.eval.vqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Golden case vqa-scorers: every row and every mean within the case's 1e-9.
@Tag("parity")
class VqaScorersParityTest {
  private static final double TOLERANCE = 1e-9;

  /// What the case calls the figures of the scorers.
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("quilt_open_recall", "recall"),
          Map.entry("quilt_open_precision", "precision"),
          Map.entry("quilt_open_f1", "f1"),
          Map.entry("quilt_open_exact", "quilt_exact"),
          Map.entry("quilt_open_cut_recall", "recall_cut"),
          Map.entry("quilt_open_cut_precision", "precision_cut"),
          Map.entry("quilt_open_cut_f1", "f1_cut"),
          Map.entry("quilt_open_cut_exact", "quilt_exact_cut"),
          Map.entry("closed_word_accuracy", "closed_1"),
          Map.entry("closed_no_accuracy", "closed_2"),
          Map.entry("token_recall", "token_recall_words"),
          Map.entry("bleu_1", "bleu1"),
          Map.entry("bleu_2", "bleu2"),
          Map.entry("bleu_3", "bleu3"),
          Map.entry("bleu_4", "bleu4"),
          Map.entry("bleu_only_2", "only2"),
          Map.entry("bleu_only_3", "only3"),
          Map.entry("corpus_bleu_4", "corpus_bleu4"),
          Map.entry("letter_colon_accuracy", "pmc_colon"),
          Map.entry("letter_patterns_accuracy", "pmc_patterns"));

  private final ParityCase parity = ParityCase.open("vqa-scorers");
  private final NormalisedWords words = new NormalisedWords();
  private JsonNode rows;
  private JsonNode choices;
  private JsonNode expected;

  @BeforeEach
  void open() throws IOException {
    var json = new JsonMapper();
    rows = json.readTree(parity.text("rows.json")).get("rows");
    choices = json.readTree(parity.text("multiple-choice.json")).get("rows");
    expected = json.readTree(parity.text("expected.json"));
  }

  /// The scorers that need no tokenizer, and the one by the case's.
  private List<Scorer> scorers() throws IOException {
    List<Scorer> scorers = new ArrayList<>(new Scorers().all());
    HuggingFaceTokenizer tokenizer =
        HuggingFaceTokenizer.newInstance(parity.beside("tokenizer-llama").file("tokenizer.json"));
    scorers.add(
        Scorers.tokenRecall(
            "token-recall-llama/1",
            "token_recall_bpe",
            text -> Arrays.stream(tokenizer.encode(text, false, false).getIds()).boxed().toList()));
    return scorers;
  }

  private static AnswerRow row(JsonNode json) {
    boolean choice = !json.has("answer_type");
    String type = choice ? "CHOICE" : json.get("answer_type").asText();
    String gold = json.path("yes_no_answer").asText(json.get("answer").asText());
    return new AnswerRow(
        json.get("id").asText(),
        Optional.empty(),
        json.path("question").asText(),
        gold,
        json.get("prediction").asText(),
        Kind.valueOf(type.toUpperCase(Locale.ROOT)),
        Optional.empty(),
        Control.NONE,
        0,
        0,
        List.of(),
        Optional.empty(),
        Map.of());
  }

  @Test
  void everyRowHasItsScores() throws IOException {
    int compared = 0;
    for (Scorer scorer : scorers()) {
      for (JsonNode each : rows) {
        AnswerRow row = row(each);
        if (!scorer.judges(row.type())) {
          continue;
        }
        double[] sums = new double[scorer.width()];
        scorer.add(List.of(row), sums);
        for (int metric = 0; metric < scorer.metrics().size(); metric++) {
          String own = scorer.metrics().get(metric);
          JsonNode theirs = each.get("scores").get(NAMES.getOrDefault(own, own));
          if (theirs != null) {
            assertThat(scorer.value(metric, sums))
                .as("%s of row %s", own, row.id())
                .isCloseTo(theirs.asDouble(), within(TOLERANCE));
            compared++;
          }
        }
      }
    }
    assertThat(compared).isEqualTo(recorded());
  }

  /// The scores of all rows but the one that is for information.
  private long recorded() {
    long recorded = 0;
    for (JsonNode row : rows) {
      recorded +=
          row.get("scores").properties().stream()
              .filter(score -> score.getValue().isNumber() && !score.getKey().startsWith("meteor"))
              .count();
    }
    return recorded;
  }

  @Test
  void everyMeanIsTheCases() throws IOException {
    Map<String, Double> found = new LinkedHashMap<>();
    for (Scorer scorer : scorers()) {
      add(found, scorer, "", rows, Kind.values());
      add(found, scorer, "", choices, Kind.values());
      if (scorer.name().equals("pathvqa-exact/1")) {
        add(found, scorer, "_yes_no", rows, Kind.CLOSED);
        add(found, scorer, "_other", rows, Kind.OPEN);
      }
    }
    expected
        .properties()
        .forEach(
            each -> {
              if (!each.getKey().startsWith("meteor")) { // for information, the case says
                assertThat(found).containsKey(each.getKey());
                assertThat(found.get(each.getKey()))
                    .as(each.getKey())
                    .isCloseTo(each.getValue().get("mean").asDouble(), within(TOLERANCE));
              }
            });
  }

  private static void add(
      Map<String, Double> found, Scorer scorer, String ending, JsonNode rows, Kind... types) {
    double[] sums = new double[scorer.width()];
    int judged = 0;
    for (JsonNode each : rows) {
      AnswerRow row = row(each);
      if (scorer.judges(row.type()) && List.of(types).contains(row.type())) {
        scorer.add(List.of(row), sums);
        judged++;
      }
    }
    if (judged > 0) {
      for (int metric = 0; metric < scorer.metrics().size(); metric++) {
        String own = scorer.metrics().get(metric);
        found.put(NAMES.getOrDefault(own, own) + ending, scorer.value(metric, sums));
      }
    }
  }

  @Test
  void textsAndLettersAreTheCasesExactly() {
    for (JsonNode each : rows) {
      JsonNode scores = each.get("scores");
      String answer = each.get("answer").asText();
      String prediction = each.get("prediction").asText();
      assertThat(words.asPublished(answer)).isEqualTo(scores.get("normalised_answer").asText());
      assertThat(words.asPublished(prediction))
          .isEqualTo(scores.get("normalised_prediction").asText());
      assertThat(WordScorers.pathvqaText(prediction))
          .isEqualTo(scores.get("pathvqa_prediction").asText());
      assertThat(WordScorers.pathvqaText(row(each).gold()))
          .isEqualTo(scores.get("pathvqa_answer").asText());
    }
    for (JsonNode each : choices) {
      String prediction = each.get("prediction").asText();
      assertThat(LetterReading.beforeColon(prediction))
          .isEqualTo(each.get("letter_colon").asText());
      assertThat(LetterReading.byPatterns(prediction).orElse("FAILED"))
          .as("row %s", each.get("id"))
          .isEqualTo(each.get("letter_patterns").asText());
    }
  }
}
