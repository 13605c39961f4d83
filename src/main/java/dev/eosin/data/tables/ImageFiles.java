package dev.eosin.data.tables;

import dev.eosin.data.Sample;

/// The image files that the rows of a table name. As text it is the folder, for messages.
public sealed interface ImageFiles permits ImageFolder, TileFolder, EndedImages {
  /// Whether the image is there.
  ///
  /// @param image as the row names it
  /// @throws java.nio.file.InvalidPathException for a name that no path may have
  boolean has(String image);

  /// The path of the image without looking for it, the same whichever way it is named.
  ///
  /// @throws java.nio.file.InvalidPathException for a name that no path may have
  String place(String image);

  /// Reads the image when asked.
  Sample.ImageReader read(String image);
}
