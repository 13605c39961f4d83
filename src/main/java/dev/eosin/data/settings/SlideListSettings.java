package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.Optional;

/// Whole slides: a folder of them, or a table.
@Doc("Whole slides: a folder, searched to its depth, or a table.")
public record SlideListSettings(
    @Doc(
            "A folder with .svs, .tif and .tiff files, or a table (.csv, .tsv) with a row for each slide.")
        Path path,
    @Doc("The folder that the table's paths start from; without it the table's own.")
        Optional<Path> files,
    @Doc("Which column of a table holds what.") @OrElse("{}") SlideColumns columns) {
  /// A folder, or a table with usual columns.
  public static SlideListSettings of(Path path) {
    return new SlideListSettings(
        path,
        Optional.empty(),
        new SlideColumns(
            "slide", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
  }
}
