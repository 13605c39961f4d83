package dev.eosin.data.parquet;

import dev.eosin.config.DataException;
import dev.eosin.data.shard.PassedOver;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The files that one setting names.
final class ParquetFiles {
  private ParquetFiles() {}

  /// @param path a file, a folder of `*.parquet` files, or a pattern in the last name
  /// @return the files in the order of their names
  /// @throws DataException when there is none, or one is no whole Parquet file
  static List<ParquetFile> open(Path path) throws DataException {
    List<ParquetFile> files = new ArrayList<>();
    for (Path file : list(path)) {
      files.add(ParquetFile.open(file));
    }
    return files;
  }

  /// The files of a folder that are none, one line for each kind; folders in it too.
  ///
  /// @throws DataException when the folder cannot be listed
  static List<String> others(Path path) throws DataException {
    PassedOver.Tally others = new PassedOver.Tally();
    if (Files.isDirectory(path)) {
      for (Path file : matching(path, "*")) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(".parquet")) {
          others.add(
              Files.isDirectory(file) ? "that are folders" : PassedOver.endingOf(name),
              file.toString());
        }
      }
    }
    return others.lines("file");
  }

  private static List<Path> list(Path path) throws DataException {
    if (Files.isDirectory(path)) {
      return matching(path, "*.parquet");
    }
    String name = String.valueOf(path.getFileName());
    if (!Files.exists(path) && name.matches(".*[*?{\\[].*")) {
      return matching(path.resolveSibling(""), name);
    }
    return List.of(path);
  }

  private static List<Path> matching(Path folder, String pattern) throws DataException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
      found.forEach(files::add);
    } catch (IOException | java.util.regex.PatternSyntaxException e) {
      throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
    if (files.isEmpty()) {
      throw new DataException(
          "%s: holds no file like %s (a relative path starts from the working folder %s)"
              .formatted(folder, pattern, Path.of("").toAbsolutePath()));
    }
    files.sort(null);
    return files;
  }
}
