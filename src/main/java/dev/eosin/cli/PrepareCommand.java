package dev.eosin.cli;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.RecipeArguments;
import dev.eosin.cli.terminal.Termination;
import dev.eosin.group.Group;
import dev.eosin.prepare.PreparationProgress;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.recipe.Preparation;
import dev.eosin.run.Preparations;
import dev.eosin.tensor.Device;
import dev.eosin.train.machine.MachineCheckup;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `eosin prepare`: makes data out of data.
@Command(
    name = "prepare",
    description = {
      "Prepares data as a recipe describes, row by row; the same command goes on where a run was"
          + " stopped or killed."
    },
    mixinStandardHelpOptions = true)
final class PrepareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private RecipeArguments arguments;

  @Mixin private RankOptions ranks = new RankOptions();

  private Device device() {
    boolean gpuPresent = MachineCheckup.Surroundings.inspect().gpuPresent();
    return arguments.read(Preparation.class).ofRanks().intended(gpuPresent);
  }

  @Override
  public Integer call() throws Exception {
    return ranks.run(spec, this::device, this::prepare);
  }

  private int prepare(Group group) throws IOException {
    PrintWriter silent = new PrintWriter(Writer.nullWriter());
    PrintWriter err = group.isFirst() ? spec.commandLine().getErr() : silent;
    // Before anything is opened: no signal ends the program unheard once it has begun.
    Termination termination = Termination.listen(err);
    Preparation recipe = arguments.read(Preparation.class);
    PreparationReport report =
        Preparations.run(recipe, progress -> tell(progress, err), termination::requested, group);
    report.notes().forEach(err::println);
    int code =
        switch (report.end()) {
          case FINISHED -> {
            err.println("finished; the results are in " + recipe.folder());
            yield ExitCode.DONE;
          }
          case UNCHANGED -> {
            err.println(recipe.folder() + " is finished; nothing was changed");
            yield ExitCode.DONE;
          }
          case STOPPED -> {
            err.println("stopped" + goesOn(report));
            yield termination.exitCode().orElse(ExitCode.DONE);
          }
          case BUDGET_SPENT -> open("the budget is spent", report, err);
          case ROWS_OPEN -> open("some rows failed", report, err);
          case FAILING -> open("too many rows in a row failed", report, err);
        };
    err.flush();
    if (report.funnel().open() == 0) {
      funnel(report, group.isFirst() ? spec.commandLine().getOut() : silent);
    }
    return code;
  }

  private static int open(String why, PreparationReport report, PrintWriter err) {
    err.println(why + goesOn(report));
    return ExitCode.OTHER;
  }

  private static String goesOn(PreparationReport report) {
    return "; %d of %d rows are open, the same command goes on"
        .formatted(report.funnel().open(), report.funnel().rows());
  }

  private static void funnel(PreparationReport report, PrintWriter out) {
    out.println("rows " + report.funnel().rows());
    report
        .funnel()
        .rejected()
        .forEach((reason, count) -> out.println("rejected %s %d".formatted(reason, count)));
    out.println("kept " + report.funnel().kept());
    out.flush();
  }

  private static void tell(PreparationProgress progress, PrintWriter err) {
    err.println(progress.text());
    err.flush();
  }
}
