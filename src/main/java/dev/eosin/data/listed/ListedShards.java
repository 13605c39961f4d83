package dev.eosin.data.listed;

import dev.eosin.config.DataException;
import dev.eosin.data.settings.WebDatasetFields;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.data.webdataset.WebDatasetSource;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Opens tar shards for who asks for no captions: the label is the `.cls` of a sample, or a field
/// of its `.json` where one is named.
final class ListedShards {
  private static final String ENDING = ".tar";

  private ListedShards() {}

  /// Whether a path names shards: files that end in `.tar`, or a folder of nothing else.
  static boolean are(Path path) throws DataException {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(ENDING)
        || (Files.isDirectory(path) && holdsShardsAlone(path));
  }

  private static boolean holdsShardsAlone(Path folder) throws DataException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "[!.]*")) {
      boolean shards = false;
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        // An index lies beside its shard.
        if (!name.contains(ENDING)) {
          return false;
        }
        shards |= name.endsWith(ENDING);
      }
      return shards;
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
  }

  /// @throws DataException as [WebDatasetSource#open], or when a column is named that shards lack
  static ListedImages open(Path path, ListedImages.Columns columns, ImageDecoder decoder)
      throws DataException {
    ListedImages.requireNoSplit(path, columns);
    ListedImages.requireNoCentre(path, columns);
    var fields =
        new WebDatasetFields(List.of(), Optional.empty(), columns.label(), columns.group());
    var settings =
        new WebDatasetSettings(
            path.toString(),
            fields,
            false,
            Map.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            false);
    return ListedImages.of(WebDatasetSource.images(settings, decoder));
  }
}
