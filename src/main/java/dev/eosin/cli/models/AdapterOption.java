package dev.eosin.cli.models;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The adapters of a command that takes a language model.
public final class AdapterOption {
  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "Adapters beside the language model: a folder of peft's, or a run's.")
  private Optional<Path> adapter = Optional.empty();

  /// The folder that was named.
  public Optional<Path> folder() {
    return adapter;
  }
}
