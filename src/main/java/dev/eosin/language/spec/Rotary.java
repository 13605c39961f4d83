package dev.eosin.language.spec;

/// Rotary positions: pairs of a head's elements turn by an angle that grows with the position, each
/// pair at a speed of its own.
///
/// Source: RoFormer (Su et al. 2021, arXiv 2104.09864); computed in fp32 where transformers does.
///
/// @param theta the base of the speeds
/// @param scaling how speeds are changed for long contexts
public record Rotary(double theta, Scaling scaling) {
  /// How speeds are changed for long contexts.
  public sealed interface Scaling {
    /// Not at all.
    record None() implements Scaling {}

    /// All speeds divided by a factor.
    record Linear(double factor) implements Scaling {}

    /// Llama 3's: slow pairs are divided by the factor, fast ones stay, those between are mixed.
    ///
    /// @param low a pair is slow that turns less than so often within the original context
    /// @param high a pair is fast that turns more than so often
    /// @param originalContext that the model was first trained with
    record Llama3(double factor, double low, double high, int originalContext) implements Scaling {}
  }

  /// The speed of each pair of a head in radians per position [d/2], rounded to fp32.
  ///
  /// @param headWidth d
  public double[] frequencies(int headWidth) {
    double[] frequencies = new double[headWidth / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float exponent = (float) (2 * i) / headWidth;
      float base = 1.0f / (float) Math.pow(theta, exponent);
      frequencies[i] = scaled(base);
    }
    return frequencies;
  }

  private float scaled(float frequency) {
    return switch (scaling) {
      case Scaling.None() -> frequency;
      case Scaling.Linear(double factor) -> (float) (frequency / factor);
      case Scaling.Llama3(double factor, double low, double high, int original) -> {
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength < original / high) {
          yield frequency;
        }
        if (wavelength > original / low) {
          yield (float) (frequency / factor);
        }
        double smooth = (original / wavelength - low) / (high - low);
        yield (float) ((1 - smooth) * frequency / factor + smooth * frequency);
      }
    };
  }
}
