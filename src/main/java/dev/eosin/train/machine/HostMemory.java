package dev.eosin.train.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// How much memory a process may still take, as Linux tells it: what the machine has left without
/// swapping, and no more than any container (control group, version 1 or 2) around the process
/// allows.
///
/// @param root of the file system, `/`
public record HostMemory(Path root) {
  private static final long BYTES_PER_KIB = 1024;

  /// The names of one version's files.
  private record Version(
      String folder, String controller, String limit, String usage, String reclaimable) {}

  private static final List<Version> VERSIONS =
      List.of(
          new Version("sys/fs/cgroup", "", "memory.max", "memory.current", "inactive_file"),
          new Version(
              "sys/fs/cgroup/memory",
              "memory",
              "memory.limit_in_bytes",
              "memory.usage_in_bytes",
              "total_inactive_file"));

  /// Bytes; empty where the system does not tell.
  public OptionalLong availableBytes() throws IOException {
    OptionalLong machine = number(root.resolve("proc/meminfo"), "MemAvailable:");
    if (machine.isEmpty()) {
      return machine;
    }
    long least = machine.getAsLong() * BYTES_PER_KIB;
    for (Version version : VERSIONS) {
      for (Path group : groups(version)) {
        least = Math.min(least, room(group, version));
      }
    }
    return OptionalLong.of(Math.max(0, least));
  }

  /// The folders of the process's control group and of those around it; some may not exist here,
  /// since a container sees its own group as the outermost one.
  private List<Path> groups(Version version) throws IOException {
    Path outermost = root.resolve(version.folder);
    Path memberships = root.resolve("proc/self/cgroup");
    if (!Files.isReadable(memberships)) {
      return List.of(outermost);
    }
    try (Stream<String> lines = Files.lines(memberships)) {
      // hierarchy:controllers:path
      return lines
          .map(line -> line.split(":", 3))
          .filter(
              parts ->
                  parts.length == 3 && List.of(parts[1].split(",")).contains(version.controller))
          .map(parts -> outermost.resolve(parts[2].replaceFirst("^/+", "")).normalize())
          .flatMap(
              inner ->
                  Stream.iterate(
                      inner, path -> path != null && path.startsWith(outermost), Path::getParent))
          .toList();
    }
  }

  /// What one group allows beyond what it uses; pages of files that were not read lately do not
  /// count as used.
  private static long room(Path group, Version version) throws IOException {
    OptionalLong limit = number(group.resolve(version.limit), "");
    OptionalLong usage = number(group.resolve(version.usage), "");
    if (limit.isEmpty() || usage.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long pages = number(group.resolve("memory.stat"), version.reclaimable + " ").orElse(0);
    return limit.getAsLong() - usage.getAsLong() + pages;
  }

  /// The number after `key` on the first line that begins with it; empty where there is none, as in
  /// a limit of `max`.
  private static OptionalLong number(Path file, String key) throws IOException {
    if (!Files.isReadable(file)) {
      return OptionalLong.empty();
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key))
          .limit(1)
          .map(line -> line.substring(key.length()).replaceAll("[^0-9]", ""))
          .filter(digits -> !digits.isEmpty())
          .flatMapToLong(digits -> LongStream.of(Long.parseLong(digits)))
          .findFirst();
    }
  }
}
