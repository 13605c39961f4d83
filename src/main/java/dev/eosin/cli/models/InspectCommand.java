package dev.eosin.cli.models;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.models.StoredModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin inspect`: what weights are.
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Print what a file of weights holds, what model it is, what it does not say, and "
          + "the lines with which a recipe starts from it.",
      "Nothing in it is run."
    })
public final class InspectCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "PATH",
      description =
          "A safetensors, torch.save or TorchScript file, an index, a model folder, a run folder or a checkpoint of one.")
  private Path path;

  @Option(
      names = "--tensors",
      description = "List every tensor after the summary: name, type, shape.")
  private boolean tensors;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    StoredModels.Inspected found = StoredModels.inspect(path);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(found.json());
    } else {
      found.lines().forEach(out::println);
      if (tensors) {
        out.println();
        found.tensors().forEach(out::println);
      }
    }
    out.flush();
    return ExitCode.DONE;
  }
}
