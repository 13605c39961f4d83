package dev.eosin.fetch;

import java.time.Duration;

/// How long whoever asks a server, such as a [Download], puts up with a bad connection.
///
/// @param attempts in a row without one new byte before it gives up, at least 1
/// @param firstPause before the second attempt; it doubles from one to the next
/// @param longestPause what doubling ends at, and the most that a server's `Retry-After` is obeyed
/// @param silence how long a connection may bring nothing before it counts as broken
/// @param total how long everything without one new byte may take, whatever the number of attempts
public record Patience(
    int attempts, Duration firstPause, Duration longestPause, Duration silence, Duration total) {
  /// Ten attempts within ten minutes, pauses from one second to one minute.
  public static Patience usual() {
    return new Patience(
        10,
        Duration.ofSeconds(1),
        Duration.ofMinutes(1),
        Duration.ofSeconds(60),
        Duration.ofMinutes(10));
  }

  /// @throws IllegalArgumentException when there is no attempt
  public Patience {
    if (attempts < 1) {
      throw new IllegalArgumentException("attempts is at least 1");
    }
  }

  /// The pause after so many attempts in vain, from 1, or what the server asks for, if that is
  /// longer.
  public Duration pause(int failed, Duration asked) {
    Duration doubled = firstPause.multipliedBy(1L << Math.min(failed - 1, 20));
    Duration wanted = doubled.compareTo(asked) > 0 ? doubled : asked;
    return wanted.compareTo(longestPause) < 0 ? wanted : longestPause;
  }
}
