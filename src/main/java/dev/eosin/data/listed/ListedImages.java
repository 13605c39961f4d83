package dev.eosin.data.listed;

import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.data.settings.TableGuess;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Images in the order of a folder or a table, with what is known of each. Unlike a [Source] it
/// asks for neither captions nor classes, and tells the part of the data that a row belongs to.
public interface ListedImages {
  /// Number of rows, at least 1.
  long size();

  /// The row at `index` in [0, size). Nothing is decoded. Thread safe.
  ///
  /// @throws DataException when the row breaks the rules of its table, naming it
  ListedImage get(long index) throws DataException;

  /// Changes whenever the rows or their order change; the images themselves are not read.
  String fingerprint();

  /// What a user should know, one line each.
  List<String> notes();

  /// Which columns of a table hold what; those that are not named are guessed.
  record Columns(
      Optional<String> image,
      Optional<String> group,
      Optional<String> label,
      Optional<String> split,
      Optional<String> centre) {
    /// All of them guessed.
    public static final Columns GUESSED =
        new Columns(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /// In fingerprints, which do not change by what is not named.
    String pinned() {
      return "Columns[image=%s, group=%s, label=%s, split=%s%s]"
          .formatted(image, group, label, split, centre.map(name -> ", centre=" + name).orElse(""));
    }
  }

  /// Opens a folder, whose folders are the images' labels, tar shards, or a table: CSV, TSV, JSON
  /// lines, or Parquet, which has to name its columns. Multimodal-Probes' table `filepaths, cat,
  /// is_test` is one. A folder that holds tar files alone is one of shards.
  ///
  /// @throws DataException when there is nothing, or a column is missing
  static ListedImages open(Path path, Columns columns, ImageDecoder decoder) throws DataException {
    if (ListedShards.are(path)) {
      return ListedShards.open(path, columns, decoder);
    }
    if (Files.isDirectory(path)) {
      return ListedFolder.open(path, decoder);
    }
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".parquet")) {
      return ListedParquet.open(path, columns, decoder);
    }
    if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
      return of(jsonLines(path, columns, decoder));
    }
    if (name.endsWith(".csv") || name.endsWith(".tsv") || name.endsWith(".txt")) {
      return ListedTable.open(path, columns, decoder);
    }
    throw new DataException(
        path
            + (Files.exists(path)
                ? ": expected a folder of images, shards that end in .tar, or a table that ends in .csv, .tsv, .jsonl or .parquet"
                : ": no such folder or table"));
  }

  /// The rows of a CSV or TSV table for who looks at no image: none of them needs to be there.
  ///
  /// @throws DataException when it cannot be read, or a column is missing
  static ListedImages named(Path table, Columns columns) throws DataException {
    return ListedTable.named(table, columns);
  }

  /// The samples of a source.
  static ListedImages of(Source source) {
    return new ListedImages() {
      @Override
      public long size() {
        return source.size();
      }

      @Override
      public ListedImage get(long index) {
        return ListedImage.of(source.get(index));
      }

      @Override
      public String fingerprint() {
        return source.fingerprint();
      }

      @Override
      public List<String> notes() {
        return source.notes();
      }
    };
  }

  private static Source jsonLines(Path path, Columns columns, ImageDecoder decoder)
      throws DataException {
    requireNoSplit(path, columns);
    requireNoCentre(path, columns);
    TableGuess guess = TableGuess.of(path);
    var fields =
        new RowFields(
            columns.image().orElse(guess.image()),
            Optional.empty(),
            columns.label().or(guess::label),
            columns.group().or(guess::group));
    return Sources.open(
        new JsonLinesSettings(path, guess.images(), fields, Map.of(), Map.of(), List.of()),
        decoder);
  }

  /// @throws DataException where a centre is named, which samples do not have
  static void requireNoCentre(Path path, Columns columns) throws DataException {
    if (columns.centre().isPresent()) {
      throw new DataException(
          "%s: the column of the centre, %s, is read of CSV, TSV and Parquet tables alone"
              .formatted(path, columns.centre().get()));
    }
  }

  /// @throws DataException where a split is named, which samples do not have
  static void requireNoSplit(Path path, Columns columns) throws DataException {
    if (columns.split().isPresent()) {
      throw new DataException(
          "%s: the column of the split, %s, is read of CSV and TSV tables alone"
              .formatted(path, columns.split().get()));
    }
  }
}
