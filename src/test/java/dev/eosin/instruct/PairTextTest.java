package dev.eosin.instruct;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What models write, and what is read of it.
class PairTextTest {
  private static final List<Instruction> TWO =
      List.of(
          new Instruction(Way.GENERATED, "What is seen?", "Glands: two of them."),
          new Instruction(Way.GENERATED, "Is it stained?", "Yes, by H&E."));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "question: \"What is seen?\"\n   answer: \"Glands: two of them.\"\nquestion: \"Is it stained?\"\nanswer: \"Yes, by H&E.\"",
        "Sure, here are the pairs:\n\n1. **Question:** What is seen?\n   **Answer:** Glands:\n   two of them.\n\n2. **Question:** Is it stained?\n   **Answer:** Yes, by H&E.",
        "Q1: What is seen?\nA1: Glands: two of them.\n\nQ2: Is it stained?\nA2: Yes, by H&E.",
        "- User: What is seen?\n- Assistant: Glands: two of them.\n- User: Is it stained?\n- Assistant: Yes, by H&E.",
        "QUESTION 1: What is seen? ANSWER 1: Glands: two of them.\nQUESTION 2: Is it stained? ANSWER 2: Yes, by H&E.",
        "```json\n[{\"question\": \"What is seen?\", \"answer\": \"Glands: two of them.\"}, {\"question\": \"Is it stained?\", \"answer\": \"Yes, by H&E.\"}]\n```",
        "{\"pairs\": [{\"Q\": \"What is seen?\", \"A\": \"Glands: two of them.\"}, {\"Question\": \"Is it stained?\", \"Answer\": \"Yes, by H&E.\"}]}",
        "### Question 1:\nWhat is seen?\n### Answer:\nGlands: two of them.\n\n### Question 2:\nIs it stained?\n### Answer:\nYes, by H&E.",
      })
  void pairsAreReadHoweverTheyAreMarked(String text) {
    PairText read = PairText.of(text, false);

    assertThat(read.pairs()).isEqualTo(TWO);
    assertThat(read.halves()).isEmpty();
  }

  @Test
  void halvesAndTheLastOneOfAStoppedModelAreLeftOut() {
    PairText read =
        PairText.of(
            "answer: Lost.\nquestion: What?\nquestion: Which?\nanswer: That.\nquestion: Who?",
            true);

    assertThat(read.pairs()).isEmpty();
    assertThat(read.halves())
        .extracting(half -> half.reason() + " " + half.question() + half.answer())
        .containsExactly(
            "half-a-pair Lost.", "half-a-pair What?", "half-a-pair Who?", "cut-short Which?That.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "The image shows fat.", "[1, 2", "{}"})
  void whatHasNoPairGivesNone(String text) {
    assertThat(PairText.of(text, false).pairs()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          What is mentioned?                 | speaks-of-the-text
          What does the Narrator see?        | speaks-of-the-text
          Which stain was used in 1998?      | date
          Was it taken on 3 March?           | date
          Was it taken on 12/05/2019?        | date
          Is this at 40x?                    | magnification
          Is this at 400 \u00d7 power?       | magnification
          Is this at x20?                    | magnification
          What is the magnification?         | magnification
          What is seen in 3 of 12 glands?    |
          Is it 20 xanthoma cells?           |
          May there be necrosis?             |
          """)
  void rulesFindWhatTheyAreFor(String question, String reason) {
    var settings =
        InstructionFixture.captions(InstructionFixture.FIELDS + "generated: { llm: { model: m } }");
    PairRules rules = PairRules.of(settings.generated().orElseThrow());

    Optional<LeftOut> found = rules.leftOut(new Instruction(Way.GENERATED, question, "Yes."));

    assertThat(found.map(LeftOut::reason)).isEqualTo(Optional.ofNullable(reason));
  }
}
