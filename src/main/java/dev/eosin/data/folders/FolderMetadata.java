package dev.eosin.data.folders;

import dev.eosin.config.DataException;
import dev.eosin.data.Names;
import dev.eosin.data.settings.CsvColumns;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.FolderSettings;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.TableFiles;
import dev.eosin.data.settings.TableSample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A folder of images with a table beside them, as Hugging Face's `imagefolder` lays it out.
///
/// Source: Hugging Face datasets, "Create an image dataset": `metadata.jsonl` or `metadata.csv`
/// with `file_name`, whose paths start from the folder.
public final class FolderMetadata {
  /// The table's names, the one that is taken first.
  private static final List<String> NAMES = List.of("metadata.jsonl", "metadata.csv");

  private static final String IMAGE = "file_name";
  private static final List<String> CAPTIONS = List.of("text", "caption");
  private static final String LABEL = "label";

  private FolderMetadata() {}

  /// The table of a folder, as the source that reads it.
  ///
  /// @throws DataException when there is none, or it lacks a column
  public static SourceSettings table(FolderSettings folder) throws DataException {
    TableFiles.checkFolder(folder.path());
    Path file =
        NAMES.stream()
            .map(folder.path()::resolve)
            .filter(Files::isRegularFile)
            .findFirst()
            .orElseThrow(
                () ->
                    new DataException(
                        "%s: holds neither %s, which captions: metadata reads"
                            .formatted(folder.path(), String.join(" nor ", NAMES))));
    TableSample sample = TableSample.read(file);
    List<String> columns = sample.columns();
    Optional<String> caption = CAPTIONS.stream().filter(columns::contains).findFirst();
    Optional<String> label = Stream.of(LABEL).filter(columns::contains).findFirst();
    if (!columns.contains(IMAGE) || caption.isEmpty() && label.isEmpty()) {
      throw new DataException(
          "%s: its columns are %s; file_name and text (or caption, or label) are expected; name others with type: %s"
              .formatted(
                  file, Names.of(columns), sample.separator().isPresent() ? "csv" : "jsonl"));
    }
    return sample
        .separator()
        .<SourceSettings>map(separator -> csv(folder, file, separator, caption, label))
        .orElseGet(() -> lines(folder, file, caption, label));
  }

  private static JsonLinesSettings lines(
      FolderSettings folder, Path file, Optional<String> caption, Optional<String> label) {
    return new JsonLinesSettings(
        file,
        Optional.empty(),
        new RowFields(IMAGE, caption, label, Optional.empty()),
        Map.of(),
        folder.classNames(),
        folder.templates(),
        folder.only(),
        folder.without(),
        Optional.empty());
  }

  private static CsvSettings csv(
      FolderSettings folder,
      Path file,
      char separator,
      Optional<String> caption,
      Optional<String> label) {
    return new CsvSettings(
        file,
        String.valueOf(separator),
        CsvSettings.Quotes.DOUBLE,
        Optional.empty(),
        new CsvColumns(IMAGE, caption, List.of(), label, Optional.empty()),
        Map.of(),
        folder.classNames(),
        folder.templates(),
        false,
        folder.only(),
        folder.without(),
        Optional.empty());
  }
}
