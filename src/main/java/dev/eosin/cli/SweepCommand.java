package dev.eosin.cli;

import dev.eosin.cli.terminal.BuildVersion;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.Termination;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.Run;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.run.folders.SweepPlan;
import dev.eosin.run.folders.SweepTable;
import dev.eosin.train.DivergedException;
import dev.eosin.train.Trainer;
import dev.eosin.train.logs.StartLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin sweep`: the same recipe with several values, one run after the other.
@Command(
    name = "sweep",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a recipe with every combination of some values, one run after the other, each in a"
          + " folder of its own, and prints their best scores. The same command goes on where it was"
          + " stopped or killed; runs that are finished stay as they are."
    })
final class SweepCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RECIPE", description = "A YAML file of a training.")
  private Path recipeFile;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "KEY=A,B",
      description = "Values to try, e.g. \"optimizer.lr=1e-4,3e-4\"; one value is set in all runs.")
  private List<String> values = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the runs go (default: the recipe's output.dir with -sweep behind it).")
  private Optional<Path> out = Optional.empty();

  @Override
  public Integer call() throws IOException {
    Termination termination = Termination.listen(spec.commandLine().getErr());
    SweepPlan plan = plan();
    Path folder = out.isPresent() ? out.get() : beside();
    // All of them are read before the first one trains: a value that is none ends the sweep here.
    Map<SweepPlan.Trial, TrainableRecipe> recipes = new LinkedHashMap<>();
    for (SweepPlan.Trial trial : plan.trials()) {
      recipes.put(trial, recipe(trial, folder));
    }
    Files.createDirectories(folder);
    boolean failed = false;
    for (Map.Entry<SweepPlan.Trial, TrainableRecipe> each : recipes.entrySet()) {
      Trainer.End end = train(each.getKey(), each.getValue(), termination);
      SweepTable.of(folder, plan).write(folder);
      if (end == Trainer.End.STOPPED) {
        tell(folder, plan);
        return termination.exitCode().orElse(ExitCode.DONE);
      }
      failed |= SweepTable.failure(each.getValue().output().dir()).isPresent();
    }
    tell(folder, plan);
    return failed ? ExitCode.OTHER : ExitCode.DONE;
  }

  private SweepPlan plan() {
    try {
      return SweepPlan.of(values);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()));
    }
  }

  private Path beside() {
    Path dir = TrainableRecipe.read(recipeFile, List.of()).output().dir();
    return dir.resolveSibling(dir.getFileName() + "-sweep");
  }

  private TrainableRecipe recipe(SweepPlan.Trial trial, Path folder) {
    List<String> overrides = new ArrayList<>(trial.overrides());
    String dir = SweepPlan.folder(folder, trial).toString();
    overrides.add("output.dir=\"%s\"".formatted(dir.replace("\\", "\\\\").replace("\"", "\\\"")));
    return TrainableRecipe.read(recipeFile, overrides);
  }

  /// @return FINISHED also of one that came to nothing: the next one is tried
  private Trainer.End train(SweepPlan.Trial trial, TrainableRecipe recipe, Termination termination)
      throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Path dir = recipe.output().dir();
    if (SweepTable.failure(dir).isPresent()) {
      err.println("%s: failed before; remove %s to try it again".formatted(trial.name(), dir));
      return Trainer.End.FINISHED;
    }
    try (RunFolder folder = RunFolder.open(dir, false)) {
      folder.changes(recipeFile, recipe.resolved()).forEach(err::println);
      var run = new Run(recipe, folder, BuildVersion.current(), termination::requested);
      if (run.isFinished()) {
        err.println(trial.name() + ": is finished");
        return Trainer.End.FINISHED;
      }
      err.println(trial.name() + ":");
      var start =
          new StartLog.Start(
              InstantSource.system().instant(),
              BuildVersion.current(),
              spec.root().commandLine().getParseResult().originalArgs());
      StartLog.append(folder.starts(), start);
      return run.run(
          (opened, begun, data) ->
              TrainCommand.observers(recipe, opened, begun, data, err, Optional.empty()));
    } catch (DivergedException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("diverged");
      err.println("%s: failed: %s".formatted(trial.name(), reason));
      SweepTable.fail(dir, reason);
      return Trainer.End.FINISHED;
    }
  }

  private void tell(Path folder, SweepPlan plan) throws IOException {
    PrintWriter printed = spec.commandLine().getOut();
    SweepTable.of(folder, plan).lines().forEach(printed::println);
    printed.println("the same as a table: " + folder.resolve("sweep.csv"));
    printed.flush();
  }
}
