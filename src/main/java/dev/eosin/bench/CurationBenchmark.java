package dev.eosin.bench;

import dev.eosin.config.DataException;
import dev.eosin.config.Share;
import dev.eosin.curate.Curation;
import dev.eosin.curate.rules.DuplicateCheck;
import dev.eosin.curate.steps.CurationColumns;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.curate.steps.CurationStep;
import dev.eosin.curate.steps.CurationStep.Hashtags;
import dev.eosin.curate.steps.CurationStep.Leak;
import dev.eosin.curate.steps.CurationStep.Sameness;
import dev.eosin.curate.steps.CurationStep.Shared;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.Rows;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.io.file.PathUtils;

/// Speed and memory of a whole list of steps over made captions, ledger and outputs included, and
/// what MinHash finds beside a comparison of all with all.
///
/// @param rows that are made
/// @param checked of them, the first, that are compared with each other
/// @param parallel rows in work at once
public record CurationBenchmark(int rows, int checked, int parallel) {
  private static final CurationStep.SimilarCaptions SIMILAR =
      new CurationStep.SimilarCaptions(new Share(0.8), 3);

  /// Every step that needs no image.
  private static final List<CurationStep> STEPS =
      List.of(
          new CurationStep.Clean(true, true, Hashtags.WORD, true, true),
          new CurationStep.Questions(Optional.of("source"), List.of("LAION")),
          new CurationStep.FieldValue("sensitive", List.of("true"), List.of()),
          new CurationStep.Words(5, 200, 1, 2_000),
          new CurationStep.Language(List.of("eng"), 1.4, 4),
          new CurationStep.MostLiked(
              "parent", "likes", List.of("carcinoma", "adenoma", "melanoma", "lymphoma", "tumo*")),
          new CurationStep.Duplicates(Sameness.CAPTION, 4),
          SIMILAR,
          new CurationStep.Groups(
              List.of("patient"),
              true,
              Optional.empty(),
              List.of("", "na", "n/a", "none", "unknown")),
          new CurationStep.Leaks(
              List.of("test", "train"), List.of(Shared.GROUP, Shared.CAPTION), Leak.DROP));

  /// @return one line
  /// @throws DataException when the results cannot be written
  public String run() throws IOException {
    Path folder = Files.createTempDirectory("eosin-curate");
    try {
      return run(folder);
    } finally {
      PathUtils.deleteDirectory(folder);
    }
  }

  private String run(Path folder) throws IOException {
    Path table = folder.resolve("rows.jsonl");
    new MadeCaptions(new RandomKey(0)).write(table, rows);
    var settings =
        new CurationSettings(
            Optional.of(table),
            Optional.empty(),
            Optional.empty(),
            new CurationColumns(
                Optional.of("id"), "image", "caption", "group", Optional.of("split")),
            STEPS,
            CurationSettings.Format.PARQUET,
            Optional.empty(),
            5_000,
            8);
    long started = System.nanoTime();
    PreparationReport report =
        new PreparationRun(
                folder.resolve("out"),
                Curation.open(settings),
                new PreparationSettings(parallel, Failed.OPEN, 50, Limits.NONE),
                0)
            .run(progress -> {}, () -> false);
    double seconds = (System.nanoTime() - started) / 1e9;
    double peak = BenchmarkResult.peakMib();
    started = System.nanoTime();
    DuplicateCheck check = DuplicateCheck.of(captions(table), SIMILAR);
    double comparing = (System.nanoTime() - started) / 1e9;
    Map<String, Object> what = new LinkedHashMap<>();
    what.put("rows", rows);
    what.put("kept", report.funnel().kept());
    what.put("parallel", parallel);
    what.put("table_mib", Files.size(table) >> 20);
    what.put("left_out", report.funnel().rejected());
    return new BenchmarkResult("curate")
        .with("rows_per_s", rows / seconds)
        .with("seconds", seconds)
        .with("peak_mib", peak)
        .with("compared_rows", check.rows())
        .with("compared_s", comparing)
        .with("duplicates", check.duplicates())
        .with("missed", check.missed())
        .with("others", check.others())
        .settings(what)
        .line();
  }

  private List<String> captions(Path table) throws DataException {
    List<String> captions = new ArrayList<>();
    try (Rows all = Rows.table(table, "id", Map.of())) {
      for (Optional<Row> row = all.next();
          row.isPresent() && captions.size() < checked;
          row = all.next()) {
        captions.add(row.get().content().path("caption").asText());
      }
    }
    return captions;
  }
}
