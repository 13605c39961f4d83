package dev.eosin.train.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMemoryTest {
  @TempDir private Path root;

  @Test
  void theMachineHasWhatItCouldFree() throws IOException {
    write("proc/meminfo", "MemTotal: 8000 kB\nMemFree: 10 kB\nMemAvailable:    5000 kB\n");
    assertThat(new HostMemory(root).availableBytes()).hasValue(5000 * 1024);
  }

  @Test
  void whereTheSystemDoesNotTellNothingIsGuessed() throws IOException {
    assertThat(new HostMemory(root).availableBytes()).isEmpty();
  }

  @Test
  void aContainerOfVersionTwoAllowsLess() throws IOException {
    machine("0::/jobs/one");
    write("sys/fs/cgroup/jobs/one/memory.max", "max\n");
    write("sys/fs/cgroup/jobs/one/memory.current", "999\n");
    write("sys/fs/cgroup/jobs/memory.max", "1000000\n");
    write("sys/fs/cgroup/jobs/memory.current", "400000\n");
    write("sys/fs/cgroup/jobs/memory.stat", "anon 7\ninactive_file 50000\nactive_file 9\n");
    assertThat(new HostMemory(root).availableBytes()).hasValue(650_000);
  }

  @Test
  void aContainerOfVersionOneAllowsLessAndMayHideItsPath() throws IOException {
    machine("4:cpu,memory:/docker/hidden\n3:cpuset:/");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000\n");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1500000\n");
    write("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 100000\n");
    assertThat(new HostMemory(root).availableBytes()).hasValue(600_000);
  }

  @Test
  void moreUsedThanAllowedLeavesNothing() throws IOException {
    machine("0::/");
    write("sys/fs/cgroup/memory.max", "100\n");
    write("sys/fs/cgroup/memory.current", "200\n");
    assertThat(new HostMemory(root).availableBytes()).hasValue(0);
  }

  private void machine(String memberships) throws IOException {
    write("proc/meminfo", "MemAvailable: 5000 kB\n");
    write("proc/self/cgroup", memberships + "\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
