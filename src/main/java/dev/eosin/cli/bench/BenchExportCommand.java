package dev.eosin.cli.bench;

import dev.eosin.bench.ExportBenchmark;
import dev.eosin.bench.ProofBenchmark;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.onnx.GraphPrecision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `eosin bench export`: the graphs of a language model, written without their proof or with it.
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description =
        "Measure time and memory of writing a language model's graphs; prints one JSON line.")
public final class BenchExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--folder",
      required = true,
      paramLabel = "DIR",
      description = "A language model of Hugging Face's.")
  private Path folder;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "Adapters of peft's that are merged while weights are written.")
  private Optional<Path> adapter = Optional.empty();

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "A folder to make.")
  private Path out;

  @Option(names = "--precision", description = "One of ${COMPLETION-CANDIDATES}.")
  private GraphPrecision precision = GraphPrecision.FP32;

  @Option(
      names = "--verify",
      paramLabel = "QUESTIONS",
      description = "A table of questions: with the proof on them, weights beside the graphs.")
  private Optional<Path> questions = Optional.empty();

  @Option(names = "--threads", description = "CPU threads of the proof.")
  private int threads = 2;

  @Override
  public Integer call() throws IOException {
    spec.commandLine()
        .getOut()
        .println(
            questions.isPresent()
                ? new ProofBenchmark(folder, adapter, out, precision, questions.get(), threads)
                    .prove()
                : new ExportBenchmark(folder, adapter, out, precision).write());
    return ExitCode.DONE;
  }
}
