package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.RecipeException;
import dev.eosin.config.RecipeFile;
import dev.eosin.config.Seconds;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreparationSettingsTest {
  @Test
  void aRecipeMaySayAllOrNothing() {
    assertThat(bind("{}")).isEqualTo(new PreparationSettings(8, Failed.OPEN, 50, Limits.NONE));
    assertThat(
            bind(
                """
                parallel: 64
                failed: reject
                failures-in-a-row: 5
                budget: { calls: 10_000, money: 12.5, time: 3600 s }
                """))
        .isEqualTo(
            new PreparationSettings(
                64,
                Failed.REJECT,
                5,
                new Limits(
                    Optional.of(10_000L),
                    Optional.empty(),
                    Optional.of(12.5),
                    Optional.of(new Seconds(3600)))));
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatThrownBy(() -> bind("{ parallel: 0, budget: { calls: -1 } }"))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("parallel")
        .hasMessageContaining("budget.calls");
  }

  private static PreparationSettings bind(String yaml) {
    RecipeFile recipe = RecipeFile.parse(Path.of("prepare.yaml"), yaml, List.of(), Map.of());
    return Binder.bind(recipe, PreparationSettings.class);
  }
}
