package dev.eosin.image.transforms;

import dev.eosin.config.Pixels;
import dev.eosin.config.WrittenAs;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The size of the image tower's input, written `224 px` when square, else height first: `256 px x
/// 128 px`.
@WrittenAs(
    pattern = "[1-9][0-9]*(_[0-9]+)* *px( *x *[1-9][0-9]*(_[0-9]+)* *px)?",
    example = "224 px")
public record InputSize(Pixels height, Pixels width) {
  private static final Pattern FORM = Pattern.compile("(?<height>[^x]*px) *x *(?<width>[^x]*px)");

  /// A square input.
  public InputSize(Pixels side) {
    this(side, side);
  }

  /// Reads `224 px` or `256 px x 128 px`.
  ///
  /// @throws IllegalArgumentException saying what was found and what to write
  public static InputSize parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    return form.matches()
        ? new InputSize(Pixels.parse(form.group("height")), Pixels.parse(form.group("width")))
        : new InputSize(Pixels.parse(text));
  }

  @Override
  public String toString() {
    return height.equals(width) ? height.toString() : height + " x " + width;
  }
}
