package dev.eosin.cli.models;

import dev.eosin.cli.terminal.ArchitectureOptions;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.PartOption;
import dev.eosin.run.models.Conversion;
import dev.eosin.run.models.WeightLayout;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin convert`: a model from one layout to another.
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    description = {
      "Write a CLIP model in another layout. The layout of IN is found by its tensors' names.",
      "A folder of BLIP-2 or InstructBLIP becomes a whole one that newer transformers feed, "
          + "with the frozen parts that lie elsewhere.",
      "Numbers stay as they are, bit for bit, unless --dtype asks for others.",
      "Of a run folder the newest checkpoint is taken; runs/a/checkpoints/step-00000100 is any other. "
          + "Adapters are merged into the weights."
    })
public final class ConvertCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "IN",
      description = "A file of weights, a model folder, a run folder or a checkpoint of one.")
  private Path in;

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description = "A folder to make, or with *.safetensors a file of tensors alone.")
  private Path out;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "LAYOUT",
      description = "One of ${COMPLETION-CANDIDATES}.")
  private WeightLayout to;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Round all numbers to one of ${COMPLETION-CANDIDATES}.")
  private Optional<WeightType> dtype = Optional.empty();

  @Option(names = "--replace", description = "Replace OUT if it is there.")
  private boolean replace;

  @Mixin private PartOption part;
  @Mixin private ArchitectureOptions architecture;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    var conversion =
        new Conversion(
            part.part(), architecture.named(), out, dtype.map(WeightType::stored), replace);
    Conversion.Written written = conversion.convert(in, to);
    PrintWriter printer = spec.commandLine().getOut();
    written.notes().forEach(note -> printer.println("note: " + note));
    printer.printf("%s written as %s to %s%n", written.from(), written.to(), out);
    printer.flush();
    return ExitCode.DONE;
  }
}
