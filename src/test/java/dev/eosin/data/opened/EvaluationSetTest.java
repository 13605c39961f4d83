package dev.eosin.data.opened;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Share;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.TinySource;
import dev.eosin.data.batches.BadRowLog;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.EvaluationSet;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EvaluationSetTest {
  private static final TinySource SOURCE = new TinySource(10, Set.of());

  @Test
  void classesAreInTheSourcesOrder() throws IOException {
    EvaluationSet set = EvaluationSet.of("data.validation", SOURCE);
    assertThat(set.labels()).containsExactly("even", "odd");
    assertThat(set.prompts(List.of("{}.", "An image of {}.")))
        .containsExactly(
            List.of("an even number.", "An image of an even number."),
            List.of("an odd number.", "An image of an odd number."));
  }

  @Test
  void batchesGiveClasses() throws IOException {
    EvaluationSet set = EvaluationSet.of("data.validation", SOURCE);
    BadRowLog log = BadRowLog.unlisted("data.validation", new BadRowSettings(new Share(0)), 10);
    try (BatchLoader batches =
        BatchLoader.evaluation(set.source(), TinySource.preparation(), 4, 1, log)) {
      assertThat(set.classes(batches.next())).containsExactly(0, 1, 0, 1);
      batches.next();
      assertThat(set.classes(batches.next())).containsExactly(0, 1);
    }
  }

  @Test
  void aShuffledSourceHasTheSameSamplesInAnOrderOfTheKeyAlone() {
    var whole = new TinySource(100, Set.of());
    Source shuffled = whole.shuffled(new RandomKey(3));
    List<String> keys = keys(shuffled);
    assertThat(keys).containsExactlyInAnyOrderElementsOf(keys(whole)).isNotEqualTo(keys(whole));
    assertThat(keys(new TinySource(100, Set.of(5L)).shuffled(new RandomKey(3)))).isEqualTo(keys);
    assertThat(keys(whole.shuffled(new RandomKey(4)))).isNotEqualTo(keys);
    assertThat(shuffled.classTexts()).isEqualTo(whole.classTexts());
    // Groups of four lie beside each other in the table, in a batch of ten only by chance.
    long together =
        LongStream.range(0, 10).mapToObj(i -> shuffled.get(i).group()).distinct().count();
    assertThat(together).isGreaterThan(6);
    assertThat(keys(new TinySource(1, Set.of()).shuffled(new RandomKey(3)))).hasSize(1);
  }

  private static List<String> keys(Source source) {
    return LongStream.range(0, source.size()).mapToObj(i -> source.get(i).key()).toList();
  }

  @Test
  void aSourceWithoutLabelsIsRefused() {
    Source unlabelled =
        new Source() {
          @Override
          public long size() {
            return 1;
          }

          @Override
          public Sample get(long index) {
            return SOURCE.get(index);
          }

          @Override
          public String fingerprint() {
            return "";
          }
        };
    assertThatThrownBy(() -> EvaluationSet.of("data.validation", unlabelled))
        .isInstanceOf(DataException.class)
        .hasMessage("data.validation: zero-shot evaluation needs labels; set columns.label");
  }

  @Test
  void groupsOnBothSidesAreRefused() throws IOException {
    assertThat(GroupLeaks.of(new TinySource(8, Set.of()), new Shifted(SOURCE, 8)).verdict())
        .isEmpty();
    assertThatThrownBy(() -> GroupLeaks.of(SOURCE, new Shifted(SOURCE, 4)).verdict())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2 of its 2 groups are also in data.train")
        .hasMessageContaining("[group 1, group 2]");
  }

  /// The samples of another source from one on.
  private record Shifted(Source source, long first) implements Source {
    @Override
    public long size() {
      return source.size() - first;
    }

    @Override
    public Sample get(long index) {
      return source.get(index + first);
    }

    @Override
    public String fingerprint() {
      return "shifted";
    }
  }
}
