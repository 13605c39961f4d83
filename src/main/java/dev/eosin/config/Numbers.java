package dev.eosin.config;

import java.math.BigDecimal;

/// Reads numbers exactly as written: underscores may group digits, nothing is rounded to a whole
/// number or to infinity.
final class Numbers {
  private static final String GROUPED = "[0-9]+(_[0-9]+)*";
  private static final String WHOLE = "[-+]?" + GROUPED;
  private static final String REAL =
      "[-+]?(" + GROUPED + "(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]{1,4})?";
  private static final int LONGEST = 60;

  private Numbers() {}

  /// @throws IllegalArgumentException when `text` is not a whole number of 64 bits
  static long whole(String text) {
    if (!isReal(text)) {
      throw refused(text, "is not a number");
    }
    if (!text.matches(WHOLE)) {
      BigDecimal number = decimal(text);
      boolean integral =
          number.precision() - number.scale() <= 18 && number.stripTrailingZeros().scale() <= 0;
      String mended = integral ? "; write " + number.toBigInteger() : "";
      throw refused(text, "is not a whole number" + mended);
    }
    BigDecimal number = decimal(text);
    if (number.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        || number.compareTo(BigDecimal.valueOf(Long.MIN_VALUE)) < 0) {
      throw refused(text, "does not fit a 64-bit number");
    }
    return number.longValueExact();
  }

  /// @throws IllegalArgumentException when `text` is not a finite number, too small to be told from
  ///   zero, or a whole number that a double would change
  static double real(String text) {
    if (text.matches("[-+]?\\.?([iI][nN][fF]|[nN][aA][nN])")) {
      throw refused(text, "is not a finite number");
    }
    if (!isReal(text)) {
      throw refused(text, "is not a number");
    }
    BigDecimal number = decimal(text);
    double nearest = number.doubleValue();
    if (Double.isInfinite(nearest)) {
      throw refused(text, "is too large for a 64-bit floating-point number");
    }
    if (nearest == 0 && number.signum() != 0) {
      throw refused(text, "is too close to zero for a 64-bit floating-point number");
    }
    if (text.matches(WHOLE) && new BigDecimal(nearest).compareTo(number) != 0) {
      throw refused(text, "has more digits than a 64-bit floating-point number keeps");
    }
    return text.startsWith("-") && nearest == 0 ? -0.0 : nearest;
  }

  private static boolean isReal(String text) {
    if (text.length() > LONGEST || !text.matches(REAL)) {
      return false;
    }
    if (text.matches("[-+]?0[0-9_].*")) {
      throw refused(text, "has a leading zero; write the number without it");
    }
    return true;
  }

  private static BigDecimal decimal(String text) {
    return new BigDecimal(text.replace("_", ""));
  }

  private static IllegalArgumentException refused(String text, String reason) {
    String shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    return new IllegalArgumentException("'" + shown + "' " + reason);
  }
}
