package dev.eosin.revise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.revise.ReviseSettings.Answer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorrectionsTest {
  private static final List<String> WORDS =
      List.of("a", "blue", "gland", "with", "no", "mitoses", ",", ".", "upper", "left");

  @Test
  void editsSayWhatIsToBeDoneWithoutPlaces() {
    assertThat(Corrections.answer(Answer.EDITS, "blue stain, gland", "pink stain, gland"))
        .isEqualTo("[{\"operation\":\"modify\",\"from\":\"blue\",\"to\":\"pink\"}]");
    assertThat(Corrections.answer(Answer.EDITS, "in the upper left", "in the lower right"))
        .isEqualTo("[{\"operation\":\"modify\",\"from\":\"upper left\",\"to\":\"lower right\"}]");
    assertThat(Corrections.answer(Answer.EDITS, "a gland", "a gland, blue"))
        .isEqualTo("[{\"operation\":\"add\",\"text\":\", blue\"}]");
    assertThat(Corrections.answer(Answer.EDITS, "a gland, blue", "a gland"))
        .isEqualTo("[{\"operation\":\"delete\",\"text\":\", blue\"}]");
    assertThat(Corrections.answer(Answer.EDITS, "a gland", "a gland")).isEqualTo("[]");
  }

  @Test
  void wordsThatStandTwiceComeWithThoseBeforeThem() {
    assertThat(Corrections.answer(Answer.EDITS, "no gland, no mitoses", "no gland, two mitoses"))
        .isEqualTo("[{\"operation\":\"modify\",\"from\":\"gland, no\",\"to\":\"gland, two\"}]");
  }

  @Test
  void anAnswerMakesTheTargetWhateverBothSay() {
    RandomStream random = new RandomKey(1).stream(RandomKey.Purpose.BOOTSTRAP, 0, 0);
    for (int i = 0; i < 2_000; i++) {
      String corrupted = text(random);
      String target = text(random);
      assertThat(Corrections.between(corrupted, target).apply(corrupted)).isEqualTo(target);
      for (Answer form : Answer.values()) {
        String answer = Corrections.answer(form, corrupted, target);
        assertThat(Corrections.revised(form, corrupted, answer)).as(answer).contains(target);
      }
    }
  }

  private static String text(RandomStream random) {
    List<String> words = new ArrayList<>();
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      words.add(WORDS.get(random.nextInt(WORDS.size())));
    }
    return String.join(" ", words);
  }

  @Test
  void whatIsNoListOfEditsLeavesNoCaption() {
    for (String answer :
        List.of(
            "", "none", "{}", "[{\"operation\":\"modify\",\"from\":\"red\",\"to\":\"pink\"}]")) {
      assertThat(Corrections.revised(Answer.EDITS, "blue gland", answer)).as(answer).isEmpty();
    }
  }
}
