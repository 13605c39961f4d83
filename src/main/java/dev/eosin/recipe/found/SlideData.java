package dev.eosin.recipe.found;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `slides`: the slides or patients of an evaluation, with their labels and folds.
@Doc("Slides or patients with their labels and folds.")
public sealed interface SlideData {
  /// A table of one's own.
  @Named("table")
  @Doc("A CSV or TSV with a line for each slide.")
  record Table(
      @Doc("The file.") Path path,
      @Doc("The column of slides, as the features' groups have them.") String slide,
      @Doc("The column of patients, where one has several slides.") Optional<String> patient,
      @Doc("The column of labels.") Optional<String> label,
      @Doc("Columns that say train, val or test; those called fold_0, fold_1, ... without it.")
          @OrElse("[]")
          List<String> folds)
      implements SlideData {
    public Table {
      folds = List.copyOf(folds);
    }
  }

  /// Patho-Bench's files.
  @Named("patho-bench")
  @Doc("A split of Patho-Bench's as it is: a k=all.tsv and its config.yaml.")
  record PathoBench(
      @Doc("The file k=all.tsv.") Path path,
      @Doc("The file config.yaml; beside the other without it.") Optional<Path> config)
      implements SlideData {}
}
