package dev.eosin.group;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The ranks of one machine.
///
/// @param localRank of this rank among them
/// @param localSize how many
/// @param sharingCores how many of them may use the same cores as this one: a starter that pins
///   ranks gives each cores of its own
record Neighbours(int localRank, int localSize, int sharingCores) {
  private static final String BETWEEN = "\n";

  /// What a rank says of itself: its machine and the cores that it may use.
  static byte[] seat() {
    return (machine() + BETWEEN + cores()).getBytes(StandardCharsets.UTF_8);
  }

  /// What tells a device apart from those of all machines.
  ///
  /// @param device its name on this one
  static String device(String device) {
    return machine() + BETWEEN + device;
  }

  private static String machine() {
    return line("/proc/sys/kernel/hostname") + line("/proc/sys/kernel/random/boot_id");
  }

  private static String line(String file) {
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException unknown) {
      return "";
    }
  }

  private static String cores() {
    return line("/proc/self/status")
        .lines()
        .filter(line -> line.startsWith("Cpus_allowed:"))
        .findFirst()
        .orElse("");
  }

  /// @param seats of all ranks, in order
  static Neighbours of(List<byte[]> seats, int rank) {
    List<String> all =
        seats.stream().map(seat -> new String(seat, StandardCharsets.UTF_8)).toList();
    String own = all.get(rank);
    String machine = machine(own);
    int before = 0;
    int here = 0;
    int sharing = 0;
    for (int other = 0; other < all.size(); other++) {
      if (machine(all.get(other)).equals(machine)) {
        before += other < rank ? 1 : 0;
        here++;
        sharing += all.get(other).equals(own) ? 1 : 0;
      }
    }
    return new Neighbours(before, here, sharing);
  }

  private static String machine(String seat) {
    return seat.substring(0, seat.indexOf(BETWEEN));
  }
}
