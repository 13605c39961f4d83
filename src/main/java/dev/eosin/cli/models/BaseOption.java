package dev.eosin.cli.models;

import dev.eosin.run.models.BaseChoice;
import java.util.Optional;
import picocli.CommandLine.Option;

/// What a command that takes a language model makes of its weights.
final class BaseOption {
  @Option(
      names = "--base",
      paramLabel = "WHAT",
      description =
          "What becomes of a language model's weights: mapped (used in place), converted (copied to"
              + " fp32) or int8 (linears rounded in memory); without it as a run's recipe says, of"
              + " others mapped.")
  private Optional<BaseChoice> base = Optional.empty();

  Optional<BaseChoice> choice() {
    return base;
  }
}
