package dev.eosin.curate.steps;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.curate.steps.CurationStep.Images;
import dev.eosin.data.settings.MixtureSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.SplitSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The key `curate` of `kind: curate`.
@Doc("The rows, the steps that they pass, and how those are written that are left.")
public record CurationSettings(
    @Doc("A table, one row a pair: .csv, .tsv, .parquet, or one JSON object a line.")
        Optional<Path> table,
    @Doc(
            "In place of a table, any data with images: its rows have the fields id, image,"
                + " caption, label and group.")
        Optional<SourceSettings> source,
    @Doc("The folder that image names of a table start from; without it the table's own folder.")
        Optional<Path> images,
    @Doc("Which fields hold what.") @OrElse("{}") CurationColumns columns,
    @Doc("The steps, in their order.") List<CurationStep> steps,
    @Doc("How rows are written.") @OrElse("parquet") Format format,
    @Doc("Fields that are written beside those of columns; without it all that the first row has.")
        Optional<List<String>> carry,
    @Doc("Of webdataset: so many rows a shard.") @OrElse("5_000") @Range(min = 1, max = 1_000_000)
        int shardRows,
    @Doc("Of each step so many rows are shown on the page.") @OrElse("8") @Range(min = 0, max = 100)
        int shown) {
  /// How rows are written.
  public enum Format {
    /// One table, `pairs.parquet`; images stay where they are.
    PARQUET,
    /// `pairs-00000.tar` and so on, with the images in them.
    WEBDATASET,
    /// One JSON object a line, `pairs.jsonl`; images stay where they are.
    JSONL
  }

  /// @throws IllegalArgumentException unless there is one of table and source, for steps that need
  ///   others before them, and for sources made of parts
  public CurationSettings {
    steps = List.copyOf(steps);
    carry = carry.map(List::copyOf);
    if (table.isPresent() == source.isPresent()) {
      throw new IllegalArgumentException("table: give either a table or a source");
    }
    if (source.isPresent() && images.isPresent()) {
      throw new IllegalArgumentException("images: a source knows where its images are");
    }
    source.ifPresent(CurationSettings::refuseParts);
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("steps: give at least one");
    }
    checkSteps(steps, columns, format);
  }

  private static void refuseParts(SourceSettings source) {
    if (source instanceof MixtureSettings || source instanceof SplitSettings) {
      throw new IllegalArgumentException("source: is made of parts; name its samples directly");
    }
  }

  private static void checkSteps(List<CurationStep> steps, CurationColumns columns, Format format) {
    boolean opened = false;
    for (CurationStep step : steps) {
      opened |= step instanceof Images;
      if (step.pictures() && !opened) {
        throw new IllegalArgumentException(
            "steps: %s compares images; put { type: images } before it".formatted(step.title()));
      }
      boolean looks =
          step instanceof FiguresStep || step instanceof JudgedStep judged && judged.looks();
      if (looks && !opened) {
        throw new IllegalArgumentException(
            "steps: %s looks at images; put { type: images } before it".formatted(step.title()));
      }
      if (step instanceof CurationStep.Leaks && columns.split().isEmpty()) {
        throw new IllegalArgumentException(
            "steps: leaks compares splits; name their field as columns.split");
      }
    }
    if (format == Format.WEBDATASET && !opened) {
      throw new IllegalArgumentException(
          "steps: shards hold the images; put { type: images } among the steps, which says why one"
              + " cannot be read");
    }
  }

  /// The reason of each step: its title, numbered where a step comes again.
  public List<String> reasons() {
    List<String> reasons = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    for (CurationStep step : steps) {
      int times = seen.merge(step.title(), 1, Integer::sum);
      reasons.add(times == 1 ? step.title() : step.title() + "-" + times);
    }
    return reasons;
  }

  /// What steps found besides, under their reasons.
  ///
  /// @param found of each step
  public Map<String, String> named(List<Map<String, String>> found) {
    Map<String, String> named = new LinkedHashMap<>();
    List<String> reasons = reasons();
    for (int step = 0; step < found.size(); step++) {
      String reason = reasons.get(step);
      found.get(step).forEach((what, value) -> named.put(reason + ": " + what, value));
    }
    return named;
  }

  /// Whether a step compares images.
  public boolean pictures() {
    return steps.stream().anyMatch(CurationStep::pictures);
  }
}
