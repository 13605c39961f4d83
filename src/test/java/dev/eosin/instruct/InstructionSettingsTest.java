package dev.eosin.instruct;

import static dev.eosin.instruct.InstructionFixture.CLOSED;
import static dev.eosin.instruct.InstructionFixture.FIELDS;
import static dev.eosin.instruct.InstructionFixture.OPEN;
import static dev.eosin.instruct.InstructionFixture.bound;
import static dev.eosin.instruct.InstructionFixture.captions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.caption.LlmSettings;
import dev.eosin.config.RecipeException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstructionSettingsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                                     | no questions are made
          open: { questions: [] }                                | expected at least one template
          open: { questions: [What, What] }                    | stands there twice
          open: { questions: [What], answer: Tissue. }          | neither {caption} nor {label}
          open: { questions: ['Is it {caption}?'] }              | which is the answer of open questions
          open: { questions: [What], per-caption: 2 }           | more than the 1
          open: { questions: [' '] }                             | is empty
          closed: { questions: [Is it so] }                     | has none of {caption} and {label}
          closed: { questions: ['Is {label} {caption}?'] }       | has both of {caption} and {label}
          closed: { questions: ['Is it {tissue}?'] }             | expected {caption} or {label}
          closed: { questions: ['Is it {label}?'], no: 'Yes' }   | are empty or the same
          generated: { llm: { model: m, system: x } }            | what the model is told is prompt
          generated: { llm: { model: m }, prompt: '' }           | is empty
          generated: { llm: { model: m }, forbidden: ['a b'] }   | no word of letters
          """)
  void problemsAreTold(String way, String problem) {
    assertThatThrownBy(() -> bound(FIELDS + way))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { questions: 10, generated: 0, open: 0.5, closed: 0.6 } | add up to 1.1, expected 1
          { questions: 10, generated: 0.5, open: 0.5, closed: 0 } | but generated is not given
          { questions: 0, generated: 0, open: 0.5, closed: 0.5 }  | questions
          """)
  void sharesThatAreNoWholeAreRefused(String mix, String problem) {
    assertThatThrownBy(() -> bound(FIELDS + OPEN + CLOSED + "mix: " + mix))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void labelsThatAreWantedMustBeNamed() {
    assertThatThrownBy(() -> bound("type: captions\npath: x\n" + CLOSED))
        .hasMessageContaining("no field with labels is named");
    assertThatThrownBy(() -> bound("type: captions\npath: x\nlabel-names: { A: ' ' }\n" + OPEN))
        .hasMessageContaining("'A' has no text");
  }

  @Test
  void sharesBecomeWholeNumbersThatAddUp() {
    assertThat(new InstructionMix(45_000, 1 / 3.0, 1 / 3.0, 1 / 3.0).quotas())
        .isEqualTo(Map.of(Way.GENERATED, 15_000, Way.OPEN, 15_000, Way.CLOSED, 15_000));
    assertThat(new InstructionMix(10, 0.25, 0.35, 0.4).quotas().values())
        .satisfies(all -> assertThat(all.stream().mapToInt(Integer::intValue).sum()).isEqualTo(10));
  }

  @Test
  void theModelIsToldThePromptAndShownTheExample() {
    LlmSettings asked = captions(FIELDS + "generated: { llm: { model: m } }").asks().orElseThrow();
    assertThat(asked.system().orElseThrow())
        .contains("never of a caption, a title, a context, a narrator", "no diagnosis");
    assertThat(asked.examples()).hasSize(1);
    PairText example = PairText.of(asked.examples().getFirst().answer(), false);
    assertThat(example.pairs()).hasSize(4);
    PairRules rules =
        PairRules.of(
            captions(FIELDS + "generated: { llm: { model: m } }").generated().orElseThrow());
    assertThat(example.pairs()).noneMatch(pair -> rules.leftOut(pair).isPresent());
  }

  @Test
  void whatIsNotAskedHasNoShare() {
    String mix = "mix: { questions: 10, generated: 0, open: 0.5, closed: 0.5 }\n";
    assertThat(captions(FIELDS + "generated: { llm: { model: m } }\n" + OPEN + CLOSED + mix).asks())
        .isEmpty();
  }
}
