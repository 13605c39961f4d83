package dev.eosin.caption;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/// How long a service asks to be left alone: `Retry-After` in seconds or as a date of HTTP, or
/// `retry-after-ms`.
final class RetryAfter {
  private RetryAfter() {}

  /// @param clock tells how far a date is away
  /// @return nothing where the service does not say it in a form that is known
  static Optional<Duration> of(HttpHeaders headers, InstantSource clock) {
    return headers
        .firstValue("retry-after-ms")
        .filter(millis -> millis.matches("[0-9]{1,9}"))
        .map(millis -> Duration.ofMillis(Long.parseLong(millis)))
        .or(() -> headers.firstValue("Retry-After").flatMap(text -> parse(text.strip(), clock)));
  }

  private static Optional<Duration> parse(String text, InstantSource clock) {
    if (text.matches("[0-9]{1,6}([.][0-9]{1,6})?")) {
      return Optional.of(Duration.ofMillis(Math.round(1000 * Double.parseDouble(text))));
    }
    try {
      Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration left = Duration.between(clock.instant(), then);
      return Optional.of(left.isNegative() ? Duration.ZERO : left);
    } catch (DateTimeParseException noDate) {
      return Optional.empty();
    }
  }
}
