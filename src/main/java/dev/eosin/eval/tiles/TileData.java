package dev.eosin.eval.tiles;

import dev.eosin.config.Doc;
import dev.eosin.data.listed.ListedImages;
import java.nio.file.Path;
import java.util.Optional;

/// `tiles`: labelled tiles of an evaluation.
@Doc("Labelled tiles: a folder of class folders, or a table.")
public record TileData(
    @Doc(
            "A folder, whose folders are the classes, or a table (.csv, .tsv, .jsonl, .parquet) with"
                + " paths from its own folder.")
        Path path,
    @Doc("The table's column of paths; guessed otherwise, and said.") Optional<String> image,
    @Doc("Its column of labels.") Optional<String> label,
    @Doc("Its column of slides or patients, by which tiles are divided and resampled.")
        Optional<String> group,
    @Doc("Its column that says which tiles are for train, validation and test.")
        Optional<String> split,
    @Doc("Its column of hospitals or scanners, for centre-robustness.") Optional<String> centre) {
  /// Of a folder or table whose columns are guessed.
  public static TileData of(Path path) {
    return new TileData(
        path,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// For [ListedImages#open].
  public ListedImages.Columns columns() {
    return new ListedImages.Columns(image, group, label, split, centre);
  }
}
