package dev.eosin.eval.tiles;

import dev.eosin.config.DataException;
import dev.eosin.eval.probes.ProbeSplit;
import dev.eosin.eval.probes.StoppedException;
import dev.eosin.group.SharedUnits;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Runs tasks on the features of tiles.
///
/// @param set the tiles
/// @param split which of them learn, choose and judge; empty where no task learns
/// @param templates of prompts
/// @param key draws what is drawn
public record TileTasks(
    TileSet set, Optional<ProbeSplit> split, List<String> templates, RandomKey key) {
  private static final String ANY = "tile";

  /// Divides tiles where a task needs it.
  ///
  /// @param validation share of the groups that choose, where the data does not say; 0 for none
  /// @param test share of the groups that judge, where the data does not say
  /// @throws DataException when a side is empty, a class has no tile to learn from, or a split is
  ///   none of those that are known
  public static TileTasks of(
      TileSet set,
      List<TileTask> tasks,
      List<String> templates,
      RandomKey key,
      double validation,
      double test)
      throws DataException {
    // Zero-shot classification looks at the split, too.
    ProbeSplit.requireKnown(set.name(), set.tiles());
    boolean learns = tasks.stream().anyMatch(TileTask::learns);
    Optional<ProbeSplit> split =
        learns
            ? Optional.of(
                ProbeSplit.of(set.name(), divided(set), labels(set), key, validation, test))
            : Optional.empty();
    for (TileTask task : tasks) {
      if (task.chooses() && split.orElseThrow().validation().length == 0) {
        throw new DataException(
            "%s: %s chooses on validation tiles, and there are none; give one value, or a share in validation"
                .formatted(set.name(), task.title()));
      }
      if (task instanceof TileTask.Centres centres) {
        CentreRobustness.requireCentres(centres, set);
      }
      if (task instanceof TileTask.FewShot few) {
        requireShots(set, split.orElseThrow(), few);
      }
    }
    return new TileTasks(set, split, List.copyOf(templates), key);
  }

  /// Tiles of several labels are divided as if they were of one class.
  private static List<ProbeSplit.Row> divided(TileSet set) {
    return set.classes().isEmpty()
        ? set.tiles().stream()
            .map(
                tile ->
                    new ProbeSplit.Row(
                        tile.path(), tile.group(), Optional.of(ANY), tile.split(), tile.centre()))
            .toList()
        : set.tiles();
  }

  private static List<String> labels(TileSet set) {
    return set.classes().isEmpty() ? List.of(ANY) : set.labels();
  }

  /// A class with fewer tiles would be learnt from fewer than the result says.
  private static void requireShots(TileSet set, ProbeSplit split, TileTask.FewShot task)
      throws DataException {
    int shots = task.shots().stream().mapToInt(Integer::intValue).max().orElseThrow();
    int[] truth = set.truth();
    for (int label = 0; label < set.classes().size(); label++) {
      int wanted = label;
      long count = IntStream.of(split.train()).filter(row -> truth[row] == wanted).count();
      if (count < shots) {
        throw new DataException(
            "%s: %d shots are asked for, and the class '%s' has %d tiles to learn from; leave larger numbers out of shots"
                .formatted(task.title(), shots, set.labels().get(label), count));
      }
    }
  }

  /// The tiles that zero-shot classification is judged by: those for testing where the data names
  /// some, otherwise all, since none is learnt from.
  public int[] zeroShotJudges() {
    return IntStream.range(0, set.tiles().size())
        .filter(row -> !set.namesTest() || ProbeSplit.isTest(set.tiles().get(row).split()))
        .toArray();
  }

  /// Who waits for a task.
  ///
  /// @param progress told what takes long
  /// @param units by which ranks share what has nothing to do with each other, and which ask
  ///   whether to stop
  public record Watch(Consumer<String> progress, SharedUnits units) {}

  /// Runs a task; of several ranks each runs it.
  ///
  /// @param task of one result, as [TileTask#single] has them
  /// @param done what earlier calls trained
  /// @return the same on every rank; empty when it was asked to stop
  /// @throws DataException when the features or the tiles do not do for it
  /// @throws IOException when tiles or weights that it reads again cannot be read
  public Optional<TaskResult> run(
      TileTask task, TileFeatures features, Watch watch, DoneTrainings done) throws IOException {
    if (!(task instanceof TileTask.FineTune tune)) {
      return run(task, features, watch.units());
    }
    try {
      return Optional.of(tuning(tune, features, watch, done).run());
    } catch (StoppedException _) {
      return Optional.empty();
    }
  }

  private FineTuning tuning(
      TileTask.FineTune task, TileFeatures features, Watch watch, DoneTrainings done)
      throws DataException {
    TunableModel model =
        features
            .tunable()
            .orElseThrow(
                () ->
                    new DataException(
                        "%s: %s trains a model's image tower, and only its features are here; name a model of type clip"
                            .formatted(features.model(), task.title())));
    ProbeSplit sides = split.orElseThrow();
    return new FineTuning(task, new TileSides(set, sides, set.truth()), model, key, watch, done);
  }

  /// Runs a task that looks at features alone; of several ranks each runs it.
  ///
  /// @param task of one result, as [TileTask#single] has them; not fine-tuning
  /// @return the same on every rank; empty when it was asked to stop
  /// @throws DataException when the features or the tiles do not do for it
  public Optional<TaskResult> run(TileTask task, TileFeatures features, SharedUnits units)
      throws IOException {
    try {
      return Optional.of(found(task, features, units));
    } catch (StoppedException _) {
      return Optional.empty();
    }
  }

  private TaskResult found(TileTask task, TileFeatures features, SharedUnits units)
      throws IOException {
    if (features.vectors().length != set.tiles().size()) {
      throw new DataException(
          "%s: %d vectors for %d tiles"
              .formatted(features.model(), features.vectors().length, set.tiles().size()));
    }
    return switch (task) {
      case TileTask.ZeroShot zero ->
          ZeroShotTiles.run(zero, set, features, templates, zeroShotJudges(), key);
      case TileTask.Centres centres -> CentreRobustness.run(centres, set, features, key);
      case TileTask.LinearProbe linear -> probes(features, units).linear(linear);
      case TileTask.StochasticProbe sgd -> probes(features, units).stochastic(sgd);
      case TileTask.Gradient gradient -> probes(features, units).gradient(gradient);
      case TileTask.Neighbours knn -> probes(features, units).neighbours(knn);
      case TileTask.FewShot few -> probes(features, units).fewShot(few);
      case TileTask.Grades grades -> probes(features, units).grades(grades);
      case DecayProbeTask decay ->
          new DecayProbes(
                  new TileSides(set, split.orElseThrow(), set.truth()),
                  features.vectors(),
                  key,
                  units)
              .run(decay);
      case SeveralLabelsTask several ->
          new LabelsProbe(set, split.orElseThrow(), features.vectors(), key, units).run(several);
      case TileTask.FineTune tune ->
          throw new IllegalArgumentException(tune.title() + " takes a model, not features");
    };
  }

  private ClassProbes probes(TileFeatures features, SharedUnits units) {
    ProbeSplit sides = split.orElseThrow();
    return new ClassProbes(new TileSides(set, sides, set.truth()), features.vectors(), key, units);
  }
}
