package dev.eosin.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.Device;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tensor.ProductRates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuredProductsTest {
  private static final String MACHINE = "some processor, 2 threads, libtorch 2.7.1";
  private static final MatrixProducts FOUND = MatrixProducts.parse("onednn,onednn,libtorch");
  private final AtomicInteger measured = new AtomicInteger();
  @TempDir private Path folder;

  private ProductRates measure() {
    measured.incrementAndGet();
    var slow = new ProductRates.Rate(100, 90);
    var fast = new ProductRates.Rate(120, 110);
    var faster = new ProductRates.Pair(slow, fast);
    return new ProductRates(faster, faster, new ProductRates.Pair(fast, slow));
  }

  private MeasuredProducts of(Path cache, String machine) {
    return MeasuredProducts.of(cache, machine, MatrixProducts.LIBTORCH, this::measure);
  }

  private Path memory() {
    return folder.resolve(MeasuredProducts.MEMORY);
  }

  @Test
  void aMachineIsTimedOnce() {
    MeasuredProducts first = of(folder, MACHINE);
    assertThat(first.products()).isEqualTo(FOUND);
    assertThat(first.told()).contains("x wT 120 and 100", "kept in " + memory());
    assertThat(first.how()).isEqualTo("timed once, kept in " + memory());
    assertThat(of(folder, MACHINE)).isEqualTo(first);
    assertThat(measured).hasValue(1);
  }

  @Test
  void anotherMachineIsTimedForItself() throws IOException {
    of(folder, MACHINE);
    of(folder, MACHINE.replace("2 threads", "8 threads"));
    assertThat(measured).hasValue(2);
    assertThat(of(folder, MACHINE).products()).isEqualTo(FOUND);
    assertThat(measured).hasValue(2);
    assertThat(Files.readString(memory())).contains("2 threads", "8 threads");
  }

  @Test
  void aMemoryThatIsNoneIsMadeAnew() throws IOException {
    for (String broken :
        List.of(
            "",
            "{",
            "[]",
            "{\"%s\": 7}",
            "{\"%s\": {\"forward\": {\"libtorch\": null}}}",
            "{\"%s\": {}}",
            "{\"%s\": {\"forward\": null}}")) {
      Files.writeString(memory(), broken.formatted(MACHINE));
      measured.set(0);
      assertThat(of(folder, MACHINE).products()).as(broken).isEqualTo(FOUND);
      assertThat(of(folder, MACHINE).products()).as(broken).isEqualTo(FOUND);
      assertThat(measured).as(broken).hasValue(1);
    }
  }

  @Test
  void aCacheThatCannotBeWrittenIsSaid() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    MeasuredProducts found = of(file, MACHINE);
    assertThat(found.products()).isEqualTo(FOUND);
    assertThat(found.told()).contains("not kept", file.toString());
    Files.createDirectory(memory());
    found = of(folder, MACHINE);
    assertThat(found.products()).isEqualTo(FOUND);
    assertThat(found.told()).contains("not kept", memory().toString());
    assertThat(measured).hasValue(2);
  }

  @Test
  void severalThatStartAtOnceAgree() throws Exception {
    List<Callable<MeasuredProducts>> starts =
        Stream.generate(() -> (Callable<MeasuredProducts>) () -> of(folder, MACHINE))
            .limit(8)
            .toList();
    var found = new ArrayList<MeasuredProducts>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<MeasuredProducts> each : threads.invokeAll(starts)) {
        found.add(each.get());
      }
    }
    assertThat(found).hasSize(8).containsOnly(found.getFirst());
    assertThat(measured).hasValue(1);
  }

  @Test
  void aGpuIsNotTimed() {
    MeasuredProducts found = MeasuredProducts.of(new Device.Cuda(0), 2);
    assertThat(found.products()).isEqualTo(MatrixProducts.LIBTORCH);
  }
}
