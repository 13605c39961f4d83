package dev.eosin.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Whose matrix products the blocks of fully trained or frozen towers take in fp32 on a CPU. Both
/// are exact to rounding; the same choice gives the same bits.
public enum MatrixProducts {
  /// libtorch's default: MKL on x86.
  LIBTORCH("libtorch's default", "products.py"),
  /// oneDNN, with bias, GELU and sum in the same pass. Faster than MKL on AMD processors, where MKL
  /// holds back (docs/results.md).
  ONEDNN("oneDNN", "products_onednn.py");

  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");
  private final String library;
  private final String source;

  MatrixProducts(String library, String source) {
    this.library = library;
    this.source = source;
  }

  /// The library, to be read by people.
  public String library() {
    return library;
  }

  String source() {
    return source;
  }

  /// The faster one on this machine's processor, as far as it is known.
  public static MatrixProducts best(Device device) {
    return switch (device) {
      case Device.Cuda cuda -> LIBTORCH;
      case Device.Cpu() -> {
        try (Stream<String> lines = Files.lines(PROCESSOR)) {
          yield best(lines);
        } catch (IOException e) {
          yield LIBTORCH; // not Linux: nothing is known
        }
      }
    };
  }

  /// The faster one on a processor.
  ///
  /// @param description of the processor, as Linux gives it in `/proc/cpuinfo`
  static MatrixProducts best(Stream<String> description) {
    return description.anyMatch(line -> line.matches("vendor_id\\s*:\\s*AuthenticAMD"))
        ? ONEDNN
        : LIBTORCH;
  }
}
