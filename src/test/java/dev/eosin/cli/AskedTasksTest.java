package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.AnswersFile;
import dev.eosin.eval.answers.Control;
import dev.eosin.vllm.TinyVisionLanguage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Classification by text and multiple choice, of a stored model that sees.
class AskedTasksTest {
  private static final String RECIPE =
      """
      kind: vqa-evaluation
      compute: { device: cpu, threads: 1 }
      answers: { type: language-model, path: "%s" }
      questions: %s
      asking: { controls: [no-image], most-tokens: 4, choices: %s }
      scorers: %s
      bootstrap: 20
      output: { dir: "%s" }
      """;

  @TempDir private Path home;
  private Path model;

  @BeforeEach
  void modelAndPictures() throws IOException {
    model = TinyVisionLanguage.in(home.resolve("model"));
    for (int colour : List.of(0, 1)) {
      var image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
      image.setRGB(3, 3, 0xff00 * colour + 0xff);
      ImageIO.write(image, "png", home.resolve(colour + ".png").toFile());
    }
  }

  private JsonNode evaluate(String name, String questions, String choices, String scorers)
      throws IOException {
    Path results = home.resolve(name);
    Path recipe =
        Files.writeString(
            home.resolve(name + ".yaml"),
            RECIPE.formatted(model, questions, choices, scorers, results));
    CommandRun run = CommandRun.of("evaluate", recipe);
    assertThat(run.code()).as(run.err()).isZero();
    return new ObjectMapper().readTree(results.resolve("evaluation.json").toFile());
  }

  @Test
  void answersAreReadForLabels() throws IOException {
    Files.writeString(
        home.resolve("classes.csv"),
        "image,question,answer\n0.png,which?,fat\n1.png,which?,gland\n");
    JsonNode json =
        evaluate(
            "classes",
            "{ type: csv, path: \"%s\", columns: { image: image, question: question, answer: answer } }"
                .formatted(home.resolve("classes.csv")),
            "letters",
            "[labels/1]\nlabels: [fat, { name: gland, synonyms: [acinus] }]");
    JsonNode metrics = json.path("evaluations").path("vqa");
    for (String figure : List.of("accuracy", "micro_f1", "macro_f1", "none", "several")) {
      assertThat(metrics.path("labels_" + figure).asDouble(-1)).isBetween(0.0, 1.0);
      assertThat(metrics.has("labels_" + figure + "_no_image")).isTrue();
    }
    JsonNode confusions = json.path("details").path("vqa").path("confusions");
    assertThat(confusions).hasSize(2);
    assertThat(confusions.get(0).path("labels").get(0).path("rows").asInt()).isEqualTo(1);
  }

  /// By likelihoods what is taken is always an option, named by its letter and its text.
  @Test
  void choicesAreTakenByLettersAndByLikelihoods() throws IOException {
    Files.writeString(
        home.resolve("cases.csv"),
        "image,question,A,B,C,answer\n0.png,a man of 40. which?,fat,gland,bone,B\n"
            + "1.png,a woman of 30. which?,cyst,fibroma,,A\n");
    String questions =
        "{ type: question-set, layout: multiple-choice, path: \"%s\" }"
            .formatted(home.resolve("cases.csv"));
    Map<String, List<AnswerRow>> byChoices = new HashMap<>();
    for (String choices : List.of("letters", "likelihoods", "letter-likelihoods")) {
      JsonNode json = evaluate(choices, questions, choices, "[letters/1]");
      List<AnswerRow> rows =
          AnswersFile.read(home.resolve(choices).resolve("answers.jsonl")).rows();
      assertThat(rows).hasSize(2 * (3 + 2));
      byChoices.put(choices, rows);
      long right =
          rows.stream()
              .filter(row -> row.control() == Control.NONE)
              .filter(
                  row ->
                      row.answer()
                          .startsWith(AnswerRow.letter(row.options().indexOf(row.gold())) + ": "))
              .count();
      if (!choices.equals("letters")) {
        assertThat(json.path("evaluations").path("vqa").path("letters_accuracy").asDouble())
            .isEqualTo(right / 5.0);
      }
    }
    for (String choices : List.of("likelihoods", "letter-likelihoods")) {
      assertThat(byChoices.get(choices))
          .allMatch(
              row ->
                  row.answer()
                      .equals(
                          row.answer().charAt(0)
                              + ": "
                              + row.options().get(row.answer().charAt(0) - 'A')));
    }
  }
}
