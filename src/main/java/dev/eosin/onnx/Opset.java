package dev.eosin.onnx;

/// A version of ONNX's operators.
///
/// @param number of the version
public record Opset(int number) {
  /// The oldest that the emitters write: `LayerNormalization`, and axes as inputs of reductions.
  public static final int OLDEST = 18;

  /// The newest that the emitters were run with.
  public static final int NEWEST = 21;

  private static final int FIRST_OF_FORMAT_10 = 21;

  /// As optimum has it unless it is told otherwise.
  public static final Opset DEFAULT = new Opset(OLDEST);

  /// @throws IllegalArgumentException when no emitter was run with such a version
  public Opset {
    if (number < OLDEST || number > NEWEST) {
      throw new IllegalArgumentException(
          "opset %d is none that graphs are written in; expected %d to %d"
              .formatted(number, OLDEST, NEWEST));
    }
  }

  /// The version of the file format that goes with it.
  int format() {
    return number == OLDEST ? 8 : number < FIRST_OF_FORMAT_10 ? 9 : 10;
  }
}
