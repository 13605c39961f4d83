package dev.eosin.serve;

import java.time.Duration;

/// What the server takes of one request, looked at before anything is read or decoded.
///
/// @param body most bytes
/// @param pixels most of an image, width times height
/// @param inputs most texts and images together
/// @param text most characters of one text
/// @param requests most at once; others are told to come back
/// @param arriving most time until a request has arrived whole
/// @param answering most time from then until its answer is made
public record ServeLimits(
    int body,
    long pixels,
    int inputs,
    int text,
    int requests,
    Duration arriving,
    Duration answering) {
  /// 20 MB, 16 megapixels, 64 inputs of 20,000 characters, 64 requests at once, 20 s and 2 min.
  public static final ServeLimits DEFAULT =
      new ServeLimits(
          20_000_000, 16_777_216, 64, 20_000, 64, Duration.ofSeconds(20), Duration.ofMinutes(2));

  /// @throws IllegalArgumentException when one of them lets nothing through
  public ServeLimits {
    if (body < 1 || pixels < 1 || inputs < 1 || text < 1 || requests < 1) {
      throw new IllegalArgumentException("every limit is at least 1");
    }
    if (!arriving.isPositive() || !answering.isPositive()) {
      throw new IllegalArgumentException("every time limit is above 0");
    }
  }
}
