package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.order.OverLength;
import dev.eosin.language.chat.ChatRow;
import dev.eosin.language.rows.TokenRows;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageSlotsTest {
  private static final int MARK = 9;

  private static ChatRow row(int[] ids, boolean... supervised) {
    return new ChatRow("", ids, supervised);
  }

  private static final ChatRow ONE =
      row(new int[] {1, MARK, 2, 3, 4}, false, false, false, true, true);

  private static ImageSlots slots(int length, OverLength rule) {
    return new ImageSlots(MARK, 3, length, rule);
  }

  @Test
  void aMarkBecomesTheTokensOfAnImage() throws DataException {
    ChatRow found = slots(7, OverLength.REFUSE).fitted(ONE, 1).orElseThrow();
    assertThat(found.ids()).containsExactly(1, MARK, MARK, MARK, 2, 3, 4);
    assertThat(found.supervised()).containsExactly(false, false, false, false, false, true, true);
    ChatRow last = row(new int[] {1, 2, MARK}, false, true, true);
    ChatRow expanded = slots(9, OverLength.REFUSE).expanded(last, 1);
    assertThat(expanded.supervised()).containsExactly(false, true, false, false, false);
    assertThat(slots(1, OverLength.CUT).expanded(new int[] {1, MARK}, 1))
        .containsExactly(1, MARK, MARK, MARK);
  }

  @Test
  void longRowsAreCutDroppedOrRefused() throws DataException {
    Optional<ChatRow> cut = slots(6, OverLength.CUT).fitted(ONE, 1);
    assertThat(cut.orElseThrow().ids()).containsExactly(1, MARK, MARK, MARK, 2, 3);
    assertThat(cut.orElseThrow().asked()).isEqualTo(1);
    assertThat(slots(6, OverLength.DROP).fitted(ONE, 1)).isEmpty();
    assertThatThrownBy(() -> slots(6, OverLength.REFUSE).fitted(ONE, 1))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("has 7 ids with its 1 images, 6 are allowed");
  }

  @Test
  void neitherAnImageNorTheWholeAnswerIsCutAway() {
    assertThatThrownBy(() -> slots(3, OverLength.CUT).fitted(ONE, 1))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("an image would be cut: the row has 7 ids with its 1 images");
    assertThatThrownBy(() -> slots(5, OverLength.CUT).fitted(ONE, 1))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("none of its first 5 ids (of 7) is asked for");
  }

  @Test
  void marksAndImagesDifferInNumber() {
    assertThatThrownBy(() -> slots(9, OverLength.CUT).fitted(ONE, 2))
        .isInstanceOf(DataException.class)
        .hasMessage("1 image marks for 2 images; each image has one <image> in the text");
    TokenRows rows = new TokenRows(1, 3, new long[] {1, MARK, MARK}, new long[0], new long[0]);
    assertThat(SeenRows.of(rows, MARK, 1, 2).places()).containsExactly(1, 2);
    assertThat(SeenRows.of(rows, MARK, 1, 2).rows().ids()).containsExactly(1, 0, 0);
    assertThatThrownBy(() -> SeenRows.of(rows, MARK, 1, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("2 image tokens, but 1 images of 3 tokens each make 3");
  }
}
