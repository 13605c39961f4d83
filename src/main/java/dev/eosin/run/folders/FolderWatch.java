package dev.eosin.run.folders;

import dev.eosin.config.DataException;
import dev.eosin.config.ResolvedRecipe;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.StepReport;
import dev.eosin.train.TrainingObserver;

/// Notices before each checkpoint that somebody removed the run folder. The recipe is then written
/// anew, so that the run can go on from that checkpoint, and the run ends with it: its log and its
/// lock are gone.
public final class FolderWatch implements TrainingObserver {
  private final RunFolder folder;
  private final ResolvedRecipe recipe;
  private boolean removed;

  public FolderWatch(RunFolder folder, ResolvedRecipe recipe) {
    this.folder = folder;
    this.recipe = recipe;
  }

  /// Whether the folder was removed since the run began.
  public boolean removed() {
    return removed;
  }

  /// @throws DataException where the folder was removed, once what was done is saved
  public void requireFolder(long step) throws DataException {
    if (removed) {
      throw new DataException(
          "%s: was removed while its run was at work; the log is lost, step %d was saved there: the same command goes on"
              .formatted(folder.folder(), step));
    }
  }

  @Override
  public void sync() throws DataException {
    if (!removed && !folder.isWhole()) {
      removed = true;
      folder.store(recipe);
    }
  }

  @Override
  public void step(StepReport report) {}

  @Override
  public void evaluation(EvaluationReport report) {}

  @Override
  public void note(String message) {}

  @Override
  public void close() {}
}
