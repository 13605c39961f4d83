package dev.eosin.features;

import dev.eosin.config.ByteSize;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.image.transforms.ImageSettings;
import java.nio.file.Path;
import java.util.Optional;

/// `cache` of a frozen tower: its features are computed once for each image and read from then on.
@Doc("Keeps a frozen tower's features on disk, so that each image goes through it once.")
public record FeatureCacheSettings(
    @Doc(
            "The folder; runs may share it. What it holds of other weights, layers or preprocessing is not touched.")
        Path dir,
    @Doc(
            "The number format of the features on disk. Features are rounded to it before they are first used, too, so that no result depends on what the folder holds.")
        @OrElse("fp16")
        FeatureType precision,
    @Doc("The most that the images of this recipe may take; a run that needs more does not begin.")
        ByteSize limit) {
  /// Why features of these images cannot be kept; empty where they can.
  ///
  /// @param key of this in the recipe
  /// @param images how they are prepared for training
  /// @param frozen whether the tower stays as it is
  public static Optional<String> obstacle(String key, ImageSettings images, boolean frozen) {
    if (!frozen) {
      return Optional.of(
          "keeps features of a tower that is trained: they change with every step; leave %s out"
              .formatted(key));
    }
    return images
        .augmented()
        .map(
            how ->
                "keeps features of images that are another each time they come up: %s; leave %s out, or train on plain images (crop-scale: [1, 1], crop-ratio: [1, 1], no flips, turns or augment)"
                    .formatted(how, key));
  }
}
