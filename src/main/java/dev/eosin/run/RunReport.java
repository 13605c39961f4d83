package dev.eosin.run;

import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.report.ReportFiles;
import dev.eosin.report.RunPage;
import dev.eosin.report.TrainingLog;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.run.folders.RunOverview;
import dev.eosin.train.logs.RunHistory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// `report.html` of a run folder: what the run's own files say, nothing measured anew.
public final class RunReport {
  private RunReport() {}

  /// Writes the page; the same files give the same bytes.
  ///
  /// @param version Eosin's
  /// @return the page
  /// @throws DataException when the folder has no run, or one that cannot be read
  public static Path write(Path folder, String version) throws DataException {
    RunOverview run = RunOverview.of(folder);
    var page =
        new RunPage(
            "Run " + folder,
            facts(run),
            TrainingLog.read(RunFolder.log(folder)),
            fingerprints(folder, version),
            run.recipe().text(),
            left(folder));
    Path file = folder.resolve(ReportFiles.PAGE);
    AtomicFile.write(file, FileContent.text(page.html()));
    return file;
  }

  /// At the end of a training, which a page never fails.
  ///
  /// @return why there is none
  public static Optional<String> tryToWrite(Path folder, String version) {
    try {
      write(folder, version);
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.of("no report.html was written: " + e.getMessage());
    }
  }

  private static Map<String, String> facts(RunOverview run) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("model", run.model());
    RunHistory history = run.history();
    facts.put(
        "steps", "%d of %s".formatted(history.steps(), run.length().orElse("an unknown length")));
    history
        .loss()
        .ifPresent(
            loss ->
                facts.put(
                    "training loss, mean of the last %d steps".formatted(RunHistory.WINDOW),
                    String.format(Locale.ROOT, "%.4f", loss)));
    history
        .imagesPerSecond()
        .ifPresent(
            speed ->
                facts.put("images a second, median", String.format(Locale.ROOT, "%.1f", speed)));
    return facts;
  }

  /// What the newest checkpoint says that its weights were made of.
  private static SortedMap<String, String> fingerprints(Path folder, String version)
      throws DataException {
    Path checkpoints = folder.resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return new TreeMap<>();
    }
    var store = new CheckpointStore(checkpoints, 1, version);
    return store.newestState().map(state -> new TreeMap<>(state.more())).orElseGet(TreeMap::new);
  }

  private static List<String> left(Path folder) throws DataException {
    Path file = folder.resolve("bad-rows.jsonl");
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }
}
