package dev.eosin.language.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.RecipeFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GenerationSettingsTest {
  /// A recipe with nothing but generation.
  record Recipe(GenerationSettings generate) {}

  private static GenerationSettings bound(String yaml) {
    return Binder.bind(
            RecipeFile.parse(Path.of("recipe.yaml"), yaml, List.of(), Map.of()), Recipe.class)
        .generate();
  }

  @Test
  void everythingHasADefault() {
    assertThat(bound("generate: {}")).isEqualTo(GenerationSettings.greedy(256));
  }

  @Test
  void recipesNameEachSearch() {
    assertThat(
            bound(
                """
                generate:
                  max-new-tokens: 40
                  min-new-tokens: 5
                  repetition-penalty: 1.5
                  stop: ["###"]
                  search: { type: beams, length-penalty: -1, early-stopping: full }
                """))
        .isEqualTo(
            new GenerationSettings(
                40,
                5,
                1.5,
                0,
                List.of("###"),
                new Search.Beams(5, -1, Search.EarlyStopping.FULL, 1)));
    assertThat(
            bound("generate: { search: { type: sampling, top-k: 50, sequences: 3, seed: 4 } }")
                .search())
        .isEqualTo(new Search.Sampling(1, 50, 1, 3, 4));
  }

  @Test
  void settingsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> bound("generate: { max-new-tokens: 4, min-new-tokens: 5 }"))
        .hasMessageContaining("5 is more than max-new-tokens, which is 4");
    assertThatThrownBy(() -> bound("generate: { stop: [\"\"] }"))
        .hasMessageContaining("an empty text is contained in every sequence");
    assertThatThrownBy(() -> bound("generate: { search: { type: beams, beams: 2, sequences: 3 } }"))
        .hasMessageContaining("3 are wanted of 2 beams");
    assertThatThrownBy(() -> bound("generate: { search: { type: sampling, temperature: 0 } }"))
        .hasMessageContaining("above 0");
  }
}
