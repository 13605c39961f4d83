package dev.eosin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RecipeExceptionTest {
  private static final Path RECIPE = Path.of("recipes/bad.yaml");

  @Test
  void allProblemsAreShownInColumnsOverridesFirst() {
    Problems problems = new Problems(RECIPE);
    problems.add(
        new Place.Line(RECIPE, 16), "schedule.warmpu", "unknown key; did you mean 'warmup'?");
    problems.add(
        new Place.Line(RECIPE, 16),
        "schedule.length",
        "'20_000' has no unit; write e.g. '20_000 steps'");
    problems.add(new Place.CommandLine(), "batch.global", "'many' is not a number");
    assertThatThrownBy(problems::throwIfAny)
        .isInstanceOf(RecipeException.class)
        .hasMessage(
            """
            recipes/bad.yaml: 3 problems, nothing was started
              override  batch.global     'many' is not a number
              line 16   schedule.warmpu  unknown key; did you mean 'warmup'?
              line 16   schedule.length  '20_000' has no unit; write e.g. '20_000 steps'""");
  }

  @Test
  void aProblemOfAnotherFileNamesIt() {
    Problems problems = new Problems(RECIPE);
    problems.add(new Place.Line(Path.of("recipes/base.yaml"), 3), "seed", "'x' is not a number");
    assertThatThrownBy(problems::throwIfAny)
        .hasMessageContaining("1 problem, nothing")
        .hasMessageContaining("  recipes/base.yaml line 3  seed  'x' is not a number");
  }

  @Test
  void aFloodOfProblemsIsCutShort() {
    Problems problems = new Problems(RECIPE);
    for (int line = 1; line <= 90_000; line++) {
      problems.add(new Place.Line(RECIPE, line), "x", "wrong");
      problems.add(new Place.Line(RECIPE, line), "x", "wrong");
    }
    assertThatThrownBy(problems::throwIfAny)
        .hasMessageStartingWith("recipes/bad.yaml: 90000 problems")
        .hasMessageEndingWith("line 50  x  wrong\n  and 89950 more");
  }

  @Test
  void withoutProblemsNothingIsThrown() {
    Problems problems = new Problems(RECIPE);
    problems.throwIfAny();
    assertThat(problems.isEmpty()).isTrue();
  }
}
