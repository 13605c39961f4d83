package dev.eosin.cli.bench;

import dev.eosin.bench.VisionLanguageBenchmark;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.tensor.Device;
import dev.eosin.train.ProductsOrAuto;
import dev.eosin.train.machine.Recomputation;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin bench vllm`: training steps of a model of images and text on random input.
@Command(
    name = "vllm",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Measure training steps of a model of images and text; prints one JSON line.")
public final class BenchVisionLanguageCommand implements Callable<Integer> {
  /// What can be measured.
  enum What {
    /// The projector alone.
    TRAIN_PROJECTOR,
    /// The projector and adapters on every linear of the decoder.
    TRAIN_LORA,
    /// The same on rows of unlike lengths: filled up, grouped, packed.
    MIX;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(index = "0", description = "One of ${COMPLETION-CANDIDATES}.")
  private What what;

  @Option(names = "--batch", description = "Rows of a step.")
  private int batch = 4;

  @Option(names = "--tokens", description = "Of a row with its image's 49; for mix as drawn.")
  private int tokens = 256;

  @Option(names = "--lora", description = "Rank of adapters, for train-lora and mix.")
  private int lora = 16;

  @Option(names = "--precision", description = "One of ${COMPLETION-CANDIDATES}.")
  private BenchLanguageCommand.Type precision = BenchLanguageCommand.Type.FP32;

  @Option(
      names = "--recompute-every",
      description = "Compute every so many'th block again in the backward pass; 0 for none.")
  private int recomputeEvery;

  @Option(names = "--batches", description = "For mix: steps that all of its rows make.")
  private int batches = 4;

  @Option(names = "--steps", description = "Repeats measured, after one that is not.")
  private int steps = 3;

  @Option(names = "--threads", description = "CPU threads.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--matrix-products", description = "As a recipe's compute.matrix-products.")
  private ProductsOrAuto products = new ProductsOrAuto.Auto();

  @Override
  public Integer call() throws IOException {
    if (batch < 1 || tokens < 52 || lora < 1 || batches < 1 || steps < 1) {
      throw new ParameterException(
          spec.commandLine(), "--tokens is at least 52, the others at least 1");
    }
    var benchmark =
        new VisionLanguageBenchmark(
            batch,
            tokens,
            what == What.TRAIN_PROJECTOR ? Optional.empty() : Optional.of(lora),
            precision.type(),
            new Recomputation(recomputeEvery),
            batches,
            steps,
            threads,
            products.on(Device.CPU, threads).products());
    String line =
        switch (what) {
          case TRAIN_PROJECTOR, TRAIN_LORA -> benchmark.train();
          case MIX -> benchmark.mix();
        };
    spec.commandLine().getOut().println(line);
    return ExitCode.DONE;
  }
}
