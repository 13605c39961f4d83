package dev.eosin.recipe.found;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.report.Pictures;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Pictures of rows of a folder or table, by their path, small.
public final class ListedPictures {
  private static final int SIDE = 112;
  private static final EvaluationTransform SHOWN = EvaluationTransform.openClip(SIDE, SIDE);

  private ListedPictures() {}

  /// @throws DataException when a row cannot be read
  public static Pictures of(ListedImages images) throws DataException {
    Map<String, Long> places = new HashMap<>();
    for (long row = 0; row < images.size(); row++) {
      places.putIfAbsent(images.get(row).path(), row);
    }
    return id -> picture(images, places, id);
  }

  /// An image that cannot be read has no picture: the page says so in its place.
  private static Optional<RgbImage> picture(
      ListedImages images, Map<String, Long> places, String id) {
    Long row = places.get(id);
    if (row == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(SHOWN.apply(images.get(row).images().getFirst().read()));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
