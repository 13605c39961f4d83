package dev.eosin.config;

import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number with a unit as a recipe writes it: `1_000 steps`, `0.5 %`, `224 px`.
record Quantity(BigDecimal number, String unit) {
  /// The number part of the patterns in [WrittenAs]: digits in groups, no leading zero.
  static final String WHOLE = "(0|[1-9][0-9]*(_[0-9]+)*)";

  static final String DECIMAL = WHOLE + "(\\.[0-9]+)?([eE][-+]?[0-9]{1,3})?";

  private static final Pattern FORM =
      Pattern.compile("(?<number>" + DECIMAL + ") *(?<unit>[a-zA-Z%]*)");

  /// Reads `text`, expecting one of `units`.
  ///
  /// @param example how the value should have been written
  /// @throws IllegalArgumentException saying what was found and what to write
  static Quantity parse(String text, String example, String... units) {
    Matcher form = FORM.matcher(text);
    if (text.length() > 40 || !form.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a number with a unit%s; write e.g. '%s'"
              .formatted(text, several(units), example));
    }
    String number = form.group("number");
    String unit = form.group("unit");
    if (unit.isEmpty()) {
      String mended = number + example.substring(example.indexOf(' '));
      throw new IllegalArgumentException(
          "'%s' has no unit%s; write e.g. '%s'".formatted(text, several(units), mended));
    }
    for (String known : units) {
      if (known.equals(unit)) {
        return new Quantity(new BigDecimal(number.replace("_", "")), unit);
      }
    }
    throw new IllegalArgumentException(
        "'%s' has the unit '%s'%s; write e.g. '%s'".formatted(text, unit, several(units), example));
  }

  /// The units, where there are several to choose from; the singular of one is no other.
  private static String several(String... units) {
    List<String> all = List.of(units);
    List<String> own = all.stream().filter(unit -> !all.contains(unit + "s")).toList();
    return own.size() < 2 ? "" : " (one of %s)".formatted(String.join(", ", own));
  }

  /// The number as a `long`; `2.0` and `1e3` are refused as they are for bare whole numbers.
  long whole() {
    if (number.scale() != 0 || number.precision() > 18) {
      throw new IllegalArgumentException(
          "'" + number + " " + unit + "' is not a whole number of " + unit);
    }
    return number.longValueExact();
  }
}
