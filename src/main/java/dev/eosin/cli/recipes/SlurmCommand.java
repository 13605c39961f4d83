package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.folders.JobScripts;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `eosin slurm`: a batch script.
@Command(
    name = "slurm",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Print a Slurm batch script that trains a recipe on several ranks.")
public final class SlurmCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private JobOptions job = new JobOptions();

  @Option(names = "--time", description = "Limit, as Slurm writes it; the job queues again.")
  private String limit = "24:00:00";

  @Override
  public Integer call() {
    String folder = job.recipe().output().dir().toString();
    String script =
        JobScripts.slurm(job.name(), job.program(), job.arguments(), folder, job.size(), limit);
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }
}
