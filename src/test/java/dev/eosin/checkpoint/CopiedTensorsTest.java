package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The way that the weights of a GPU take into a file, taken by a CPU's.
class CopiedTensorsTest {
  /// Together they take more than the heap of the process that writes them.
  private static final int TENSORS = 6;

  private static final int ELEMENTS = 8 << 20;
  private static final String SMALL_HEAP = "-Xmx64m";

  @TempDir private Path folder;

  /// Writes tensors as if they were a GPU's.
  static final class Writing {
    private Writing() {}

    public static void main(String[] arguments) throws IOException {
      Engine engine = Engine.start(Device.CPU, 1);
      var file = new SafetensorsWriter(Map.of());
      for (int i = 0; i < TENSORS; i++) {
        Tensor tensor = engine.zeros(DType.FLOAT32, ELEMENTS);
        engine.kernels().run("fill", tensor, (double) i);
        file.addCopied("t" + i, tensor);
      }
      long before = engine.openTensors();
      file.write(Path.of(arguments[0]));
      if (engine.openTensors() != before) {
        throw new IllegalStateException("copies are left open");
      }
    }
  }

  @Test
  void aModelLargerThanTheHeapIsWrittenTensorByTensor() throws IOException, InterruptedException {
    Path file = folder.resolve("large.safetensors");
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--") || flag.startsWith("-Dai.djl"))
        .forEach(command::add);
    command.addAll(List.of(SMALL_HEAP, "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Writing.class.getName()));
    command.add(file.toString());
    Path messages = folder.resolve("messages");
    Process writing =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(messages.toFile())
            .start();
    assertThat(writing.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(writing.exitValue()).as(Files.readString(messages)).isZero();
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.names()).hasSize(TENSORS);
      for (int i = 0; i < TENSORS; i++) {
        TensorData data = read.entry("t" + i);
        assertThat(data.shape()).containsExactly((long) ELEMENTS);
        assertThat(data.floatingAt(0)).isEqualTo(i);
        assertThat(data.floatingAt(ELEMENTS - 1)).isEqualTo(i);
      }
    }
  }

  @Test
  void theBytesAreThoseOfATensorThatIsReadWhereItLies() throws IOException {
    Engine engine = Engine.start(Device.CPU, 1);
    try (Tensor matrix = engine.of(new float[] {1, -2, Float.NaN, 4, 5, 6}, 2, 3);
        Tensor scale = engine.of(new float[] {4.6f})) {
      Path copied = folder.resolve("copied");
      new SafetensorsWriter(Map.of())
          .addCopied("matrix", matrix)
          .addCopied("scale", scale)
          .write(copied);
      Path viewed = folder.resolve("viewed");
      new SafetensorsWriter(Map.of()).add("matrix", matrix).add("scale", scale).write(viewed);
      assertThat(copied).hasSameBinaryContentAs(viewed);
    }
  }
}
