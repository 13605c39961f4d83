package dev.eosin.train.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The memory that this process holds, as the system counts it; memory of a GPU is not included.
public final class ProcessMemory {
  private static final Path PROCESS_STATUS = Path.of("/proc/self/status");
  private static final long BYTES_PER_KIB = 1024;

  private ProcessMemory() {}

  /// Resident bytes at the peak so far (Linux's `VmHWM`); empty where the system does not tell.
  public static OptionalLong peakBytes() throws IOException {
    return bytes("VmHWM:");
  }

  /// Resident bytes now (Linux's `VmRSS`); empty where the system does not tell.
  public static OptionalLong residentBytes() throws IOException {
    return bytes("VmRSS:");
  }

  /// Resident bytes that no file holds (Linux's `RssAnon`): pages of mapped files can be dropped
  /// and read again, these cannot. Empty where the system does not tell.
  public static OptionalLong ownBytes() throws IOException {
    return bytes("RssAnon:");
  }

  private static OptionalLong bytes(String key) throws IOException {
    if (!Files.isReadable(PROCESS_STATUS)) {
      return OptionalLong.empty();
    }
    try (Stream<String> lines = Files.lines(PROCESS_STATUS)) {
      return lines
          .filter(line -> line.startsWith(key))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * BYTES_PER_KIB)
          .findFirst();
    }
  }
}
