package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.folders.JobScripts;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `eosin mpijob`: a Kubernetes MPIJob.
@Command(
    name = "mpijob",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Print a Kubernetes MPIJob that trains a recipe on several ranks.")
public final class MpiJobCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private JobOptions job = new JobOptions();

  @Option(
      names = "--image",
      required = true,
      description = "With Eosin, Open MPI and an SSH server, as the MPI operator asks for.")
  private String image = "";

  @Option(names = "--claim", description = "Of a volume with recipe, data and run folder.")
  private String claim = "eosin";

  @Option(names = "--mount", description = "Where pods see that volume, and where they work.")
  private String mount = "/work";

  @Override
  public Integer call() {
    job.recipe();
    String manifest =
        JobScripts.mpiJob(
            job.name(), image, claim, mount, job.program(), job.arguments(), job.size());
    spec.commandLine().getOut().print(manifest);
    spec.commandLine().getOut().flush();
    return ExitCode.DONE;
  }
}
