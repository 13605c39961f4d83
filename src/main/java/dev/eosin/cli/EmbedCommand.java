package dev.eosin.cli;

import dev.eosin.cli.models.AdapterOption;
import dev.eosin.cli.models.ComputeOptions;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.Termination;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.activations.ActivationFile;
import dev.eosin.eval.activations.ActivationPass;
import dev.eosin.eval.activations.LayerChoice;
import dev.eosin.eval.activations.NumberType;
import dev.eosin.file.OutputPlace;
import dev.eosin.group.Group;
import dev.eosin.recipe.stored.HiddenStates;
import dev.eosin.run.models.ClipEmbeddings;
import dev.eosin.tensor.Device;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.MachineCheckup;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin embed`: what a model makes of images, as numbers.
@Command(
    name = "embed",
    description = {
      "Writes a CLIP model's embeddings of images or texts; with --layers the hidden states of a"
          + " model that answers, at the last token of a prompt. The same command goes on where it"
          + " was stopped or killed, and what was embedded before is not embedded again."
    },
    mixinStandardHelpOptions = true)
final class EmbedCommand implements Callable<Integer> {
  private static final String PROMPT = "What's on this image?";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description =
          "A CLIP model: a run, a checkpoint, a folder of Hugging Face's or open_clip's. For"
              + " --layers: a run of kind vllm, qformer-instruct or language, or a folder of Hugging"
              + " Face's (LLaVA, LLaMA's kind, OPT).")
  private Path model;

  @Option(
      names = "--layers",
      paramLabel = "LIST",
      description =
          "Hidden states of these layers: all, or numbers and ranges such as 1,8-16,-1: k is the state behind k blocks, -1 the"
              + " last.")
  private Optional<String> layers = Optional.empty();

  @Option(
      names = "--images",
      paramLabel = "PATH",
      description =
          "A folder of images, whose folders are labels, tar shards, or a table (.csv, .tsv, .jsonl,"
              + " .parquet) such as filepaths,cat,is_test.")
  private Optional<Path> images = Optional.empty();

  @Option(
      names = "--texts",
      paramLabel = "FILE",
      description = "Instead of --images: the lines of a .txt file, or a column of a .csv or .tsv.")
  private Optional<Path> texts = Optional.empty();

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "With --layers: what is asked about every image (What's on this image?).")
  private Optional<String> prompt = Optional.empty();

  @Option(
      names = "--rows",
      paramLabel = "FILE",
      description =
          "With --layers, instead of --images: a table with the column question, as generate reads"
              + " it.")
  private Optional<Path> rows = Optional.empty();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Ends in .parquet, .safetensors or .npz; embeddings in .npy, too.")
  private Path out;

  @Option(names = "--type", description = "fp32 or fp16 (default: ${DEFAULT-VALUE}).")
  private String type = "fp32";

  @Option(names = "--image-column", paramLabel = "NAME", description = "Guessed otherwise.")
  private Optional<String> image = Optional.empty();

  @Option(names = "--group-column", paramLabel = "NAME", description = "Slide or patient.")
  private Optional<String> group = Optional.empty();

  @Option(names = "--label-column", paramLabel = "NAME", description = "The class.")
  private Optional<String> label = Optional.empty();

  @Option(names = "--split-column", paramLabel = "NAME", description = "Part of the data.")
  private Optional<String> split = Optional.empty();

  @Option(names = "--centre-column", paramLabel = "NAME", description = "Hospital or the like.")
  private Optional<String> centre = Optional.empty();

  @Mixin private EmbeddingOptions embeddings = new EmbeddingOptions();

  @Mixin private AdapterOption adapter = new AdapterOption();
  @Mixin private ComputeOptions computing = new ComputeOptions();

  @Mixin private RankOptions ranks = new RankOptions();

  @Spec private CommandSpec spec;

  private Device device() {
    return compute().intended(MachineCheckup.Surroundings.inspect().gpuPresent());
  }

  @Override
  public Integer call() throws Exception {
    return ranks.run(spec, this::device, this::embed);
  }

  private int embed(Group ranksOf) throws IOException {
    if (layers.isPresent()) {
      embeddings.requireNone();
      return states(layers.get(), ranksOf);
    }
    if (rows.isPresent() || prompt.isPresent() || adapter.folder().isPresent()) {
      throw usage("--rows, --prompt and --adapter are for hidden states; add --layers all");
    }
    if (images.isPresent() == texts.isPresent()) {
      throw usage("either --images PATH or --texts FILE is needed");
    }
    ActivationFile file = checked(() -> ActivationFile.ofEmbeddings(out));
    OutputPlace.requireFile(out);
    NumberType numbers = checked(this::numbers);
    try (ClipEmbeddings model = embeddings.open(this.model, compute(), numbers, ranksOf)) {
      ClipEmbeddings.Rows wanted =
          images
              .<ClipEmbeddings.Rows>map(
                  path -> new ClipEmbeddings.Images(path, columns(), embeddings.cache()))
              .orElseGet(
                  () ->
                      new ClipEmbeddings.Texts(
                          texts.orElseThrow(), columns(), embeddings.textColumn()));
      return write(
          "embeddings", ranksOf, (listener, stop) -> model.write(wanted, file, listener, stop));
    }
  }

  private ListedImages.Columns columns() {
    return new ListedImages.Columns(image, group, label, split, centre);
  }

  private ComputeSettings compute() {
    return computing.settings();
  }

  private int states(String chosen, Group ranksOf) throws IOException {
    if (texts.isPresent() || images.isPresent() == rows.isPresent()) {
      throw usage("either --images PATH or --rows FILE is needed");
    }
    boolean named = image.isPresent() || group.isPresent() || label.isPresent();
    if (rows.isPresent() && (named || split.isPresent() || centre.isPresent())) {
      throw usage("columns are named of --images; --rows has its own");
    }
    var settings =
        new ActivationPass.Settings(
            rows.isPresent() ? Optional.empty() : Optional.of(prompt.orElse(PROMPT)),
            checked(() -> new LayerChoice(chosen)),
            checked(this::numbers));
    ActivationFile file = checked(() -> ActivationFile.of(out));
    OutputPlace.requireFile(out);
    HiddenStates.Rows wanted =
        rows.<HiddenStates.Rows>map(HiddenStates.Questions::new)
            .orElseGet(() -> new HiddenStates.Images(images.orElseThrow(), columns()));
    try (HiddenStates embedding = HiddenStates.open(model, adapter.folder(), compute(), ranksOf)) {
      return write(
          "states",
          ranksOf,
          (listener, stop) -> embedding.write(wanted, settings, file, listener, stop));
    }
  }

  private NumberType numbers() {
    try {
      return NumberType.valueOf(type.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("type: '%s'; fp32 or fp16 is expected".formatted(type), e);
    }
  }

  private interface Writing {
    Optional<Long> run(ActivationPass.Listener listener, BooleanSupplier stop) throws IOException;
  }

  private int write(String what, Group ranksOf, Writing writing) throws IOException {
    PrintWriter err =
        ranksOf.isFirst() ? spec.commandLine().getErr() : new PrintWriter(Writer.nullWriter());
    Termination termination = Termination.listen(err);
    var listener =
        new ActivationPass.Listener(
            err::println,
            progress -> {
              err.println(
                  String.format(
                      Locale.ROOT,
                      "row %d/%d  %.1f rows/s",
                      progress.done(),
                      progress.all(),
                      progress.rate()));
              err.flush();
            });
    Optional<Long> written = writing.run(listener, termination::requested);
    err.println(
        written
            .map(count -> "finished; the %s of %d rows are in %s".formatted(what, count, out))
            .orElse("stopped; the same command goes on"));
    err.flush();
    return termination.exitCode().orElse(ExitCode.DONE);
  }

  private <T> T checked(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException wrong) {
      throw usage("--" + wrong.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
