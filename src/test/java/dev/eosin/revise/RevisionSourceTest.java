package dev.eosin.revise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.data.settings.SyntheticSettings.FactDrawing;
import dev.eosin.data.settings.SyntheticSettings.Says;
import dev.eosin.data.settings.SyntheticSettings.Split;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.revise.ReviseSettings.Answer;
import dev.eosin.revise.ReviseSettings.Images;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RevisionSourceTest {
  private static final ReviseSettings SETTINGS =
      new ReviseSettings(Answer.EDITS, "revise: {caption}.", Images.OWN, 1.0 / 3);

  private static Source drawn(int samples, Says says) throws DataException {
    var settings =
        new SyntheticSettings(
            samples, Split.TRAIN, new Pixels(64), 0, FactDrawing.INDEPENDENT, says);
    return Sources.open(settings, new ImageDecoder());
  }

  @Test
  void aCaptionIsAskedAboutAndItsAnswerMendsIt() throws Exception {
    RevisionSource source = RevisionSource.of(drawn(50, Says.FINDINGS), SETTINGS);
    for (int i = 0; i < 50; i++) {
      RevisionSource.Degraded degraded = source.degraded(i);
      QuestionAnswer asked = (QuestionAnswer) source.get(i).content();
      assertThat(asked.question()).isEqualTo("revise: " + degraded.corrupted() + ".");
      assertThat(asked.fact()).contains(degraded.operations().operation());
      assertThat(Corrections.revised(Answer.EDITS, degraded.corrupted(), asked.answer()))
          .contains(degraded.target());
      assertThat(drawn(50, Says.FINDINGS).get(i).texts()).contains(degraded.target());
    }
  }

  @Test
  void someOfTheSamplesAreDegradedAsInTheWhole() throws Exception {
    RevisionSource whole = RevisionSource.of(drawn(20, Says.FINDINGS), SETTINGS);
    Source some = whole.only(new int[] {3, 7, 19}, "three");
    assertThat(some.get(1).content()).isEqualTo(whole.get(7).content());
    assertThat(some.fingerprint()).isNotEqualTo(whole.fingerprint());
  }

  /// The words of a caption do not tell whether it was degraded: no word is more frequent among
  /// degraded captions than among good ones, beyond what four standard errors allow.
  @Test
  void noWordTellsWhatWasDegraded() throws Exception {
    RevisionSource source = RevisionSource.of(drawn(6_000, Says.FINDINGS), SETTINGS);
    Map<String, int[]> counts = new HashMap<>();
    int[] all = new int[2];
    Map<String, Integer> operations = new HashMap<>();
    for (int i = 0; i < 6_000; i++) {
      RevisionSource.Degraded degraded = source.degraded(i);
      String operation = degraded.operations().operation();
      operations.merge(operation, 1, Integer::sum);
      int side = operation.equals("none") ? 0 : 1;
      all[side]++;
      Set<String> words = new HashSet<>(List.of(degraded.corrupted().split("[^a-z]+")));
      words.forEach(word -> counts.computeIfAbsent(word, unknown -> new int[2])[side]++);
    }
    assertThat(operations.keySet()).containsExactlyInAnyOrder("none", "modify", "add", "delete");
    assertThat(operations.get("none")).isBetween(1_850, 2_150);
    counts.forEach(
        (word, count) -> {
          double share = (double) (count[0] + count[1]) / (all[0] + all[1]);
          double error = Math.sqrt(share * (1 - share) * (1.0 / all[0] + 1.0 / all[1]));
          double difference = (double) count[0] / all[0] - (double) count[1] / all[1];
          assertThat(Math.abs(difference)).as(word).isLessThanOrEqualTo(4 * error);
        });
  }

  @Test
  void whatSaysSomethingElseStaysOrIsRefused() throws Exception {
    assertThatThrownBy(() -> RevisionSource.of(drawn(4, Says.DIALOGUES), SETTINGS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("say findings");
    Sample question = drawn(4, Says.QUESTIONS).get(0);
    assertThat(question.content()).isInstanceOf(QuestionAnswer.class);
  }
}
