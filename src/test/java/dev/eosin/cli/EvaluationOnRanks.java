package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.recipe.Evaluation;
import dev.eosin.run.Evaluations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Evaluations by ranks of one Java machine, beside those of a process alone.
final class EvaluationOnRanks {
  /// What every evaluation writes.
  static final List<String> RESULTS = List.of("evaluation.json", "evaluation.csv");

  private EvaluationOnRanks() {}

  static Optional<Path> measured(Evaluation recipe, Group group, BooleanSupplier stop)
      throws IOException {
    var listener = new Evaluations.Listener(note -> {}, result -> {}, progress -> {});
    return Evaluations.run(recipe, "test", listener, stop, group);
  }

  /// Whether so many ranks write the bytes of a process alone.
  ///
  /// @param home of the results
  /// @param files that are compared
  static void shareAsOne(
      Path recipe, List<String> overrides, Path home, List<String> files, List<Integer> ranks)
      throws Exception {
    measured(read(recipe, overrides, home.resolve("alone")), Group.ALONE, () -> false);
    for (int count : ranks) {
      Path folder = home.resolve("ranks-" + count);
      Evaluation shared = read(recipe, overrides, folder);
      LocalRanks.run(count, group -> measured(shared, group, () -> false).orElseThrow());
      for (String file : files) {
        assertThat(folder.resolve(file))
            .as("of %d ranks", count)
            .hasSameBinaryContentAs(home.resolve("alone").resolve(file));
      }
    }
  }

  private static Evaluation read(Path recipe, List<String> overrides, Path folder) {
    List<String> all = new ArrayList<>(overrides);
    all.add("output.dir=\"%s\"".formatted(folder));
    return Evaluation.read(recipe, all);
  }
}
