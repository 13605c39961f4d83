package dev.eosin.cli.terminal;

import dev.eosin.train.WeightsPart;
import java.util.Locale;
import picocli.CommandLine.Option;

/// Which weights of a run a command takes.
public final class PartOption {
  /// As the command line names them.
  enum Name {
    WEIGHTS,
    AVERAGE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--part",
      paramLabel = "PART",
      defaultValue = "weights",
      description =
          "Of a run or its checkpoint: ${COMPLETION-CANDIDATES} (the average is ema's; default: ${DEFAULT-VALUE}).")
  private Name name = Name.WEIGHTS;

  public WeightsPart part() {
    return switch (name) {
      case WEIGHTS -> WeightsPart.WEIGHTS;
      case AVERAGE -> WeightsPart.AVERAGE;
    };
  }
}
