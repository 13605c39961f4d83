package dev.eosin.slide;

import dev.eosin.config.DataException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a pixel of level 0 measures, in micrometres, and who says so.
///
/// @param x across
/// @param y down
public record PixelSize(double x, double y, Source source) {
  /// Below and above, no scanner of slides works: what says so means something else, such as 72
  /// dpi.
  private static final double SMALLEST = 0.02;

  private static final double LARGEST = 20;

  /// Micrometres times power of the usual objectives.
  private static final double AT_POWER_ONE = 10;

  /// Who says it, in the order in which they are asked.
  public enum Source {
    /// The user's own table.
    TABLE,
    /// The vendor's description.
    PROPERTY,
    /// TIFF's resolution with its unit.
    RESOLUTION_TAG,
    /// 10 divided by the objective's power, where the user allows that.
    OBJECTIVE_POWER,
    /// The recipe's `default-mpp`.
    DEFAULT
  }

  public PixelSize {
    if (!isUsual(x) || !isUsual(y)) {
      throw new IllegalArgumentException(
          "%s x %s micrometres a pixel are not between %s and %s"
              .formatted(x, y, SMALLEST, LARGEST));
    }
  }

  /// The same across and down.
  public static PixelSize ofTable(double mpp) {
    return new PixelSize(mpp, mpp, Source.TABLE);
  }

  /// Of slides that nobody says it of.
  static PixelSize ofDefault(double mpp) {
    return new PixelSize(mpp, mpp, Source.DEFAULT);
  }

  private static boolean isUsual(double size) {
    return size >= SMALLEST && size <= LARGEST;
  }

  /// Asks one source after the other.
  ///
  /// @param table what the user says of this slide
  /// @param objective whether the power of the objective may stand for it
  /// @throws DataException when nobody says it, with what helps
  public static PixelSize of(Slide slide, Optional<PixelSize> table, boolean objective)
      throws DataException {
    SlideProperties.Measures measures = slide.measures();
    return table
        .or(() -> both(measures.propertyX(), measures.propertyY(), Source.PROPERTY))
        .or(() -> both(measures.tagX(), measures.tagY(), Source.RESOLUTION_TAG))
        .or(() -> objective ? ofPower(measures.power()) : Optional.empty())
        .orElseThrow(() -> missing(slide, measures));
  }

  private static Optional<PixelSize> both(OptionalDouble x, OptionalDouble y, Source source) {
    return x.isPresent() && y.isPresent() && isUsual(x.getAsDouble()) && isUsual(y.getAsDouble())
        ? Optional.of(new PixelSize(x.getAsDouble(), y.getAsDouble(), source))
        : Optional.empty();
  }

  private static Optional<PixelSize> ofPower(OptionalDouble power) {
    OptionalDouble size =
        power.isPresent()
            ? OptionalDouble.of(AT_POWER_ONE / power.getAsDouble())
            : OptionalDouble.empty();
    return both(size, size, Source.OBJECTIVE_POWER);
  }

  private static DataException missing(Slide slide, SlideProperties.Measures measures) {
    String power =
        measures.power().isPresent()
            ? String.format(
                Locale.ROOT,
                ", or allow its objective power of %s to stand for it (objective-power: true)",
                measures.power().getAsDouble())
            : "";
    return new DataException(
        "%s: does not say what a pixel measures: no MPP in its description, no resolution with a unit between %s and %s micrometres; give the micrometres of a pixel of level 0 in the column mpp of a table of slides, or as default-mpp%s"
            .formatted(slide.path(), SMALLEST, LARGEST, power));
  }

  /// In words, such as `0.499 x 0.499 um (property)`.
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s x %s um (%s)",
        x,
        y,
        source.name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }
}
