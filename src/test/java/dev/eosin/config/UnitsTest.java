package dev.eosin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
  @Test
  void unitsAreReadWithAndWithoutSpaceAndWithGroupedDigits() {
    assertThat(Pixels.parse("224 px")).isEqualTo(new Pixels(224));
    assertThat(Steps.parse("20_000steps")).isEqualTo(new Steps(20_000));
    assertThat(Steps.parse("1 step")).isEqualTo(new Steps(1));
    assertThat(Share.parse("3 %")).isEqualTo(new Share(0.03));
    assertThat(Share.parse("0.5%")).isEqualTo(new Share(0.005));
    assertThat(Seconds.parse("1.5 s")).isEqualTo(new Seconds(1.5));
    assertThat(ByteSize.parse("1.5 TB")).isEqualTo(new ByteSize(1_500_000_000_000L));
    assertThat(StepsOrShare.parse("5 %")).isEqualTo(new Share(0.05));
    assertThat(StepsOrShare.parse("8 steps")).isEqualTo(new Steps(8));
    assertThat(CountOrAuto.parse("auto")).isEqualTo(new CountOrAuto.Auto());
    assertThat(CountOrAuto.parse("4")).isEqualTo(new CountOrAuto.Count(4));
  }

  @Test
  void aMissingUnitIsAnsweredWithTheValueMended() {
    assertThatThrownBy(() -> Steps.parse("20_000"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'20_000' has no unit; write e.g. '20_000 steps'");
    assertThatThrownBy(() -> StepsOrShare.parse("20"))
        .hasMessage("'20' has no unit; write e.g. '20 steps' or '3 %'");
    assertThatThrownBy(() -> StepsOrShare.parse("0.05"))
        .hasMessage("'0.05' has no unit; write '5 %' for that part of the whole");
    assertThatThrownBy(() -> Share.parse(".125"))
        .hasMessage("'.125' has no unit; write '12.5 %' for that part of the whole");
  }

  @Test
  void unitsToChooseFromAreListed() {
    assertThatThrownBy(() -> ByteSize.parse("5 GiB"))
        .hasMessage("'5 GiB' has the unit 'GiB' (one of MB, GB, TB); write e.g. '200 GB'");
    assertThatThrownBy(() -> ByteSize.parse("5"))
        .hasMessage("'5' has no unit (one of MB, GB, TB); write e.g. '5 GB'");
    assertThatThrownBy(() -> ByteSize.parse("much"))
        .hasMessage("'much' is not a number with a unit (one of MB, GB, TB); write e.g. '200 GB'");
    assertThatThrownBy(() -> Samples.parse("5 rows"))
        .hasMessage("'5 rows' has the unit 'rows'; write e.g. '100_000 samples'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "px",
        "0 px",
        "-4 px",
        "2.5 px",
        "1e2 px",
        "010 px",
        "1__0 px",
        "9999999999 px",
        "1e999999999 px",
        "4 cm"
      })
  void wrongPixelsAreRefused(String text) {
    assertThatThrownBy(() -> Pixels.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"101 %", "0.03", "-1 %", "NaN %", "%", "1e400 %"})
  void wrongSharesAreRefused(String text) {
    assertThatThrownBy(() -> Share.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"5 %,8,1", "7 %,100,7", "0 %,100,0", "100 %,7,7", "3 %,20000,600"})
  void aShareOfARunIsRoundedUpExactly(String share, long total, long steps) {
    assertThat(Share.parse(share).of(new Steps(total))).isEqualTo(new Steps(steps));
  }

  @Test
  void whatIsWrittenReadsBackEqual() {
    Random random = new Random(1);
    for (int round = 0; round < 2_000; round++) {
      Share share =
          new Share(random.nextBoolean() ? random.nextDouble() : Math.pow(10, -random.nextInt(40)));
      Seconds seconds = new Seconds(Math.exp(random.nextGaussian() * 20));
      Steps steps = new Steps(random.nextLong() >>> (5 + random.nextInt(58)));
      ByteSize size = new ByteSize(1 + (random.nextLong() >>> (1 + random.nextInt(62))));
      assertThat(ByteSize.parse(size.toString())).isEqualTo(size);
      assertThat(Share.parse(share.toString())).isEqualTo(share);
      assertThat(StepsOrShare.parse(share.toString())).isEqualTo(share);
      assertThat(Seconds.parse(seconds.toString())).isEqualTo(seconds);
      assertThat(StepsOrShare.parse(steps.toString())).isEqualTo(steps);
    }
  }
}
