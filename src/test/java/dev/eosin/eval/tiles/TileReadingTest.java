package dev.eosin.eval.tiles;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TileReadingTest {
  /// 14,266 tiles of 224 px are what an array of bytes holds.
  @ParameterizedTest
  @CsvSource({"64, 150528, 64", "16384, 150528, 14266", "2, 2147483647, 1", "8, 1200000000, 1"})
  void aBatchFitsAnArray(int batch, int bytes, int expected) {
    assertThat(TileReading.atOnce(batch, bytes)).isEqualTo(expected);
  }
}
