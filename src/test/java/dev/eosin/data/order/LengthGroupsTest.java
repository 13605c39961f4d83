package dev.eosin.data.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.EpochContent;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.Source;
import dev.eosin.data.opened.JoinedSource;
import dev.eosin.data.settings.RowLayoutSettings;
import dev.eosin.data.settings.RowLayoutSettings.Layout;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rows that are looked at before training: batches of like lengths, and what becomes of long ones.
class LengthGroupsTest {
  private static final RandomKey KEY = new RandomKey(4);

  /// Sample i says a word of i letters, or of as many as its remainder by 50; every third has an
  /// image.
  private record Words(long size) implements Source {
    @Override
    public Sample get(long index) {
      var content = new SampleContent.Document("a".repeat((int) (index % 50)));
      List<Sample.ImageReader> images = new ArrayList<>();
      if (index % 3 == 0) {
        images.add(
            () -> {
              throw new IOException("no image is read to know a length");
            });
      }
      return new Sample("row " + index, images, content, Optional.empty(), Optional.empty());
    }

    @Override
    public String fingerprint() {
      return "words " + size;
    }
  }

  /// Letters are ids; rows of 13 cannot be read, much too long ones have nothing that is asked for.
  private record Letters(int longest) implements MeasuredPreparation {
    @Override
    public Size size(Sample sample) throws IOException {
      int ids = ((SampleContent.Document) sample.content()).text().length();
      if (ids == 13) {
        throw new DataException(sample.key() + ": unlucky");
      }
      return new Size(
          ids,
          !sample.images().isEmpty(),
          ids > longest + 5 ? Optional.of("all of it is a question") : Optional.empty());
    }

    @Override
    public RowShape shape() {
      return new RowShape(1, 1, 0, Map.of());
    }

    @Override
    public Prepared training(Sample sample, SampleOrder order, long position) {
      throw new IllegalStateException("nothing is prepared");
    }

    @Override
    public Prepared evaluation(Sample sample, long position) {
      throw new IllegalStateException("nothing is prepared");
    }
  }

  private static LengthGroups groups(int size, int batch, int window, boolean pure) {
    RowLengths lengths = RowLengths.of("data.train", new Words(size), new Letters(60));
    var content = new EpochContent.EverySample(size);
    return new LengthGroups(
        KEY,
        new Arrangement.Shuffled(KEY, content),
        size,
        lengths,
        batch,
        new RowLayoutSettings(Layout.GROUPED, window, pure));
  }

  @ParameterizedTest
  @CsvSource({"96,8,4,false", "101,8,3,false", "101,8,3,true", "40,16,64,true", "17,16,2,false"})
  void everyEpochHasItsContentWhereverARunBegins(int size, int batch, int window, boolean pure) {
    LengthGroups order = groups(size, batch, window, pure);
    long[] three = LongStream.range(0, 3L * size).map(order::sample).toArray();
    for (int epoch = 0; epoch < 3; epoch++) {
      assertThat(Arrays.stream(three, epoch * size, (epoch + 1) * size).sorted())
          .containsExactlyElementsOf(LongStream.range(0, size).boxed().toList());
    }
    LengthGroups again = groups(size, batch, window, pure);
    for (int position = 3 * size - 1; position >= 0; position -= 5) {
      assertThat(again.sample(position)).isEqualTo(three[position]);
    }
    assertThat(Arrays.copyOf(three, size)).isNotEqualTo(Arrays.copyOfRange(three, size, 2 * size));
  }

  @Test
  void batchesHaveRowsOfLikeLengthsInRandomOrder() {
    LengthGroups order = groups(1_000, 10, 20, false);
    int[] shortest = new int[100];
    for (int batch = 0; batch < 100; batch++) {
      int[] lengths =
          IntStream.range(10 * batch, 10 * batch + 10)
              .map(position -> (int) (order.sample(position) % 50))
              .map(length -> length == 13 ? 0 : length)
              .toArray();
      int longest = Arrays.stream(lengths).max().orElseThrow();
      shortest[batch] = Arrays.stream(lengths).min().orElseThrow();
      assertThat(longest - shortest[batch]).isLessThan(10);
    }
    assertThat(shortest).isNotEqualTo(Arrays.stream(shortest).sorted().toArray());
  }

  @Test
  void aWindowHasOneBatchOfBothKindsAtMost() {
    LengthGroups order = groups(600, 10, 20, true);
    for (int window = 0; window < 3; window++) {
      long mixed =
          IntStream.range(20 * window, 20 * window + 20)
              .filter(
                  batch -> {
                    long pictured =
                        IntStream.range(10 * batch, 10 * batch + 10)
                            .filter(position -> pictured(order.sample(position)))
                            .count();
                    return pictured > 0 && pictured < 10;
                  })
              .count();
      assertThat(mixed).isLessThanOrEqualTo(1);
    }
  }

  /// Rows that cannot be read count as of no length and without images.
  private static boolean pictured(long sample) {
    return sample % 3 == 0 && sample % 50 != 13;
  }

  @Test
  void longRowsAreListedLeftOutOrRefused() throws DataException {
    RowLengths lengths = RowLengths.of("data.train", new Words(200), new Letters(46));
    assertThat(lengths.verdict(OverLength.CUT).orElseThrow())
        .startsWith(
            "data.train: 12 of 200 rows have more than 46 ids, and are cut: row 48 (row 47) 47,")
        .endsWith("row 200 (row 199) 49");
    assertThat(lengths.verdict(OverLength.DROP).orElseThrow()).contains("and are left out");
    assertThat(lengths.fitting()).hasSize(188).doesNotContain(47, 199);
    assertThatThrownBy(() -> lengths.verdict(OverLength.REFUSE))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("over-length is refuse; allow more, or let it cut or drop");
    assertThat(lengths.summary())
        .isEqualTo("data.train: rows have 24 ids on average, 49 at most, 46 are allowed");
    RowLengths few = RowLengths.of("data.train", new Words(200), new Letters(10));
    assertThat(few.verdict(OverLength.DROP).orElseThrow())
        .contains("row 12 (row 11) 11")
        .endsWith("row 32 (row 31) 31, and 132 more");
    assertThatThrownBy(() -> few.verdict(OverLength.CUT))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(
            "data.train: nothing can be learned of 136 of 200 rows: row 17 (row 16) 16")
        .hasMessageContaining(
            "The first: all of it is a question. Allow more ids, or let over-length drop");
    RowLengths none = RowLengths.of("data.train", new Words(3), new Letters(-1));
    assertThatThrownBy(() -> none.verdict(OverLength.DROP))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("data.train: every row has more than -1 ids, so that none is left");
  }

  @Test
  void sharesOfAMixtureStayWhenRowsAreLeftOut() throws DataException {
    var parts =
        List.of(
            new JoinedSource.Part("one", new Words(50)),
            new JoinedSource.Part("two", new Words(100)));
    Source joined = JoinedSource.of(parts);
    int[] kept = {1, 48, 50, 149};
    Source fewer = joined.only(kept, "four of them");
    assertThat(fewer.size()).isEqualTo(4);
    assertThat(LongStream.range(0, 4).mapToObj(i -> fewer.get(i).key()))
        .containsExactly("row 1", "row 48", "row 0", "row 99");
    assertThat(fewer.fingerprint()).isNotEqualTo(joined.fingerprint());
    assertThatThrownBy(() -> joined.only(new int[] {3}, "one of them"))
        .isInstanceOf(DataException.class)
        .hasMessage("data: nothing of the part 'two' is left (one of them)");
  }
}
