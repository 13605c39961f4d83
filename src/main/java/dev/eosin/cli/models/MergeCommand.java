package dev.eosin.cli.models;

import dev.eosin.cli.terminal.ArchitectureOptions;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.PartOption;
import dev.eosin.config.ByteSize;
import dev.eosin.run.models.AdapterMerge;
import dev.eosin.run.models.Conversion;
import dev.eosin.run.models.WeightLayout;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin merge`: models of one architecture made into one.
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    description = {
      "Average the weights of models of one architecture, or with --weight interpolate "
          + "between two (WiSE-FT: first the model before fine-tuning, then the one after it).",
      "With --adapter, write a language model or a LLaVA model with adapters merged into it, as "
          + "transformers and vLLM open it."
    })
public final class MergeCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "MODEL",
      description = {
        "Files of weights, model folders, runs or their checkpoints, of any layouts.",
        "With --adapter, or alone: a folder of a language model or of a LLaVA model; alone: a run "
            + "of kind vllm, which is written whole with its tower and language model."
      })
  private List<Path> paths = List.of();

  @Option(
      names = "--weight",
      paramLabel = "W",
      description = "The second of two models counts W, the first 1 - W; 0 <= W <= 1.")
  private Optional<Double> weight = Optional.empty();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "OUT",
      description = "A folder to make, or with *.safetensors a file of tensors alone.")
  private Path out;

  @Option(
      names = "--to",
      paramLabel = "LAYOUT",
      description = "One of ${COMPLETION-CANDIDATES}; that of the first model unless given.")
  private Optional<WeightLayout> to = Optional.empty();

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Round to one of ${COMPLETION-CANDIDATES}, not to the first model's type.")
  private Optional<WeightType> dtype = Optional.empty();

  @Option(names = "--replace", description = "Replace OUT if it is there.")
  private boolean replace;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "A folder of peft's, which is merged into the one MODEL.")
  private Optional<Path> adapter = Optional.empty();

  @Option(
      names = "--projector",
      paramLabel = "FILE",
      description = "Of a LLaVA model: a projector that takes the place of its own.")
  private Optional<Path> projector = Optional.empty();

  @Option(
      names = "--tower",
      paramLabel = "DIR",
      description = "Of a LLaVA model: its image tower, where config.json names one of the hub.")
  private Optional<Path> tower = Optional.empty();

  @Option(
      names = "--template",
      paramLabel = "NAME",
      description =
          "Of a LLaVA model: v1, plain, llama-3, chatml or own; what the folder says, or else v1.")
  private Optional<String> template = Optional.empty();

  @Option(
      names = "--shard-size",
      paramLabel = "SIZE",
      description = "Of a language or LLaVA model: most bytes of a file, such as '5 GB'.")
  private Optional<ByteSize> shardSize = Optional.empty();

  @Mixin private PartOption part;
  @Mixin private ArchitectureOptions architecture;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (paths.size() == 1) {
      return one();
    }
    weight.ifPresent(this::requireTwo);
    var conversion =
        new Conversion(
            part.part(), architecture.named(), out, dtype.map(WeightType::stored), replace);
    OptionalDouble share =
        weight.isPresent() ? OptionalDouble.of(weight.get()) : OptionalDouble.empty();
    Conversion.Written written = conversion.merge(paths, share, to);
    PrintWriter printer = spec.commandLine().getOut();
    written.notes().forEach(note -> printer.println("note: " + note));
    printer.printf("%d models merged into %s%n", paths.size(), out);
    printer.flush();
    return ExitCode.DONE;
  }

  private int one() throws IOException {
    if (weight.isPresent() || to.isPresent() || dtype.isPresent()) {
      throw usage("--weight, --to and --dtype are for several models; one is given");
    }
    if (!replace && Files.exists(out)) {
      throw usage("%s is there already; --replace replaces it".formatted(out));
    }
    var wanted =
        new AdapterMerge(paths.getFirst(), adapter, projector, tower, template, part.part());
    List<String> notes = wanted.write(out, shardSize.map(ByteSize::bytes));
    PrintWriter printer = spec.commandLine().getOut();
    notes.forEach(note -> printer.println("note: " + note));
    printer.printf("%s is in %s%n", paths.getFirst(), out);
    printer.flush();
    return ExitCode.DONE;
  }

  private void requireTwo(double share) {
    if (paths.size() != 2) {
      throw usage("--weight is for two models; %d are given".formatted(paths.size()));
    }
    if (!(share >= 0 && share <= 1)) {
      throw usage("--weight: %s is not between 0 and 1".formatted(share));
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
