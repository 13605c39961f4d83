package dev.eosin.revise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.revise.MarkedPiece.Mark;
import org.junit.jupiter.api.Test;

/// What an answer makes of one caption.
class CaptionReviserTest {
  private static CaptionReviser reviser(ReviseSettings.Answer answer) {
    return new CaptionReviser(
        new ReviseSettings(answer, "Mend: {caption}", ReviseSettings.Images.OWN, 0));
  }

  @Test
  void editsAreAppliedAndTold() {
    CaptionReviser edits = reviser(ReviseSettings.Answer.EDITS);
    assertThat(edits.question("a blue cell")).isEqualTo("Mend: a blue cell");
    String answer =
        "[{\"operation\": \"modify\", \"from\": \"blue\", \"to\": \"pink\"},"
            + " {\"operation\": \"add\", \"text\": \", no mitosis\"}]";
    CaptionReviser.Revised revised = edits.revised("a blue cell", answer).orElseThrow();
    assertThat(revised.caption()).isEqualTo("a pink cell, no mitosis");
    assertThat(revised.pieces())
        .containsExactly(
            new MarkedPiece(Mark.PLAIN, "a "),
            new MarkedPiece(Mark.OUT, "blue"),
            new MarkedPiece(Mark.IN, "pink"),
            new MarkedPiece(Mark.PLAIN, " cell"),
            new MarkedPiece(Mark.IN, ", no mitosis"));
    assertThat(edits.revised("a blue cell", "[]").orElseThrow().pieces())
        .containsExactly(new MarkedPiece(Mark.PLAIN, "a blue cell"));
  }

  @Test
  void whatIsNoAnswerIsNone() {
    CaptionReviser edits = reviser(ReviseSettings.Answer.EDITS);
    assertThat(edits.revised("a blue cell", "it is pink")).isEmpty();
    assertThat(edits.revised("a blue cell", "[{\"operation\": \"delete\", \"text\": \"green\"}]"))
        .isEmpty();
    assertThat(reviser(ReviseSettings.Answer.TEXT).revised("a", " b ").orElseThrow().caption())
        .isEqualTo("b");
  }
}
