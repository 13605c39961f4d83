package dev.eosin.run.models;

import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.Optional;

/// The architecture of weights that do not say it themselves, as a user names it: by a preset or by
/// a configuration file, or not at all.
public final class NamedArchitecture {
  private final Optional<ClipSpec> spec;

  private NamedArchitecture(Optional<ClipSpec> spec) {
    this.spec = spec;
  }

  /// @param preset a name, see docs/recipes.md
  /// @param config open_clip's or Hugging Face's configuration
  /// @throws IllegalArgumentException when both are given, or no preset has that name
  /// @throws DataException when the configuration cannot be read
  public static NamedArchitecture of(Optional<String> preset, Optional<Path> config)
      throws DataException {
    if (preset.isPresent() && config.isPresent()) {
      throw new IllegalArgumentException("give either --preset or --config, not both");
    }
    if (config.isPresent()) {
      return new NamedArchitecture(Optional.of(ClipConfigFile.read(config.get()).spec()));
    }
    try {
      return new NamedArchitecture(preset.map(ClipPresets::named));
    } catch (IllegalArgumentException unknown) {
      throw new IllegalArgumentException("--preset: " + unknown.getMessage(), unknown);
    }
  }

  Optional<ClipSpec> spec() {
    return spec;
  }
}
