package dev.eosin.run;

import dev.eosin.config.DataException;
import dev.eosin.group.Group;
import dev.eosin.prepare.PreparationProgress;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationReport.End;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.recipe.Preparation;
import dev.eosin.recipe.prepared.OpenedPreparations;
import dev.eosin.run.folders.ResultsFolder;
import dev.eosin.run.folders.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Runs recipes that prepare data, of whatever kind.
public final class Preparations {
  private Preparations() {}

  /// Prepares as far as it gets, and leaves the resolved recipe beside the results.
  ///
  /// @param progress told now and then, and at the end
  /// @param stop whether to stop; what is at work is finished and recorded first
  /// @throws DataException when rows or ledger cannot be read or written, another process prepares
  ///   into the folder, or the preparation was begun with other settings
  public static PreparationReport run(
      Preparation recipe, Consumer<PreparationProgress> progress, BooleanSupplier stop)
      throws DataException {
    return run(recipe, progress, stop, Group.ALONE);
  }

  /// As above, by several ranks, which share the rows and stop together; the first one writes.
  ///
  /// @throws dev.eosin.config.MachineException where one process is needed
  public static PreparationReport run(
      Preparation recipe, Consumer<PreparationProgress> progress, BooleanSupplier stop, Group group)
      throws DataException {
    if (group.size() > 1) {
      recipe.ofRanks();
    }
    Path folder = recipe.folder();
    ResultsFolder.requireNoOther(folder, Preparation.class);
    PreparationReport report;
    try (RowPreparation preparation = OpenedPreparations.open(recipe, group)) {
      report =
          new PreparationRun(folder, preparation, recipe.work(), recipe.seed())
              .run(progress, stop, group);
    }
    // Only now is it known that the folder is not another preparation's.
    boolean keeps = report.end() != End.UNCHANGED || !Files.exists(RunFolder.recipe(folder));
    if (group.isFirst() && keeps) {
      ResultsFolder.keep(recipe);
    }
    return report;
  }
}
