package dev.eosin.features;

import dev.eosin.config.ByteSize;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// The room that a recipe's features take on disk.
///
/// @param settings of the recipe
/// @param store that they go to
/// @param images of all sides of the data
/// @param there images' features that the store has
public record FeatureDemand(
    FeatureCacheSettings settings, FeatureStore store, long images, long there) {
  private static final double GIGABYTE = 1e9;

  /// @throws DataException when the folder cannot be listed
  public static FeatureDemand of(
      FeatureCacheSettings settings, FeatureContents contents, long images) throws DataException {
    FeatureStore store = FeatureStore.in(settings.dir(), contents);
    return new FeatureDemand(settings, store, images, store.count());
  }

  /// Of all images, those that are there included.
  public long bytes() {
    return Math.multiplyExact(images, store.contents().bytes());
  }

  /// For a person.
  public String line() {
    FeatureContents contents = store.contents();
    return String.format(
        Locale.ROOT,
        "%s: %,d images of %,d bytes (%d x %d in %s) are %.2f GB, limit %s; features of %,d images are there",
        settings.dir(),
        images,
        contents.bytes(),
        contents.tokens(),
        contents.width(),
        contents.type().name().toLowerCase(Locale.ROOT),
        bytes() / GIGABYTE,
        settings.limit(),
        there);
  }

  /// @param key of the settings in the recipe
  /// @throws DataException when they take more than the limit, or than the disk has
  public void requireRoom(String key) throws DataException {
    if (bytes() > settings.limit().bytes()) {
      throw new DataException(
          "%s.limit: %s is too little for %s; raise it, or leave %s out"
              .formatted(key, settings.limit(), line(), key));
    }
    long missing = Math.max(0, images - there) * store.contents().bytes();
    long free = free(settings.dir());
    if (missing > free) {
      throw new DataException(
          "%s.dir: %s; %s more are needed and %s are free there; free some, take another folder, or leave %s out"
              .formatted(key, line(), new ByteSize(missing), new ByteSize(Math.max(1, free)), key));
    }
  }

  private static long free(Path folder) throws DataException {
    Path there = folder.toAbsolutePath().normalize();
    try {
      while (!Files.exists(there)) {
        there = AtomicFile.parent(there);
      }
      return Files.getFileStore(there).getUsableSpace();
    } catch (IOException e) {
      throw new DataException(
          "%s: cannot be looked at: %s".formatted(folder, AtomicFile.reason(e)), e);
    }
  }
}
