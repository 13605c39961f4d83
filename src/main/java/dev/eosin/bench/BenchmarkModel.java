package dev.eosin.bench;

import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.DataException;
import java.nio.file.Path;

/// The sizes of a model that benchmarks take their inputs from.
///
/// @param side of an image in pixels
/// @param context longest caption in tokens
/// @param embedSize length of an embedding
public record BenchmarkModel(int side, int context, int embedSize) {
  /// @param name see [#spec]
  /// @throws IllegalArgumentException when there is no such preset
  /// @throws DataException when the configuration cannot be read
  public static BenchmarkModel named(String name) throws DataException {
    ClipSpec spec = spec(name);
    return new BenchmarkModel(spec.image().height(), spec.text().context(), spec.embedSize());
  }

  /// @param name a preset's, see docs/recipes.md, or a configuration file that ends in .json
  static ClipSpec spec(String name) throws DataException {
    return name.endsWith(".json")
        ? ClipConfigFile.read(Path.of(name)).spec()
        : ClipPresets.named(name);
  }
}
