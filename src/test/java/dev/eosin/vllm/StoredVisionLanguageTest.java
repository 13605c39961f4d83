package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer.Answer;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.image.RgbImage;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.language.stored.StoredLanguage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A recorded model, asked from its folder.
class StoredVisionLanguageTest {
  @TempDir private Path home;
  private Path model;

  @BeforeEach
  void folder() throws IOException {
    model = TinyVisionLanguage.in(home.resolve("model"));
  }

  private static StoredLanguage.Wanted wanted(Path path) {
    return new StoredLanguage.Wanted(path, Optional.empty(), Optional.empty(), false);
  }

  private static RgbImage image(int seed) {
    byte[] pixels = new byte[3 * 40 * 30];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * seed);
    }
    return new RgbImage(40, 30, pixels);
  }

  private static List<Question> questions() {
    List<RgbImage> two = List.of(image(3), image(7));
    return List.of(
        new Question("a", List.of(image(3)), "what is it?", List.of(), 6),
        new Question("b", List.of(), "is the stain dark?", List.of(), 6),
        new Question("c", two, "<image> or <image>: which is darker, and where?", List.of(), 6));
  }

  private static List<String> answers(Path path, List<Question> questions) throws IOException {
    try (StoredVisionLanguage opened = StoredVisionLanguage.open(wanted(path));
        StoredVisionLanguage.Loaded loaded =
            opened.load(RecordedVisionLanguage.ENGINE, GenerationSettings.greedy(6))) {
      List<String> one = new ArrayList<>();
      for (Question question : questions) {
        one.add(loaded.answerer().answer(question).text());
      }
      List<String> all = loaded.answerer().answerAll(questions).stream().map(Answer::text).toList();
      assertThat(all).isEqualTo(one);
      return all;
    }
  }

  /// Questions with one picture, none and two are answered at once as they are one by one, and by
  /// what was written of the model as by the model.
  @Test
  void questionsWithDifferentNumbersOfImagesAreAnsweredAtOnce() throws IOException {
    Path out = home.resolve("out");
    List<String> notes =
        new VisionLanguageMerge(
                VisionLanguageFolder.open(model),
                Optional.empty(),
                Optional.empty(),
                Optional.of("v1"))
            .write(out, OptionalLong.of(10_000));
    assertThat(notes).isEmpty();
    assertThat(out.resolve("preprocessor_config.json")).exists();
    assertThat(out.resolve("processor_config.json")).exists();
    assertThat(out.resolve("tokenizer_config.json")).exists();
    assertThat(Files.readString(out.resolve("chat_template.jinja"))).contains("USER: ");
    assertThat(VisionLanguageText.template(out)).contains("v1");
    List<String> answers = answers(model, questions());
    assertThat(answers).doesNotHaveDuplicates();
    assertThat(answers(out, questions())).isEqualTo(answers);
  }

  @Test
  void adaptersAreMergedOrReadBeside() throws IOException {
    Path adapter = ParityCase.open("llava-train").file("adapter-trained");
    Path out = home.resolve("merged");
    new VisionLanguageMerge(
            VisionLanguageFolder.open(model),
            Optional.of(adapter),
            Optional.empty(),
            Optional.of("v1"))
        .write(out, OptionalLong.empty());
    List<Double> plain = likelihoods(wanted(model));
    List<Double> merged = likelihoods(wanted(out));
    List<Double> beside =
        likelihoods(
            new StoredLanguage.Wanted(model, Optional.of(adapter), Optional.empty(), false));
    for (int i = 0; i < plain.size(); i++) {
      assertThat(merged.get(i)).isCloseTo(beside.get(i), within(1e-4));
      assertThat(Math.abs(merged.get(i) - plain.get(i))).isGreaterThan(1e-3);
    }
  }

  private static List<Double> likelihoods(StoredLanguage.Wanted wanted) throws IOException {
    try (StoredVisionLanguage opened = StoredVisionLanguage.open(wanted);
        StoredVisionLanguage.Loaded loaded =
            opened.load(RecordedVisionLanguage.ENGINE, GenerationSettings.greedy(6))) {
      List<RgbImage> shown = List.of(image(3));
      var question = new Question("d", shown, "dark?", List.of("yes", "no"), 6);
      return loaded.answerer().answer(question).likelihoods();
    }
  }

  /// The states that the answer begins from, of every layer; the picture is in them.
  @Test
  void hiddenStatesAreOfTheLastTokenBeforeTheAnswer() throws IOException {
    try (StoredVisionLanguage opened = StoredVisionLanguage.open(wanted(model));
        StoredVisionLanguage.Loaded loaded =
            opened.load(RecordedVisionLanguage.ENGINE, GenerationSettings.greedy(6))) {
      List<float[][]> states = new ArrayList<>();
      for (int seed : List.of(3, 3, 7)) {
        var question = new Question("q", List.of(image(seed)), "what is it?", List.of(), 6);
        states.add(loaded.answerer().hiddenStates(question).orElseThrow());
      }
      JsonNode config = new JsonMapper().readTree(model.resolve("config.json").toFile());
      int layers = config.path("text_config").path("num_hidden_layers").asInt();
      assertThat(states.getFirst()).hasNumberOfRows(layers);
      assertThat(states.get(1)).isDeepEqualTo(states.getFirst());
      for (int layer = 0; layer < layers; layer++) {
        assertThat(states.get(2)[layer])
            .hasSameSizeAs(states.getFirst()[0])
            .isNotEqualTo(states.getFirst()[layer]);
      }
    }
  }

  @Test
  void whatCannotBeAskedIsNamed() throws IOException {
    var dialogue = new DialogueFormat("Q: {text}", " {text}");
    assertThatThrownBy(
            () ->
                StoredVisionLanguage.open(
                    new StoredLanguage.Wanted(
                        model, Optional.empty(), Optional.of(dialogue), false)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("puts questions by its chat template");
    try (StoredVisionLanguage opened = StoredVisionLanguage.open(wanted(model))) {
      assertThatThrownBy(() -> opened.requireRoom("q7", "why? ".repeat(500), 4))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("q7: ")
          .hasMessageContaining("shorten the question");
    }
    assertThatThrownBy(
            () ->
                answers(
                    model,
                    List.of(new Question("x", List.of(image(3)), "<image> <image>", List.of(), 6))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("x: 2 image marks for 1 images");
  }
}
