package dev.eosin.run.models;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.Inspection;
import dev.eosin.clip.stored.InspectionReport;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.DataException;
import dev.eosin.qformer.QFormerFolder;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Opens what a command line names as a model: a run folder, one of its checkpoints, or any file or
/// folder of weights. A run's recipe says what its weights do not. Nothing is changed.
public final class StoredModels {
  private StoredModels() {}

  /// @param path of a run folder the newest sound checkpoint is taken
  /// @param part of a run; others have weights only
  /// @param named the architecture, as the user named it
  /// @throws DataException when the file cannot be read or holds no CLIP model, when the run has no
  ///   sound checkpoint, or its recipe does not tell the architecture any more
  public static StoredClip open(Path path, WeightsPart part, Optional<ClipSpec> named)
      throws IOException {
    return StoredRun.open(path, part, named, "--part average");
  }

  /// What a run, one of its checkpoints, or any weights are. A file is shown as it is.
  ///
  /// @throws DataException naming the file and what is wrong with it
  public static Inspected inspect(Path path) throws IOException {
    // Whether its files are whole is read in all of them: once.
    Optional<StoredRun> found = Files.isDirectory(path) ? StoredRun.find(path) : Optional.empty();
    Optional<Inspected> run = RunInspection.find(found);
    if (run.isPresent()) {
      return run.get();
    }
    Optional<Inspected> described;
    try {
      described = described(path);
    } catch (DataException untold) {
      return asTensors(path, untold);
    }
    if (described.isPresent()) {
      return described.get();
    }
    var report = new InspectionReport(inspection(path, found));
    return new Inspected(report.lines(), report.tensorLines(), report.json().toPrettyString());
  }

  /// A model whose description cannot be used: its tensors are there all the same.
  private static Inspected asTensors(Path path, DataException untold) throws DataException {
    InspectionReport report;
    try {
      report = new InspectionReport(Inspection.of(path));
    } catch (DataException unreadable) {
      untold.addSuppressed(unreadable);
      throw untold;
    }
    List<String> lines = new ArrayList<>(report.lines());
    lines.add("%-12s%s".formatted("not known", untold.getMessage()));
    return new Inspected(
        lines,
        report.tensorLines(),
        report.json().put("not_known", untold.getMessage()).toPrettyString());
  }

  /// What its own description says.
  private static Optional<Inspected> described(Path path) throws IOException {
    Optional<VisionLanguageInspection> seen = VisionLanguageInspection.of(path);
    if (seen.isPresent()) {
      return Optional.of(seen.get().inspected());
    }
    if (QFormerFolder.is(path)) {
      return Optional.of(QFormerInspection.of(QFormerFolder.open(path)).inspected());
    }
    Optional<Inspected> part = PartInspection.find(path);
    return part.isPresent() ? part : LanguageInspection.find(path);
  }

  /// What weights are.
  ///
  /// @param lines for a person
  /// @param tensors a line for each tensor; empty where only the whole is told
  /// @param json the same as one object
  public record Inspected(List<String> lines, List<String> tensors, String json) {
    public Inspected {
      lines = List.copyOf(lines);
      tensors = List.copyOf(tensors);
    }

    /// Of what only the whole is told.
    Inspected(List<String> lines, String json) {
      this(lines, List.of(), json);
    }
  }

  private static Inspection inspection(Path path, Optional<StoredRun> found) throws IOException {
    if (found.isEmpty()) {
      return Inspection.of(path);
    }
    try {
      return inspect(path, found.get());
    } catch (DataException untold) {
      // The recipe, or the configuration that it names, is gone: the tensors are still there.
      return Inspection.of(found.get().checkpoint().folder());
    }
  }

  private static Inspection inspect(Path path, StoredRun found) throws IOException {
    Path run = found.run();
    ClipRecipe recipe = found.clip();
    try (StoredClip model = found.open(path, recipe, WeightsPart.WEIGHTS, Optional.empty())) {
      return Inspection.of(
          model,
          new Inspection.Architecture.OfRun(
              RunFolder.recipe(run),
              recipe.model(),
              run.equals(path),
              recipe.lora().isPresent(),
              model.requiredSpec()));
    }
  }
}
