package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.ColourProfile;
import dev.eosin.image.RgbImage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a slide's pixels are read from. Thread safe.
sealed interface SlideContent extends AutoCloseable permits TiffContent, LibraryContent {
  /// Width and height of each level, largest first.
  List<Slide.Level> levels();

  /// What the file says of itself.
  Map<String, String> properties();

  /// What a pixel measures, as far as the file says so.
  SlideProperties.Measures measures() throws DataException;

  /// The names of the pictures beside the levels.
  Set<String> associated();

  /// One of them.
  RgbImage associated(String name) throws DataException;

  /// A rectangle that lies inside of a level.
  RgbImage read(int level, int left, int top, int width, int height) throws DataException;

  boolean hasProfile();

  Optional<ColourProfile> profile() throws DataException;

  boolean isOpen();

  @Override
  void close() throws DataException;
}
