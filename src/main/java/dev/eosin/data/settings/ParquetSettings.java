package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `type: parquet`: tables that hold the encoded images themselves, or their paths.
@Doc("Parquet files with a row for each image, which hold the encoded images or their paths.")
public record ParquetSettings(
    @Doc(
            "A file, a folder of *.parquet files or a pattern such as data/train-*.parquet; several"
                + " files are read in the order of their names.")
        Path path,
    @Doc("The folder that image paths start from; without it the files' own folder.")
        Optional<Path> images,
    @Doc("Which column holds what.") RowFields columns,
    @Doc("Keeps the rows whose columns have these values, for example { split: train }.")
        @OrElse("{}")
        Map<String, String> where,
    @Doc(
            "What each label shows, in the order of the classes; without it the label is the"
                + " text.")
        @OrElse("{}")
        Map<String, String> classNames,
    @Doc("Captions for rows without a caption column; {} stands for the class text.") @OrElse("[]")
        List<String> templates,
    @Doc(SampleLists.ONLY_DOC) Optional<Path> only,
    @Doc(SampleLists.WITHOUT_DOC) Optional<Path> without,
    @Doc(SampleLists.ID_DOC) Optional<String> id)
    implements SourceSettings {
  /// All rows.
  public ParquetSettings(
      Path path,
      Optional<Path> images,
      RowFields columns,
      Map<String, String> where,
      Map<String, String> classNames,
      List<String> templates) {
    this(
        path,
        images,
        columns,
        where,
        classNames,
        templates,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// @throws IllegalArgumentException for a template without `{}`, a blank class text, templates
  ///   beside a caption column or without labels
  public ParquetSettings {
    where = Collections.unmodifiableMap(new TreeMap<>(where));
    RowRules rules = RowRules.of("columns", columns, classNames, templates);
    classNames = rules.classNames();
    templates = rules.templates();
  }

  public RowRules rules() {
    return RowRules.of("columns", columns, classNames, templates);
  }
}
