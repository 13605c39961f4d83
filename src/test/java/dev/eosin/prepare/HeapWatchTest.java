package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapWatchTest {
  private static final long MIB = 1 << 20;

  @ParameterizedTest
  @CsvSource({
    "  10,   0, false",
    " 128,   0, false",
    " 129,   0, true",
    " 300, 200, false",
    " 400, 200, true",
    " 795, 600, false",
    " 801, 600, true",
    " 100, 600, false"
  })
  void aCollectionIsDueWhenMuchWasAdded(long usedMib, long keptMib, boolean due) {
    assertThat(HeapWatch.isDue(usedMib * MIB, keptMib * MIB)).isEqualTo(due);
  }

  @Test
  void itsThreadEndsWithTheWork() throws Exception {
    HeapWatch watch = HeapWatch.start();
    Thread thread =
        Thread.getAllStackTraces().keySet().stream()
            .filter(each -> each.getName().equals("heap-watch"))
            .findFirst()
            .orElseThrow();
    watch.close();
    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
  }
}
