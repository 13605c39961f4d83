package dev.eosin.eval.training;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Share;
import dev.eosin.config.Steps;
import dev.eosin.eval.tiles.SeveralLabelsTask;
import dev.eosin.eval.tiles.TileClass;
import dev.eosin.eval.tiles.TileData;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.eval.tiles.TileTask;
import dev.eosin.train.EvaluationSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// `type: tile-tasks`: what `kind: tile-evaluation` measures, while training.
@Doc(
    "Zero-shot classification and probes on labelled tiles, as kind tile-evaluation has them, of the model as it stands. A figure is called TASK.FIGURE: zero-shot.accuracy.")
public record TileTasksSettings(
    @Doc("Names the evaluation in logs.") String name,
    @Doc("How often; also before the first update and after the last.") Steps every,
    @Doc("The tiles; they are no part of data.") TileData tiles,
    @Doc("The classes in their order; all labels that occur, sorted, without it.") @OrElse("[]")
        List<TileClass> classes,
    @Doc("What becomes of tiles with a label that is not listed: refuse (an error) or leave-out.")
        @OrElse("refuse")
        TileSet.OtherLabels otherLabels,
    @Doc("Part of the images that may fail to be read; they are left out and counted.")
        @OrElse("1 %")
        Share unreadable,
    @Doc("Templates of prompts; {} stands for the class name. Of several all count.")
        @OrElse("[\"An H&E image of {}.\"]")
        List<String> prompts,
    @Doc("What is asked, as in kind tile-evaluation.") List<TileTask> tasks,
    @Doc("Part of the groups that chooses, where the data names none; 0 % where nothing is chosen.")
        @OrElse("20 %")
        Share validation,
    @Doc("Part of the groups that judges, where the data names none.") @OrElse("20 %") Share test,
    @Doc("Whether recall, precision and F1 of each class and the confusion matrix are told, too.")
        @OrElse("false")
        boolean classScores,
    @Doc("Resamples of groups for the 95 % intervals; 0 for none.")
        @OrElse("0")
        @Range(min = 0, max = 1e6)
        int bootstrap)
    implements EmbeddingEvaluation {
  /// @throws IllegalArgumentException for a template without `{}`, no task or two of one name, and
  ///   shares that leave a side empty
  public TileTasksSettings {
    EvaluationSettings.check(name, every);
    classes = List.copyOf(classes);
    prompts = List.copyOf(prompts);
    tasks = tasks.stream().flatMap(task -> task.single().stream()).toList();
    for (String prompt : prompts) {
      if (!prompt.contains("{}")) {
        throw new IllegalArgumentException(
            "prompts: '%s' has no {} where the class name belongs".formatted(prompt));
      }
    }
    Set<String> titles = new HashSet<>();
    for (TileTask task : tasks) {
      if (!titles.add(task.title())) {
        throw new IllegalArgumentException(
            "tasks: two are called '%s'; give one a name".formatted(task.title()));
      }
    }
    SeveralLabelsTask.fault(tasks, classes)
        .ifPresent(
            fault -> {
              throw new IllegalArgumentException("tasks: " + fault);
            });
    if (tasks.stream().anyMatch(TileTask.FineTune.class::isInstance)) {
      throw new IllegalArgumentException(
          "tasks: fine-tune is a training of its own; run it on a checkpoint with kind tile-evaluation");
    }
    if (tasks.isEmpty() || (prompts.isEmpty() && asksByPrompts(tasks))) {
      throw new IllegalArgumentException(
          tasks.isEmpty()
              ? "tasks: nothing is asked; list at least one task"
              : "prompts: at least one template is needed");
    }
    if (test.value() <= 0 || test.value() >= 1 || validation.value() >= 1) {
      throw new IllegalArgumentException(
          "test: %s to judge by and %s to choose by leave a side empty; write e.g. '20 %%'"
              .formatted(test, validation));
    }
  }

  boolean asksByPrompts() {
    return asksByPrompts(tasks);
  }

  private static boolean asksByPrompts(List<TileTask> tasks) {
    return tasks.stream().anyMatch(TileTask.ZeroShot.class::isInstance);
  }
}
