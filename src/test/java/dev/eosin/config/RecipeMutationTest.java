package dev.eosin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecipeMutationTest {
  private static final List<String> SPLINTERS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ":",
          ": ",
          "- ",
          "#",
          "&a ",
          "*a",
          "*fat",
          "!!int ",
          "!x ",
          "|",
          ">",
          "\n",
          "\t",
          "  ",
          "\"",
          "'",
          "%",
          "@",
          "`",
          "? ",
          "---\n",
          "...\n",
          "%YAML 1.2\n",
          "%TAG",
          "<<: ",
          "~",
          "null",
          "1e999",
          ".nan",
          "0x1F",
          "\\ud800",
          "\u0000",
          "\uFEFF",
          "${",
          "}",
          "type: ",
          "kind: ",
          "extends: x\n",
          "999999999999999999999",
          "_",
          "é",
          "😀",
          "\r",
          "\u2028",
          "\\x",
          "\\u12",
          "\\U00110000",
          "%YAML 99999999999.1\n---\n",
          "!<x>",
          "!%zz");

  @Test
  void aMutatedRecipeIsReadOrRefusedAndNothingElse() {
    Random random = new Random(7);
    int[] read = new int[1];
    assertTimeoutPreemptively(
        Duration.ofMinutes(5),
        () -> {
          for (int round = 0; round < 2_000; round++) {
            read[0] += attempt(mutated(Sketch.VALID, random)) ? 1 : 0;
          }
        });
    assertThat(read[0]).isBetween(50, 1_950);
  }

  @Test
  void aMutatedOverrideIsReadOrRefusedAndNothingElse() {
    Random random = new Random(8);
    for (int round = 0; round < 2_000; round++) {
      String override = mutated("evaluate.0.every=[{ a: 5 steps }, \"x\"]", random);
      assertThatCode(
              () -> {
                try {
                  Sketch.bind(Sketch.VALID, override);
                } catch (RecipeException expected) {
                  assertThat(expected.problems()).isNotEmpty();
                }
              })
          .as(override)
          .doesNotThrowAnyException();
    }
  }

  private static boolean attempt(String text) {
    try {
      Binder.bind(Sketch.parse(text), Sketch.class);
      return true;
    } catch (RecipeException refused) {
      assertThat(refused.problems()).isNotEmpty();
      assertThat(refused.getMessage()).startsWith("recipes/sketch.yaml: ");
      return false;
    } catch (RuntimeException | StackOverflowError other) {
      throw new AssertionError("recipe:\n" + text, other);
    }
  }

  static String mutated(String text, Random random) {
    StringBuilder mutated = new StringBuilder(text);
    for (int change = random.nextInt(4); change >= 0; change--) {
      int at = random.nextInt(mutated.length() + 1);
      int end = Math.min(mutated.length(), at + random.nextInt(12));
      switch (random.nextInt(4)) {
        case 0 -> mutated.insert(at, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
        case 1 -> mutated.delete(at, end);
        case 2 -> mutated.insert(random.nextInt(mutated.length() + 1), mutated.substring(at, end));
        default -> mutated.replace(at, end, Character.toString((char) random.nextInt(0x300)));
      }
    }
    return mutated.toString();
  }
}
