package dev.eosin.experiment;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.opened.DataSets;
import dev.eosin.group.Group;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.train.machine.MemoryPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a recipe trains, as a run sees it: the one class that a family writes to get everything
/// that runs can do (resume, rehearse, plan, dry run, profile, overfit, rate test, averages,
/// export, comparison).
public interface Experiment {
  /// Compares names and shapes of all weights that the recipe names with its architecture, and
  /// model, data and tokenizer with each other: a look at headers, before any long work.
  ///
  /// @param begins whether the run has no checkpoint yet: only then are first weights looked for
  /// @return what a user should know about them, one line each
  /// @throws dev.eosin.config.RecipeException when parts of the recipe do not fit each other
  /// @throws DataException when a file cannot be read, or listing every tensor that does not fit
  List<String> check(boolean begins) throws IOException;

  /// The model's parts and how many weights each has.
  ModelSummary summary() throws IOException;

  /// The memory that a step needs, from sizes alone.
  MemoryPlan plan(Device device, StepChoice choice) throws IOException;

  /// How the recipe would say that adapters are trained instead of the model, where it has none and
  /// could have them: what [StepChoice#adapters()] stands for.
  default Optional<String> adapters() {
    return Optional.empty();
  }

  /// The opened data, compared and checked.
  DataSets data() throws IOException;

  /// What a run keeps on disk beside its own folder, one line each; opens the data where it keeps
  /// something.
  default List<String> stored() throws IOException {
    return List.of();
  }

  /// What each evaluation asks, one line each.
  List<String> questions(DataSets data) throws IOException;

  /// The first rows of a batch as the model sees them, one line each, what a loss asks for between
  /// `>>` and `<<`; for a dry run.
  default List<String> shown(Batch batch) throws IOException {
    return List.of();
  }

  /// What a run that goes on may not have changed, besides its recipe.
  List<Pin> pins(DataSets data) throws IOException;

  /// Allocates the model on an engine, with weights of zero, to be trained by several ranks.
  ///
  /// @param group for losses that look across the whole batch; what is summed by rows, `[Updater]`
  ///   brings together by itself
  Opened open(Engine engine, DataSets data, Group group) throws IOException;

  /// As above, in one process.
  default Opened open(Engine engine, DataSets data) throws IOException {
    return open(engine, data, Group.ALONE);
  }

  /// Reads an exported model again.
  ///
  /// @param exported the folder that [Opened#export] wrote
  StoredTensors reopen(Path exported) throws IOException;
}
