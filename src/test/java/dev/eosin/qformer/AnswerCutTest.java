package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AnswerCutTest {
  private static final AnswerCut CUT = new AnswerCut(4, 3);

  @Test
  void aPromptKeepsItsBeginAndItsLastIds() {
    int[] ids = {5, 6, 7, 8, 9};
    assertThat(CUT.prompt(ids, OptionalInt.of(1), OptionalInt.empty())).containsExactly(1, 7, 8, 9);
    assertThat(CUT.prompt(ids, OptionalInt.empty(), OptionalInt.of(2))).containsExactly(7, 8, 9, 2);
    assertThat(CUT.prompt(new int[] {5}, OptionalInt.of(1), OptionalInt.of(2)))
        .containsExactly(1, 5, 2);
  }

  @Test
  void anAnswerThatIsTooLongDoesNotEnd() {
    assertThat(CUT.answer(new int[] {5, 6}, 2)).containsExactly(5, 6, 2);
    assertThat(CUT.answer(new int[] {5, 6, 7}, 2)).containsExactly(5, 6, 7);
    assertThat(CUT.answer(new int[0], 2)).containsExactly(2);
  }

  @Test
  void whatLeavesNothingIsRefused() {
    assertThatThrownBy(() -> new AnswerCut(1, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("leave nothing");
  }
}
