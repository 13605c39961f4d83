package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ArchitectureOptions;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.PartOption;
import dev.eosin.run.models.FactCeiling;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin data ceiling`: how much of each fact of drawn tiles a model's image tower tells.
@Command(
    name = "ceiling",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "How well each fact of 'type: synthetic, facts: independent' can be read from a CLIP model's "
          + "image tower: the accuracy of a small attention probe on held-out tiles.",
      "A language model that is shown the tower's tokens will hardly answer better."
    })
final class DataCeilingCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A run folder, a checkpoint of one, a file of weights or a model folder.")
  private Path model = Path.of("");

  @Option(names = "--train", defaultValue = "4000", description = "Tiles that probes learn on.")
  private int train;

  @Option(
      names = "--held-out",
      defaultValue = "1000",
      description = "Tiles that they are measured on.")
  private int heldOut;

  @Option(
      names = "--until",
      defaultValue = "-2",
      description =
          "Which tokens are read: those after so many blocks; -1 is the state after the last one, -2 the one before it, which language models are usually shown.")
  private int until;

  @Option(
      names = "--passes",
      defaultValue = "20",
      description = "How often a probe goes over its tiles.")
  private int passes;

  @Option(names = "--seed", defaultValue = "0", description = "Chooses tiles and first weights.")
  private long seed;

  @Mixin private PartOption part;
  @Mixin private ArchitectureOptions architecture;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    for (FactCeiling.Ceiling ceiling : ceilings(err)) {
      out.println(line(ceiling));
    }
    out.flush();
    return ExitCode.DONE;
  }

  private List<FactCeiling.Ceiling> ceilings(PrintWriter err) throws IOException {
    FactCeiling measure;
    try {
      measure = new FactCeiling(train, heldOut, until, passes, seed);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()));
    }
    return measure.of(
        model,
        part.part(),
        architecture.named(),
        line -> {
          err.println(line);
          err.flush();
        });
  }

  private static String line(FactCeiling.Ceiling ceiling) {
    return String.format(
        Locale.ROOT,
        "%-14s %.3f  [%.3f, %.3f]  chance %.2f, %d tiles%s",
        ceiling.fact().label(),
        ceiling.accuracy(),
        ceiling.interval().low(),
        ceiling.interval().high(),
        ceiling.chance(),
        ceiling.tiles(),
        ceiling.suffices() ? "" : "  below %.1f".formatted(FactCeiling.EXPECTED));
  }
}
