package dev.eosin.cli;

import dev.eosin.bench.BenchmarkModel;
import dev.eosin.bench.ClipBenchmark;
import dev.eosin.bench.DataBenchmark;
import dev.eosin.bench.IndexBenchmark;
import dev.eosin.bench.InputBenchmark;
import dev.eosin.bench.LossBenchmark;
import dev.eosin.bench.RetrievalBenchmark;
import dev.eosin.bench.ShardBenchmark;
import dev.eosin.bench.SoakBenchmark;
import dev.eosin.bench.SoakReference;
import dev.eosin.bench.SoakResult;
import dev.eosin.bench.TableBenchmark;
import dev.eosin.bench.Updates;
import dev.eosin.cli.bench.BenchCurateCommand;
import dev.eosin.cli.bench.BenchExportCommand;
import dev.eosin.cli.bench.BenchLanguageCommand;
import dev.eosin.cli.bench.BenchProbeCommand;
import dev.eosin.cli.bench.BenchQFormerCommand;
import dev.eosin.cli.bench.BenchSlidesCommand;
import dev.eosin.cli.bench.BenchVisionLanguageCommand;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.image.formats.JpegDecoding;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.train.ProductsOrAuto;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.machine.Processor;
import dev.eosin.train.machine.Recomputation;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin bench`: one JSON line of speed and memory.
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    subcommands = {
      BenchCurateCommand.class,
      BenchExportCommand.class,
      BenchLanguageCommand.class,
      BenchProbeCommand.class,
      BenchQFormerCommand.class,
      BenchRanksCommand.class,
      BenchSlidesCommand.class,
      BenchVisionLanguageCommand.class
    },
    description = "Measure speed and memory; prints one JSON line.")
final class BenchCommand implements Callable<Integer> {
  /// What can be measured.
  enum What {
    CLIP_TRAIN,
    CLIP_ENCODE,
    LOSS,
    DATA,
    DECODE,
    RETRIEVAL,
    SHARDS,
    SOAK,
    SOAK_REFERENCE,
    TOKENIZE,
    TABLE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// The loss that `loss` computes.
  enum Loss {
    CONTRASTIVE,
    SIGLIP;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The tower that `clip-encode` runs.
  enum Tower {
    IMAGE,
    TEXT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "WHAT",
      arity = "0..1",
      description =
          "One of ${COMPLETION-CANDIDATES}; soak-reference is what soak starts beside itself.")
  private Optional<What> what = Optional.empty();

  @Option(
      names = "--model",
      description =
          "A preset, or a configuration that ends in .json; its input sizes hold for decode and"
              + " tokenize too.")
  private String model = "vit-b-32";

  @Option(names = "--batch", description = "Samples in a step; for retrieval, pairs of the set.")
  private int batch = 32;

  @Option(
      names = "--micro",
      showDefaultValue = Visibility.NEVER,
      description = "For clip-train: samples that go through the towers at once; all otherwise.")
  private Optional<Integer> micro = Optional.empty();

  @Option(names = "--precision", description = "One of ${COMPLETION-CANDIDATES}.")
  private Precision precision = Precision.FP32;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "auto, cpu, cuda, or one of several GPUs: cuda:1.")
  private Processor device = Processor.AUTO;

  @Option(names = "--threads", description = "CPU threads, or auto.")
  private CountOrAuto threads = new CountOrAuto.Auto();

  @Option(
      names = "--matrix-products",
      description = "For clip-train and clip-encode: as a recipe's compute.matrix-products.")
  private ProductsOrAuto products = new ProductsOrAuto.Auto();

  @Option(names = "--steps", description = "Steps measured, after one that is not.")
  private int steps = 5;

  @Option(
      names = "--caption-tokens",
      showDefaultValue = Visibility.NEVER,
      description = "Length of every caption; the model's context length otherwise.")
  private Optional<Integer> captionTokens = Optional.empty();

  @Option(
      names = "--activations",
      description = "For clip-train: keep, recompute or 'recompute every N blocks'.")
  private Recomputation activations = Recomputation.NONE;

  @Option(
      names = "--updates",
      description = "Of clip-train: ${COMPLETION-CANDIDATES}, as a recipe's optimizer.updates.")
  private Updates updates = Updates.TOGETHER;

  @Option(
      names = "--patch-dropout",
      description = "For clip-train: the share of patches that a step leaves out.")
  private double patchDropout;

  @Option(
      names = "--lora",
      paramLabel = "RANK",
      showDefaultValue = Visibility.NEVER,
      description =
          "For clip-train: trains adapters of this rank on every linear of both towers, alpha twice"
              + " the rank, instead of the model.")
  private Optional<Integer> lora = Optional.empty();

  @Option(names = "--tower", description = "For clip-encode: one of ${COMPLETION-CANDIDATES}.")
  private Tower tower = Tower.IMAGE;

  @Option(names = "--loss", description = "For loss: one of ${COMPLETION-CANDIDATES}.")
  private Loss loss = Loss.CONTRASTIVE;

  @Option(
      names = "--input",
      showDefaultValue = Visibility.NEVER,
      description =
          "For decode and shards a folder of images, for tokenize a file of captions, for table a"
              + " .csv, .tsv, .json, .jsonl or .parquet file with the columns image and caption;"
              + " synthetic otherwise.")
  private Optional<Path> input = Optional.empty();

  @Option(
      names = "--recipe",
      showDefaultValue = Visibility.NEVER,
      description = "For data: the recipe whose data.train is read; --threads are its workers.")
  private Optional<Path> recipe = Optional.empty();

  @Option(
      names = "--index",
      paramLabel = "VECTORS",
      showDefaultValue = Visibility.NEVER,
      description =
          "For retrieval: instead of ranking pairs, builds an exact index and a graph of so many"
              + " vectors of the model's width, and asks both.")
  private Optional<Integer> index = Optional.empty();

  @Option(names = "--queries", description = "For retrieval with --index: how many are asked.")
  private int queries = 1000;

  @Option(names = "--rows", description = "For table: rows of the synthetic one.")
  private int rows = 1_000_000;

  @Option(names = "--jpeg-decode", description = "For decode: one of ${COMPLETION-CANDIDATES}.")
  private JpegDecoding.Mode jpegDecode = JpegDecoding.Mode.EXACT;

  @Option(names = "--libturbojpeg", description = "For decode: auto, off or the library's file.")
  private String libturbojpeg = "auto";

  @Override
  public Integer call() throws IOException {
    if (batch < 1 || steps < 1 || rows < 1 || micro.orElse(1) < 1 || lora.orElse(1) < 1) {
      throw new ParameterException(
          spec.commandLine(), "--batch, --micro, --rows, --steps and --lora are at least 1");
    }
    if (!(patchDropout >= 0 && patchDropout < 1)) {
      throw new ParameterException(
          spec.commandLine(), "--patch-dropout is at least 0, less than 1");
    }
    What asked =
        what.orElseThrow(
            () -> new ParameterException(spec.commandLine(), "WHAT is missing: what to measure"));
    if (asked == What.SOAK) {
      return judge(soak());
    }
    if (asked == What.SOAK_REFERENCE) {
      serve();
    } else {
      print(measure(asked, named(model)));
    }
    return ExitCode.DONE;
  }

  private void print(String line) {
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }

  private String measure(What asked, BenchmarkModel model) throws IOException {
    int context = model.context();
    return switch (asked) {
      case CLIP_TRAIN -> clip(captionTokens.orElse(context)).train();
      case CLIP_ENCODE -> clip(captionTokens.orElse(context)).encode(tower == Tower.IMAGE);
      case LOSS -> loss(model.embedSize()).measure(loss.toString());
      case DATA -> data();
      case DECODE -> inputs().decode(input, images(model.side()));
      case RETRIEVAL ->
          index.isPresent()
              ? search(index.get(), model.embedSize()).measure()
              : retrieval(model.embedSize()).measure();
      case SHARDS -> new ShardBenchmark(inputs()).measure(input, images(model.side()));
      case SOAK, SOAK_REFERENCE ->
          throw new IllegalStateException("a soak is judged, not only measured");
      case TOKENIZE -> inputs().tokenize(input, captionTokens.orElse(context));
      case TABLE -> new TableBenchmark(rows, batch, steps).open(input);
    };
  }

  private ClipBenchmark clip(int captionTokens) {
    ComputeSettings compute = new ComputeSettings(device, threads);
    var machine = ComputeSettings.Machine.inspect();
    return new ClipBenchmark(
        model,
        batch,
        micro.orElse(batch),
        precision,
        compute.device(machine),
        compute.threads(machine),
        products.on(compute.device(machine), compute.threads(machine)).products(),
        steps,
        captionTokens,
        activations,
        patchDropout,
        lora,
        updates);
  }

  private LossBenchmark loss(int width) {
    ComputeSettings compute = new ComputeSettings(device, threads);
    var machine = ComputeSettings.Machine.inspect();
    return new LossBenchmark(
        batch, width, compute.device(machine), compute.threads(machine), steps);
  }

  private RetrievalBenchmark retrieval(int width) {
    ComputeSettings compute = new ComputeSettings(device, threads);
    var machine = ComputeSettings.Machine.inspect();
    return new RetrievalBenchmark(
        batch, width, compute.device(machine), compute.threads(machine), steps);
  }

  private IndexBenchmark search(int vectors, int width) {
    if (vectors < 100 || queries < 1) {
      throw new ParameterException(
          spec.commandLine(), "--index is at least 100, --queries at least 1");
    }
    ComputeSettings compute = new ComputeSettings(device, threads);
    var machine = ComputeSettings.Machine.inspect();
    return new IndexBenchmark(
        vectors, width, compute.device(machine), compute.threads(machine), queries);
  }

  private SoakBenchmark soak() {
    ComputeSettings compute = new ComputeSettings(device, threads);
    var machine = ComputeSettings.Machine.inspect();
    int least = SoakBenchmark.WINDOWS * SoakBenchmark.PARTS;
    if (steps < least) {
      throw new ParameterException(
          spec.commandLine(), "--steps: soak needs at least %d, better 3000".formatted(least));
    }
    return new SoakBenchmark(batch, compute.device(machine), compute.threads(machine), steps);
  }

  private int judge(SoakBenchmark soak) throws IOException {
    List<String> again = new ArrayList<>(Main.thisProcess());
    again.addAll(List.of("bench", What.SOAK_REFERENCE.toString()));
    again.addAll(List.of("--device", device.toString(), "--batch", "" + soak.batch()));
    again.addAll(List.of("--threads", "" + soak.threads()));
    SoakResult result;
    try (SoakReference reference = SoakReference.process(again)) {
      result = soak.measure(reference);
    }
    print(result.line());
    result.failures().forEach(spec.commandLine().getErr()::println);
    return result.failures().isEmpty() ? ExitCode.DONE : ExitCode.OTHER;
  }

  private void serve() throws IOException {
    ComputeSettings compute = new ComputeSettings(device, threads);
    var machine = ComputeSettings.Machine.inspect();
    SoakReference.serve(
        batch,
        compute.device(machine),
        compute.threads(machine),
        new InputStreamReader(System.in, StandardCharsets.UTF_8),
        spec.commandLine().getOut());
  }

  private String data() throws IOException {
    Path file =
        recipe.orElseThrow(
            () -> new ParameterException(spec.commandLine(), "data: needs --recipe FILE"));
    List<String> overrides = List.of("data.workers=" + threads);
    return new DataBenchmark(batch, steps)
        .measure(pairs(TrainableRecipe.read(file, overrides)), file.toString());
  }

  private InputBenchmark inputs() {
    int cores = Runtime.getRuntime().availableProcessors();
    return new InputBenchmark(batch, Math.max(1, threads.or(cores)), steps);
  }

  private ImageSettings images(int side) {
    return ImageSettings.openClip(new InputSize(new Pixels(side)))
        .withJpeg(jpegDecode, libturbojpeg);
  }

  private BenchmarkModel named(String name) throws DataException {
    try {
      return BenchmarkModel.named(name);
    } catch (IllegalArgumentException unknown) {
      throw new ParameterException(spec.commandLine(), "--model: " + unknown.getMessage());
    }
  }

  private DataSettings pairs(TrainableRecipe recipe) {
    if (recipe.data() instanceof DataSettings settings) {
      return settings;
    }
    throw new ParameterException(
        spec.commandLine(), "data measures recipes of images with captions, which this is not");
  }
}
