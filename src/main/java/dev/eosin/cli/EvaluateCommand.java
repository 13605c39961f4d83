package dev.eosin.cli;

import dev.eosin.recipe.Evaluation;
import dev.eosin.run.Evaluations;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `eosin evaluate`: measures a stored model.
@Command(
    name = "evaluate",
    description = "Measures a stored model as a recipe describes, and writes evaluation.json.",
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RecipeArguments arguments;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Evaluation recipe = arguments.read(Evaluation.class);
    // There is nothing to save: a signal ends the command at once, and leaves earlier results.
    Path file =
        Evaluations.run(
            recipe,
            BuildVersion.current(),
            new Evaluations.Listener(
                err::println,
                result -> {
                  out.println(result);
                  out.flush();
                }));
    err.println("finished; the results are in " + file);
    err.flush();
    return ExitCode.DONE;
  }
}
