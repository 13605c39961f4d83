package dev.eosin.eval.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.Steps;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.batches.EvaluationSet;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EvaluationSettingsTest {
  private static final Source SOURCE =
      new Source() {
        @Override
        public long size() {
          return 0;
        }

        @Override
        public Sample get(long index) {
          throw new IndexOutOfBoundsException();
        }

        @Override
        public Map<String, String> classTexts() {
          return new TreeMap<>(Map.of("adi", "adipose", "tum", "tumour"));
        }

        @Override
        public String fingerprint() {
          return "";
        }
      };

  @Test
  void classNamesReplaceTheTextsOfTheData() throws DataException {
    assertThat(settings("tiles", Map.of("tum", "cancer")).prompts(set()))
        .containsExactly(List.of("a adipose."), List.of("a cancer."));
  }

  @Test
  void anUnknownLabelIsRefused() {
    assertThatThrownBy(() -> settings("tiles", Map.of("tumour", "cancer")).prompts(set()))
        .isInstanceOf(DataException.class)
        .hasMessage("evaluate.tiles: class-names has 'tumour', but the labels are [adi, tum]");
  }

  @Test
  void settingsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> settings("a b", Map.of())).hasMessageStartingWith("name: ");
    assertThatThrownBy(() -> new ValidationSettings("pairs", new Steps(0)))
        .hasMessageStartingWith("every: ");
    assertThatThrownBy(() -> zeroShot(List.of())).hasMessageStartingWith("prompts: ");
    assertThatThrownBy(() -> zeroShot(List.of("tile"))).hasMessageStartingWith("prompts: ");
    assertThatThrownBy(() -> settings("a", Map.of("x", " "))).hasMessageStartingWith("class-names");
  }

  /// A recipe with nothing but evaluations.
  record Recipe(List<EmbeddingEvaluation> evaluate) {}

  @Test
  void aRecipeNamesBothKinds() {
    RecipeFile recipe =
        RecipeFile.parse(
            Path.of("recipe.yaml"),
            """
            evaluate:
              - { type: zero-shot, name: tiles, data: validation, prompts: ["a {}."], every: 100 steps }
              - { type: validation, name: pairs, every: 100 steps }
            """,
            List.of(),
            Map.of());

    assertThat(Binder.bind(recipe, Recipe.class).evaluate())
        .containsExactly(
            settings("tiles", Map.of()), new ValidationSettings("pairs", new Steps(100)));
  }

  private static EvaluationSet set() throws DataException {
    return EvaluationSet.of("data.validation", SOURCE);
  }

  private static ZeroShotSettings zeroShot(List<String> prompts) {
    return new ZeroShotSettings(
        "tiles", ZeroShotSettings.Part.VALIDATION, prompts, Map.of(), new Steps(1), 0);
  }

  private static ZeroShotSettings settings(String name, Map<String, String> classNames) {
    return new ZeroShotSettings(
        name,
        ZeroShotSettings.Part.VALIDATION,
        List.of("a {}."),
        classNames,
        new Steps(100),
        1_000);
  }
}
