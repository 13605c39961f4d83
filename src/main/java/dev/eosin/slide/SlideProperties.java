package dev.eosin.slide;

import dev.eosin.config.DataException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a slide's descriptions say.
final class SlideProperties {
  private static final String MICROMETRE = "\u00b5m";

  /// In micrometres, by the names that OME has for units.
  private static final Map<String, Double> UNITS =
      Map.of(MICROMETRE, 1.0, "\u03bcm", 1.0, "um", 1.0, "nm", 0.001, "mm", 1000.0, "cm", 10_000.0);

  private static final double INCH = 25_400;
  private static final double CENTIMETRE = 10_000;
  private static final Pattern PLAIN_MPP =
      Pattern.compile("\\bMPP\\s*=\\s*([0-9.]+)", Pattern.CASE_INSENSITIVE);

  /// The sides of a pixel in micrometres, by where they stand.
  ///
  /// @param property across and down, from the vendor's description
  /// @param tag across and down, from TIFF's resolution with its unit
  /// @param power of the objective
  record Measures(
      OptionalDouble propertyX,
      OptionalDouble propertyY,
      OptionalDouble tagX,
      OptionalDouble tagY,
      OptionalDouble power) {}

  private SlideProperties() {}

  static Map<String, String> of(TiffSlide slide) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("vendor", slide.vendor().name().toLowerCase(Locale.ROOT));
    if (slide.vendor() == TiffSlide.Vendor.APERIO) {
      String[] parts = slide.description().split("\\|", -1);
      for (int i = 1; i < parts.length; i++) {
        int equals = parts[i].indexOf('=');
        if (equals > 0) {
          String name = "aperio." + parts[i].substring(0, equals).strip();
          properties.putIfAbsent(name, parts[i].substring(equals + 1).strip());
        }
      }
    }
    return properties;
  }

  static Measures measures(TiffSlide slide) throws DataException {
    Map<String, String> properties = of(slide);
    OptionalDouble x =
        switch (slide.vendor()) {
          case APERIO -> positive(properties.get("aperio.MPP"));
          case OME -> physical(slide.description(), "X");
          case GENERIC -> plain(slide.description());
        };
    OptionalDouble y =
        slide.vendor() == TiffSlide.Vendor.OME ? physical(slide.description(), "Y") : x;
    OptionalDouble power =
        slide.vendor() == TiffSlide.Vendor.OME
            ? attribute(slide.description(), "NominalMagnification")
            : positive(properties.get("aperio.AppMag"));
    TiffDirectory first = slide.levels().getFirst().directory();
    double unit =
        switch ((int) first.number(TiffDirectory.RESOLUTION_UNIT).orElse(1)) {
          case 2 -> INCH;
          case 3 -> CENTIMETRE;
          default -> 0; // without a unit it is a ratio
        };
    return new Measures(
        x,
        y,
        side(unit, first.fraction(TiffDirectory.X_RESOLUTION)),
        side(unit, first.fraction(TiffDirectory.Y_RESOLUTION)),
        power);
  }

  private static OptionalDouble side(double unit, OptionalDouble resolution) {
    return unit == 0 || resolution.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(unit / resolution.getAsDouble());
  }

  private static OptionalDouble physical(String xml, String axis) {
    OptionalDouble size = attribute(xml, "PhysicalSize" + axis);
    Matcher unit = named("PhysicalSize" + axis + "Unit").matcher(xml);
    double factor = UNITS.getOrDefault(unit.find() ? unit.group(1) : MICROMETRE, Double.NaN);
    return size.isEmpty() || Double.isNaN(factor)
        ? OptionalDouble.empty()
        : OptionalDouble.of(size.getAsDouble() * factor);
  }

  private static OptionalDouble attribute(String xml, String name) {
    Matcher value = named(name).matcher(xml);
    return value.find() ? positive(value.group(1)) : OptionalDouble.empty();
  }

  private static Pattern named(String attribute) {
    return Pattern.compile("\\b" + attribute + "=\"([^\"]*)\"");
  }

  private static OptionalDouble plain(String description) {
    Matcher value = PLAIN_MPP.matcher(description);
    return value.find() ? positive(value.group(1)) : OptionalDouble.empty();
  }

  private static OptionalDouble positive(@Nullable String text) {
    try {
      double value = text == null ? 0 : Double.parseDouble(text);
      return value > 0 && Double.isFinite(value)
          ? OptionalDouble.of(value)
          : OptionalDouble.empty();
    } catch (NumberFormatException noNumber) {
      return OptionalDouble.empty();
    }
  }
}
