package dev.eosin.report;

import dev.eosin.image.RgbImage;
import java.util.Optional;

/// Shows samples.
@FunctionalInterface
public interface Pictures {
  /// Nothing can be shown.
  Pictures NONE = id -> Optional.empty();

  /// @param id the sample's, mostly a path
  /// @return small enough for a sheet; empty where it has no picture
  Optional<RgbImage> of(String id);
}
