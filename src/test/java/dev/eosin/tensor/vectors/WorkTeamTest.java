package dev.eosin.tensor.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every item is worked on once, whoever does it.
class WorkTeamTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void everyItemIsDoneOnce(int threads) {
    try (var team = new WorkTeam(threads)) {
      for (int items : new int[] {0, 1, 7, 100, 1000}) {
        var counts = new AtomicIntegerArray(items);
        for (int repeat = 0; repeat < 200; repeat++) {
          team.share(
              items,
              8,
              (from, to) -> {
                for (int i = from; i < to; i++) {
                  counts.incrementAndGet(i);
                }
              });
        }
        for (int i = 0; i < items; i++) {
          assertThat(counts.get(i)).isEqualTo(200);
        }
      }
    }
  }

  @Test
  void whatWasWrittenByOthersIsSeen() {
    try (var team = new WorkTeam(3)) {
      int[] values = new int[300];
      for (int repeat = 1; repeat < 500; repeat++) {
        int next = repeat;
        team.share(
            values.length,
            4,
            (from, to) -> {
              for (int i = from; i < to; i++) {
                values[i] = next;
              }
            });
        assertThat(values).containsOnly(repeat);
      }
    }
  }

  @Test
  void workIsTakenUpAfterASleep() throws InterruptedException {
    try (var team = new WorkTeam(2)) {
      var done = new AtomicInteger();
      for (int repeat = 0; repeat < 5; repeat++) {
        Thread.sleep(20);
        team.share(64, 4, (from, to) -> done.addAndGet(to - from));
      }
      assertThat(done).hasValue(5 * 64);
    }
  }

  @Test
  void failuresReachWhoeverHandedOut() {
    try (var team = new WorkTeam(2)) {
      assertThatThrownBy(
              () ->
                  team.share(
                      100,
                      4,
                      (from, to) -> {
                        if (from == 52) {
                          throw new IllegalStateException("item 52");
                        }
                      }))
          .hasMessage("item 52");
      var done = new AtomicInteger();
      team.share(100, 4, (from, to) -> done.addAndGet(to - from));
      assertThat(done).hasValue(100);
    }
  }

  @Test
  void closingEndsItsThreads() {
    var team = new WorkTeam(4);
    team.share(100, 4, (from, to) -> {});
    team.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("eosin-vectors"));
  }

  @Test
  void partsAreWholeBlocks() {
    try (var team = new WorkTeam(2)) {
      assertThat(team.grain(1536, 16)).isEqualTo(192);
      assertThat(team.grain(100, 16)).isEqualTo(16);
      assertThat(team.grain(7, 2)).isEqualTo(4);
    }
  }
}
