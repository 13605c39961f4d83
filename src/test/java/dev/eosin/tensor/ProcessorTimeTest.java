package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.junit.jupiter.api.Test;

class ProcessorTimeTest {
  private static final long MILLISECOND = 1_000_000;

  @Test
  void countsAtLeastWhatThisThreadUses() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    ProcessorTime process = ProcessorTime.find();
    long before = process.nanos().orElseThrow();
    long started = threads.getCurrentThreadCpuTime();
    long ended = started;
    while (ended - started < MILLISECOND) {
      ended = threads.getCurrentThreadCpuTime();
    }
    assertThat(process.nanos().orElseThrow() - before).isGreaterThanOrEqualTo(ended - started);
  }
}
