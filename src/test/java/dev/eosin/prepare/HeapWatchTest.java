package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
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
  void itAsksUntilItIsClosed() throws Exception {
    var asked = new CountDownLatch(2);
    var asking = new AtomicReference<Thread>();
    HeapWatch watch =
        HeapWatch.start(
            () -> 200 * MIB,
            () -> 0,
            () -> {
              asking.set(Thread.currentThread());
              asked.countDown();
            });
    assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
    watch.close();
    assertThat(Objects.requireNonNull(asking.get()).join(Duration.ofSeconds(30))).isTrue();
  }

  @Test
  void whereNothingWasAddedNothingIsAsked() throws Exception {
    var asked = new CountDownLatch(1);
    try (HeapWatch _ = HeapWatch.start(() -> 200 * MIB, () -> 200 * MIB, asked::countDown)) {
      assertThat(asked.await(600, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  /// Other collectors look after themselves.
  @Test
  void itCanBeHadWithAnyCollector() {
    assertThatCode(() -> HeapWatch.start().close()).doesNotThrowAnyException();
  }
}
