package dev.eosin.cli;

import dev.eosin.clip.ClipConfigFile;
import dev.eosin.clip.ClipPresets;
import dev.eosin.clip.ClipSpec;
import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/// How a command line names the architecture of weights that do not say it themselves.
final class ArchitectureOptions {
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

  Optional<ClipSpec> named() throws DataException {
    if (preset.isPresent() && config.isPresent()) {
      throw usage("give either --preset or --config, not both");
    }
    if (config.isPresent()) {
      return Optional.of(ClipConfigFile.read(config.get()).spec());
    }
    try {
      return preset.map(ClipPresets::named);
    } catch (IllegalArgumentException e) {
      throw usage("--preset: " + e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
