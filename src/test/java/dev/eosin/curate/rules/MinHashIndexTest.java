package dev.eosin.curate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.config.Share;
import dev.eosin.curate.steps.CurationStep.SimilarCaptions;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MinHashIndexTest {
  /// Captions of 12 to 40 words, a third of which are earlier ones with some words changed.
  private static List<String> captions(int count) {
    RandomStream random = new RandomKey(3).stream(Purpose.SAMPLE_ORDER, 0, 0);
    List<String> captions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String[] words;
      if (i > 0 && random.nextInt(3) == 0) {
        words = captions.get(random.nextInt(i)).split(" ");
        for (int edits = random.nextInt(5); edits > 0; edits--) {
          words[random.nextInt(words.length)] = "w" + random.nextInt(500);
        }
      } else {
        words =
            IntStream.range(0, 12 + random.nextInt(29))
                .mapToObj(_ -> "w" + random.nextInt(500))
                .toArray(String[]::new);
      }
      captions.add(String.join(" ", words));
    }
    return captions;
  }

  @Test
  void nearlyEveryDuplicateOfAComparisonOfAllWithAllIsFoundAndNoOther() {
    for (double least : new double[] {0.5, 0.8}) {
      DuplicateCheck check =
          DuplicateCheck.of(captions(3000), new SimilarCaptions(new Share(least), 3));
      assertThat(check.duplicates()).isGreaterThan(300);
      assertThat(check.missed()).isLessThanOrEqualTo(check.duplicates() / 200);
      assertThat(check.others()).isLessThanOrEqualTo(check.missed());
    }
  }

  @Test
  void whatIsFoundIsTheFirstThatIsAlike() {
    Shingles shingles = new Shingles(2);
    MinHashIndex index = new MinHashIndex(new MinHashBands(0.6, 10));
    assertThat(index.findOrAdd(shingles.of("a b c d e f g h"))).isEqualTo(MinHashIndex.NONE);
    assertThat(index.findOrAdd(shingles.of("a b c d x y z q"))).isEqualTo(MinHashIndex.NONE);
    assertThat(index.findOrAdd(shingles.of("A, b c: d e f g (h)!"))).isZero();
    assertThat(index.find(shingles.of("a b c d x y z"))).isEqualTo(1);
    assertThat(index.similarity(shingles.of("a b c d x y z"), 1)).isEqualTo(6 / 7.0);
    assertThat(index.findOrAdd(shingles.of("!?"))).isEqualTo(MinHashIndex.NONE);
  }

  @Test
  void theSameQueryFindsTheSameAgainAndAgain() {
    Shingles shingles = new Shingles(1);
    MinHashIndex index = new MinHashIndex(new MinHashBands(0.8, 4));
    index.findOrAdd(shingles.of("a b c d e"));
    for (int i = 0; i < 3; i++) {
      assertThat(index.findOrAdd(shingles.of("a b c d e"))).isZero();
    }
  }

  @Test
  void captionsOfAMegabyteAreComparedByTheirBeginning() {
    Shingles shingles = new Shingles(3);
    String words = String.join(" ", captions(100));
    String page = words.repeat(1_000_000 / words.length() + 1);
    assertThat(shingles.of(page)).hasSizeLessThanOrEqualTo(Shingles.MOST);
    String numbers = String.join(" ", IntStream.range(0, 150_000).mapToObj(i -> "n" + i).toList());
    assertThat(shingles.of(numbers)).hasSize(Shingles.MOST);
  }

  @Test
  void bandsMeetWhatIsAtTheLimit() {
    assertThat(MinHashBands.bandRows(0.8)).isEqualTo(6);
    for (double least : new double[] {0.3, 0.5, 0.8, 0.9, 0.99}) {
      assertThat(MinHashBands.recall(least, MinHashBands.bandRows(least)))
          .isGreaterThanOrEqualTo(MinHashBands.LEAST_RECALL);
    }
  }

  @Test
  void numbersOfKeysSurviveTheGrowthOfTheirTable() {
    LongTable table = new LongTable();
    Map<Long, Integer> expected = new HashMap<>();
    RandomStream random = new RandomKey(1).stream(Purpose.SAMPLE_ORDER, 0, 0);
    for (int i = 0; i < 20_000; i++) {
      long key = random.nextInt(9_000);
      Integer before = expected.putIfAbsent(key, i);
      assertThat(table.putIfAbsent(key, i)).isEqualTo(before == null ? LongTable.NONE : before);
      if (i % 7 == 0) {
        table.put(key, i);
        expected.put(key, i);
      }
    }
    expected.forEach((key, value) -> assertThat(table.get(key)).isEqualTo(value));
    assertThat(table.get(-5)).isEqualTo(LongTable.NONE);
  }
}
