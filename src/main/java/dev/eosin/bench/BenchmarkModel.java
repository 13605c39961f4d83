package dev.eosin.bench;

import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;

/// The sizes of a model that benchmarks take their inputs from.
///
/// @param side of an image in pixels
/// @param context longest caption in tokens
/// @param embedSize length of an embedding
public record BenchmarkModel(int side, int context, int embedSize) {
  /// @param preset a name, see docs/recipes.md
  /// @throws IllegalArgumentException when there is no such preset
  public static BenchmarkModel named(String preset) {
    ClipSpec spec = ClipPresets.named(preset);
    return new BenchmarkModel(spec.image().height(), spec.text().context(), spec.embedSize());
  }
}
