package dev.eosin.data.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Pixels;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.data.settings.SyntheticSettings.Split;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SyntheticSourceTest {
  private static final int CLASSES = Tissue.values().length;

  private static Source source(long samples, Split split, int tile, long seed) {
    return new SyntheticSource(new SyntheticSettings(samples, split, new Pixels(tile), seed));
  }

  private static RgbImage tile(Source source, long index) {
    try {
      return (RgbImage) source.get(index).image().read();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @Test
  void tilesAreTheSameOnEveryThreadAndInEveryOrder() throws Exception {
    Source source = source(36, Split.TRAIN, 48, 3);
    List<byte[]> alone = new ArrayList<>();
    for (int i = 0; i < 36; i++) {
      alone.add(tile(source, i).pixels());
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<byte[]>> together = new ArrayList<>();
      for (int i = 35; i >= 0; i--) {
        int index = i;
        together.add(threads.submit(() -> tile(source, index).pixels()));
      }
      for (int i = 0; i < 36; i++) {
        assertThat(together.get(35 - i).get()).isEqualTo(alone.get(i));
      }
    }
  }

  @Test
  void aTileDependsOnItsIndexOnlyAndNotOnTheNumberOfSamples() {
    assertThat(tile(source(9, Split.TRAIN, 40, 1), 5).pixels())
        .isEqualTo(tile(source(1_000_000, Split.TRAIN, 40, 1), 5).pixels());
  }

  /// Another number means another drawing: then raise `SyntheticTiles.DRAWING_VERSION`, so that no
  /// run resumes on other tiles. Only exactly defined arithmetic is used: every machine agrees.
  @Test
  void theDrawingIsPinned() {
    int hash = SyntheticTiles.DRAWING_VERSION;
    for (int i = 0; i < 3 * CLASSES; i++) {
      hash = 31 * hash + Arrays.hashCode(tile(source(100, Split.TRAIN, 40, 0), i).pixels());
    }
    assertThat(hash).isEqualTo(1792363042);
  }

  @Test
  void splitsSeedsAndIndicesGiveDifferentTiles() {
    Set<Integer> seen = new HashSet<>();
    for (long seed = 0; seed < 2; seed++) {
      for (Split split : Split.values()) {
        for (int i = 0; i < 45; i++) {
          seen.add(Arrays.hashCode(tile(source(45, split, 24, seed), i).pixels()));
        }
      }
    }
    assertThat(seen).hasSize(2 * 2 * 45);
  }

  @Test
  void classesTakeTurnsAndHaveTexts() {
    Source source = source(9 * 7L, Split.VALIDATION, 16, 0);
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < source.size(); i++) {
      counts.merge(source.get(i).label().orElseThrow(), 1, Integer::sum);
    }

    assertThat(counts)
        .hasSize(CLASSES)
        .allSatisfy((label, count) -> assertThat(count).isEqualTo(7));
    assertThat(source.classTexts().keySet()).containsExactlyInAnyOrderElementsOf(counts.keySet());
    assertThat(CLASSES).isGreaterThanOrEqualTo(8);
  }

  @Test
  void captionsNameTheirClassAndNoOther() {
    Source source = source(900, Split.TRAIN, 16, 0);
    int plain = 0;
    Set<String> distinct = new HashSet<>();
    for (int i = 0; i < 900; i++) {
      Sample sample = source.get(i);
      Tissue tissue = Tissue.values()[i % CLASSES];
      assertThat(sample.texts()).hasSizeGreaterThan(1);
      for (String caption : sample.texts()) {
        String text = caption.toLowerCase(Locale.ROOT);
        distinct.add(text);
        plain += text.contains(tissue.text()) ? 1 : 0;
        boolean synonym = Vocabulary.synonyms(tissue).stream().anyMatch(text::contains);
        assertThat(text.contains(tissue.text()) || synonym).as(caption).isTrue();
        for (Tissue other : Tissue.values()) {
          assertThat(other != tissue && text.contains(other.text())).as(caption).isFalse();
        }
      }
    }
    assertThat(plain / (3 * 900.0)).isBetween(0.6, 0.8);
    assertThat(distinct).hasSizeGreaterThan(1_000);
  }

  @Test
  void captionsTellTheDensityThatIsDrawn() {
    for (Tissue tissue : Tissue.values()) {
      assertThat(Vocabulary.density(tissue, 0.1))
          .allMatch(words -> words.matches("(few|sparse) .*"));
      assertThat(Vocabulary.density(tissue, 0.9))
          .allMatch(words -> words.matches("(many|dense) .*"));
    }
  }

  @Test
  void samplesAreNamedBySplitAndIndex() {
    Source source = source(10, Split.VALIDATION, 16, 0);

    assertThat(source.get(7).key()).isEqualTo("synthetic/validation/7");
    assertThatThrownBy(() -> source.get(10)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> source.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void fingerprintsTellEverySettingApart() {
    Set<String> fingerprints = new HashSet<>();
    fingerprints.add(source(10, Split.TRAIN, 16, 0).fingerprint());
    fingerprints.add(source(11, Split.TRAIN, 16, 0).fingerprint());
    fingerprints.add(source(10, Split.VALIDATION, 16, 0).fingerprint());
    fingerprints.add(source(10, Split.TRAIN, 17, 0).fingerprint());
    fingerprints.add(source(10, Split.TRAIN, 16, 1).fingerprint());

    assertThat(fingerprints).hasSize(5);
    assertThat(source(10, Split.TRAIN, 16, 0).fingerprint())
        .isEqualTo(source(10, Split.TRAIN, 16, 0).fingerprint());
  }

  @Test
  void everyTissueIsDrawnAtEverySize() {
    for (int size : new int[] {1, 7, 64, 96, 224}) {
      for (int i = 0; i < CLASSES; i++) {
        assertThat(tile(source(CLASSES, Split.TRAIN, size, 5), i).width()).isEqualTo(size);
      }
    }
  }
}
