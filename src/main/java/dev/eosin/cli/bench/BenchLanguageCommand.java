package dev.eosin.cli.bench;

import dev.eosin.bench.FrozenBase;
import dev.eosin.bench.LanguageBenchmark;
import dev.eosin.bench.Updates;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.train.ProductsOrAuto;
import dev.eosin.train.machine.Recomputation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin bench language`: a decoder on random ids.
@Command(
    name = "language",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Measure a decoder on random ids; prints one JSON line.")
public final class BenchLanguageCommand implements Callable<Integer> {
  /// What can be measured.
  enum What {
    GENERATE,
    PREFILL,
    TRAIN,
    LOSS,
    AGREE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The type of weights that are random or trained.
  enum Type {
    FP32(DType.FLOAT32),
    BF16(DType.BFLOAT16);

    private final DType type;

    Type(DType type) {
      this.type = type;
    }

    DType type() {
      return type;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(index = "0", description = "One of ${COMPLETION-CANDIDATES}.")
  private What what;

  @Option(
      names = "--folder",
      description =
          "A model of Hugging Face's, frozen; train needs --lora with it, agree needs it. Without it"
              + " random weights of SmolLM2-135M's shape.")
  private Optional<Path> folder = Optional.empty();

  @Option(
      names = "--base",
      description =
          "Of --folder: what becomes of its weights, mapped, converted or int8. agree compares"
              + " it with converted.")
  private FrozenBase base = FrozenBase.MAPPED;

  @Option(names = "--batch", description = "Rows.")
  private int batch = 1;

  @Option(names = "--tokens", description = "Of a prompt, or of a row in training.")
  private int tokens = 128;

  @Option(names = "--new", description = "New tokens of each row.")
  private int more = 64;

  @Option(names = "--beams", description = "Of a search; 1 is greedy.")
  private int beams = 1;

  @Option(names = "--precision", description = "One of ${COMPLETION-CANDIDATES}.")
  private Type precision = Type.FP32;

  @Option(names = "--lora", description = "Rank of adapters on every linear, trained instead.")
  private Optional<Integer> lora = Optional.empty();

  @Option(names = "--supervised", description = "Share of a row's tokens that are asked for.")
  private double supervised = 0.5;

  @Option(
      names = "--recompute-every",
      description = "Compute every so many'th block again in the backward pass; 0 for none.")
  private int recomputeEvery;

  @Option(names = "--vocabulary", description = "For loss: rows of the head.")
  private int vocabulary = 128_256;

  @Option(names = "--width", description = "For loss: of the states.")
  private int width = 512;

  @Option(names = "--all-at-once", description = "For loss: all logits at once, to compare with.")
  private boolean allAtOnce;

  @Option(
      names = "--updates",
      description = "Of train: ${COMPLETION-CANDIDATES}, as a recipe's optimizer.updates.")
  private Updates updates = Updates.TOGETHER;

  @Option(names = "--steps", description = "Repeats measured, after one that is not.")
  private int steps = 3;

  @Option(names = "--threads", description = "CPU threads.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--matrix-products", description = "As a recipe's compute.matrix-products.")
  private ProductsOrAuto products = new ProductsOrAuto.Auto();

  @Override
  public Integer call() throws IOException {
    if (what == What.AGREE && folder.isEmpty()
        || what == What.TRAIN && folder.isPresent() && lora.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "agree needs --folder DIR; train with --folder needs --lora RANK");
    }
    if (base != FrozenBase.MAPPED && folder.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--base is for the files of --folder DIR");
    }
    var benchmark =
        new LanguageBenchmark(
            folder,
            base,
            batch,
            tokens,
            more,
            beams,
            precision.type,
            lora,
            supervised,
            new Recomputation(recomputeEvery),
            updates,
            steps,
            threads,
            products.on(Device.CPU, threads).products());
    String line =
        switch (what) {
          case GENERATE -> benchmark.generate();
          case PREFILL -> benchmark.prefill();
          case TRAIN -> benchmark.train();
          case LOSS -> benchmark.loss(vocabulary, width, !allAtOnce);
          case AGREE -> benchmark.agree();
        };
    spec.commandLine().getOut().println(line);
    return ExitCode.DONE;
  }
}
