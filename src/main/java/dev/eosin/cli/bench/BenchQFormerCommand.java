package dev.eosin.cli.bench;

import dev.eosin.bench.QFormerBenchmark;
import dev.eosin.bench.Updates;
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

/// `eosin bench qformer`: training steps of a Q-Former on random input.
@Command(
    name = "qformer",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Measure training steps of a Q-Former; prints one JSON line.")
public final class BenchQFormerCommand implements Callable<Integer> {
  /// Which stage.
  enum What {
    ALIGN(8),
    INSTRUCT(4);

    private final int batch;

    What(int batch) {
      this.batch = batch;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(index = "0", description = "One of ${COMPLETION-CANDIDATES}.")
  private What what;

  @Option(names = "--batch", description = "Rows; 8 for align and 4 for instruct without it.")
  private Optional<Integer> batch = Optional.empty();

  @Option(names = "--micro", description = "Rows at once; all without it.")
  private Optional<Integer> micro = Optional.empty();

  @Option(names = "--tokens", description = "Of a caption, or of a prompt with its answer.")
  private int tokens = 32;

  @Option(
      names = "--recompute-every",
      description = "Compute every so many'th layer again in the backward pass; 0 for none.")
  private int recomputeEvery;

  @Option(names = "--autograd", description = "Layers by autograd, to compare with.")
  private boolean autograd;

  @Option(
      names = "--updates",
      description = "Of instruct: ${COMPLETION-CANDIDATES}, as a recipe's optimizer.updates.")
  private Updates updates = Updates.TOGETHER;

  @Option(names = "--steps", description = "Repeats measured, after one that is not.")
  private int steps = 3;

  @Option(names = "--threads", description = "CPU threads.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--matrix-products", description = "As a recipe's compute.matrix-products.")
  private ProductsOrAuto products = new ProductsOrAuto.Auto();

  @Override
  public Integer call() throws IOException {
    int rows = batch.orElse(what.batch);
    if (rows < 2 || micro.orElse(rows) < 1 || tokens < 2 || steps < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--batch and --tokens are at least 2, --micro and --steps at least 1");
    }
    var benchmark =
        new QFormerBenchmark(
            rows,
            micro.orElse(rows),
            tokens,
            new Recomputation(recomputeEvery),
            !autograd,
            updates,
            steps,
            threads,
            products.on(Device.CPU, threads).products());
    String line =
        switch (what) {
          case ALIGN -> benchmark.align();
          case INSTRUCT -> benchmark.instruct();
        };
    spec.commandLine().getOut().println(line);
    return ExitCode.DONE;
  }
}
