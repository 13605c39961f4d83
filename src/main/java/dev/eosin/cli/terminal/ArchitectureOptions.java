package dev.eosin.cli.terminal;

import dev.eosin.config.DataException;
import dev.eosin.run.models.NamedArchitecture;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/// How a command line names the architecture of weights that do not say it themselves.
public final class ArchitectureOptions {
  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description = "The architecture by name, e.g. vit-b-32-quickgelu; see docs/recipes.md.")
  private Optional<String> preset = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The architecture as a file: open_clip's or Hugging Face's configuration.")
  private Optional<Path> config = Optional.empty();

  @Spec(Target.MIXEE)
  private CommandSpec command;

  public NamedArchitecture named() throws DataException {
    try {
      return NamedArchitecture.of(preset, config);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(command.commandLine(), String.valueOf(wrong.getMessage()));
    }
  }
}
