package dev.eosin.train.optimisers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.eosin.checkpoint.MappedWeights;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SyntheticWeights;
import dev.eosin.file.DiskSpace;
import dev.eosin.file.FileDigest;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Transformer;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.AdaptedBlocks;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// That weights of 1 GB which are used in place are in memory once, as pages of their file.
class MappedMemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long MIB = 1L << 20;

  /// Ten blocks of 101 MB.
  private static final Transformer BLOCKS =
      new Transformer("decoder", 10, 2048, 16, 8192, true, Activation.GELU, BlockStyle.CLIP);

  @TempDir Path folder;

  /// Bytes of this process, as the system counts them.
  private record Memory(long anonymous, long ofFiles) {
    static Memory now() throws IOException {
      try (Stream<String> lines = Files.lines(STATUS)) {
        Map<String, Long> fields =
            lines
                .filter(line -> line.startsWith("Rss"))
                .collect(
                    Collectors.toMap(
                        line -> line.substring(0, line.indexOf(':')),
                        line -> Long.parseLong(line.replaceAll("\\D", "")) << 10));
        return new Memory(fields.getOrDefault("RssAnon", 0L), fields.getOrDefault("RssFile", 0L));
      }
    }

    /// Once Java and C have given back what earlier work left, which would hide what comes.
    static Memory settled() throws IOException, InterruptedException {
      Memory last = now();
      Memory next = last;
      do {
        last = next;
        System.gc();
        giveBack();
        Thread.sleep(200);
        next = now();
      } while (next.anonymous() < last.anonymous() - MIB);
      return next;
    }

    /// glibc keeps what is freed; `malloc_trim` (malloc.h) hands it to the system.
    private static void giveBack() {
      Linker linker = Linker.nativeLinker();
      Optional<MemorySegment> trim = linker.defaultLookup().find("malloc_trim");
      if (trim.isEmpty()) {
        return;
      }
      var signature = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG);
      try {
        int unused = (int) linker.downcallHandle(trim.get(), signature).invokeExact(0L);
      } catch (Throwable e) {
        throw new IllegalStateException("malloc_trim cannot be called", e);
      }
    }

    Memory since(Memory before) {
      return new Memory(anonymous - before.anonymous, ofFiles - before.ofFiles);
    }

    @Override
    public String toString() {
      return "%d MiB of its own, %d MiB of files".formatted(anonymous / MIB, ofFiles / MIB);
    }
  }

  /// The most memory of its own that this process has while something runs.
  private static final class Peak implements AutoCloseable {
    private final AtomicLong most = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Thread watch;

    Peak() {
      watch = Thread.ofPlatform().daemon().start(this::follow);
    }

    private void follow() {
      while (!over.get()) {
        try {
          most.accumulateAndGet(Memory.now().anonymous(), Math::max);
          Thread.sleep(2);
        } catch (IOException | InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }

    @Override
    public void close() {
      over.set(true);
    }

    /// Bytes above what there was before, once it is over.
    long above(Memory before) throws InterruptedException {
      watch.join();
      return most.get() - before.anonymous();
    }
  }

  private static final AdamWSettings SETTINGS =
      new AdamWSettings(1e-3, List.of(0.9, 0.98), 1e-6, 0.2, Optional.empty());

  @Test
  void weightsAreNeverHeldTwice() throws IOException, InterruptedException {
    assumeTrue(Files.isReadable(STATUS), "only Linux tells what memory is of files");
    DiskSpace.require(folder, 1100 * MIB);
    Path file = folder.resolve("weights.safetensors");
    SyntheticWeights.write(file, AdaptedBlocks.shapes(BLOCKS), 0.02);
    long size = Files.size(file);
    FileDigest digest = FileDigest.of(file);
    Engine engine = Engine.start(Device.CPU, 2);

    Memory before = Memory.settled();
    MappedWeights weights = opened(engine, file);
    Memory opening = Memory.now().since(before);
    assertThat(weights.bytes()).isGreaterThan(1_000_000_000);
    assertThat(weights.copied()).isZero();
    assertThat(opening.anonymous() + opening.ofFiles()).as("" + opening).isLessThan(size / 20);

    var peak = new Peak();
    try (peak;
        AdaptedBlocks learner = AdaptedBlocks.mapped(engine, BLOCKS, weights);
        AdamW optimiser = new AdamW(learner.parameters(), SETTINGS)) {
      double first = learner.measure();
      Memory forward = Memory.now().since(before);
      assertThat(forward.ofFiles()).as("" + forward).isGreaterThan(size * 9 / 10);
      assertThat(forward.anonymous()).as("" + forward).isLessThan(size * 15 / 100);

      learner.differentiate(optimiser);
      optimiser.update(1e-2);
      assertThat(learner.measure()).as("after a step").isLessThan(first);
    }
    // Java's own heap is part of it, which other tests in this process have let grow.
    assertThat(peak.above(before)).as("own memory at its peak").isLessThan(size * 25 / 100);
    assertThat(FileDigest.of(file)).isEqualTo(digest);
  }

  /// What the other test looks for does show where it is.
  @Test
  void copiesAreMemoryOfTheProcess() throws IOException, InterruptedException {
    assumeTrue(Files.isReadable(STATUS), "only Linux tells what memory is of files");
    Path file = folder.resolve("weights.safetensors");
    SyntheticWeights.write(file, Map.of("wide", List.of(4096L, 8192L)), 0.02);
    Engine engine = Engine.start(Device.CPU, 2);
    Memory before = Memory.settled();
    try (SafetensorsFile opened = SafetensorsFile.open(file);
        Tensor copy = engine.copied(opened.entry("wide").bytes(), DType.BFLOAT16, 4096, 8192)) {
      Memory grown = Memory.now().since(before);
      assertThat(copy.elements()).isEqualTo(32 * MIB);
      assertThat(grown.anonymous()).as("" + grown).isGreaterThan(60 * MIB);
    }
  }

  /// The best of three, as the first one also loads classes.
  private static MappedWeights opened(Engine engine, Path file) throws IOException {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long fastest = Long.MAX_VALUE;
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      open(engine, file).tensors().close();
      long heap = threads.getCurrentThreadAllocatedBytes();
      long started = System.nanoTime();
      MappedWeights weights = open(engine, file);
      fastest = Math.min(fastest, System.nanoTime() - started);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - heap);
      weights.tensors().close();
    }
    assertThat(fastest).as("nanoseconds").isLessThan(300_000_000);
    assertThat(least).as("bytes of heap").isLessThan(4 * MIB);
    return open(engine, file);
  }

  private static MappedWeights open(Engine engine, Path file) throws IOException {
    return MappedWeights.open(
        engine,
        SafetensorsFile.open(file),
        AdaptedBlocks.layout(BLOCKS),
        AdaptedBlocks.shapes(BLOCKS));
  }
}
