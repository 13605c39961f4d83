package dev.eosin.data.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Share;
import dev.eosin.data.Source;
import dev.eosin.data.TinySource;
import dev.eosin.data.synthetic.SyntheticSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// [TinySource] has groups of four samples.
class SplitTest {
  @Test
  void aGroupIsOnOneSideAndNothingIsLost() throws DataException {
    TinySource source = new TinySource(4_000, Set.of());
    Split split = split(SplitSettings.By.GROUP, 0.2, 3);
    Split.Sides sides = split.of("data.train", source);
    Source validation = sides.validation().orElseThrow();
    assertThat(sides.train().size() + validation.size()).isEqualTo(4_000);
    Set<String> both = groups(sides.train());
    both.retainAll(groups(validation));
    assertThat(both).isEmpty();
    // 1,000 groups: 200 expected, three standard deviations are 38.
    assertThat(groups(validation).size()).isBetween(162, 238);
    assertThat(split.summary())
        .contains("%d of 1,000 groups, ".formatted(groups(validation).size()))
        .contains("of 4,000 samples (");
    Set<String> keys = keys(sides.train());
    keys.addAll(keys(validation));
    assertThat(keys).hasSize(4_000);
    assertThat(validation.fingerprint()).isNotEqualTo(sides.train().fingerprint());
    assertThat(validation.classTexts()).isEqualTo(source.classTexts());
  }

  @Test
  void moreSamplesMoveNoOthers() throws DataException {
    for (SplitSettings.By by : SplitSettings.By.values()) {
      Set<String> few =
          keys(held(split(by, 0.3, 5).of("data.train", new TinySource(100, Set.of()))));
      Set<String> many =
          keys(held(split(by, 0.3, 5).of("data.train", new TinySource(1_000, Set.of()))));
      many.retainAll(keys(new TinySource(100, Set.of())));
      assertThat(many).isEqualTo(few);
    }
  }

  @Test
  void seedsHoldOutDifferentGroupsAndALargerShareHoldsOutMore() throws DataException {
    TinySource source = new TinySource(400, Set.of());
    Set<String> one = keys(held(split(SplitSettings.By.GROUP, 0.3, 1).of("data.train", source)));
    Set<String> two = keys(held(split(SplitSettings.By.GROUP, 0.3, 2).of("data.train", source)));
    Set<String> more = keys(held(split(SplitSettings.By.GROUP, 0.6, 1).of("data.train", source)));
    assertThat(two).isNotEqualTo(one);
    assertThat(more).containsAll(one).hasSizeGreaterThan(one.size());
  }

  @Test
  void anEmptySideIsRefused() throws DataException {
    TinySource one = new TinySource(4, Set.of());
    Split none = split(SplitSettings.By.GROUP, 0.01, 0);
    assertThat(none.of("data.train", one).validation()).isEmpty();
    assertThatThrownBy(none::summary)
        .isInstanceOf(DataException.class)
        .hasMessage(
            "data.validation: nothing is held out, none of the 1 groups fall to 1 % with seed 0;"
                + " choose another share or seed");
    assertThatThrownBy(() -> split(SplitSettings.By.GROUP, 0.99, 0).of("data.train", one))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nothing is left to train on, all of the 1 groups fall to 99 %");
  }

  @Test
  void samplesWithoutAGroupCannotBeSplitByGroup() {
    Source labelsOnly =
        new SyntheticSource(
            new SyntheticSettings(
                3, SyntheticSettings.Split.TRAIN, new dev.eosin.config.Pixels(32), 0));
    assertThatThrownBy(() -> split(SplitSettings.By.GROUP, 0.5, 0).of("data.train", labelsOnly))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("synthetic/train/0 has no group to split by")
        .hasMessageContaining("by: sample");
  }

  private static Split split(SplitSettings.By by, double share, long seed) {
    return new Split(new SplitSettings(by, new Share(share), seed));
  }

  private static Source held(Split.Sides sides) {
    return sides.validation().orElseThrow();
  }

  private static Set<String> groups(Source source) {
    return LongStream.range(0, source.size())
        .mapToObj(index -> source.get(index).group())
        .flatMap(Optional::stream)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static Set<String> keys(Source source) {
    return LongStream.range(0, source.size())
        .mapToObj(index -> source.get(index).key())
        .collect(Collectors.toCollection(HashSet::new));
  }
}
