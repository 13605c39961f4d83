package dev.eosin.cli;

import dev.eosin.config.CountOrAuto;
import dev.eosin.data.ListedImages;
import dev.eosin.eval.activations.ActivationFile;
import dev.eosin.eval.activations.ActivationPass;
import dev.eosin.eval.activations.LayerChoice;
import dev.eosin.eval.activations.NumberType;
import dev.eosin.run.Embedding;
import dev.eosin.train.ComputeSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin embed`: what a model makes of images, as numbers.
@Command(
    name = "embed",
    description = {
      "Writes a model's hidden states at the last token of a prompt, of every image and layer; the"
          + " same command goes on where it was stopped or killed."
    },
    mixinStandardHelpOptions = true)
final class EmbedCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description =
          "A run of kind vllm, qformer-instruct or language, or a folder of Hugging Face's (LLaVA,"
              + " LLaMA's kind, OPT).")
  private Path model;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "Adapters beside it: a folder of peft's, or a run's.")
  private Optional<Path> adapter = Optional.empty();

  @Option(
      names = "--layers",
      required = true,
      paramLabel = "LIST",
      description =
          "all, or numbers and ranges such as 1,8-16,-1: k is the state behind k blocks, -1 the"
              + " last.")
  private String layers;

  @Option(
      names = "--images",
      paramLabel = "PATH",
      description =
          "A folder of images, whose folders are labels, or a table (.csv, .tsv, .jsonl, .parquet)"
              + " such as filepaths,cat,is_test.")
  private Optional<Path> images = Optional.empty();

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "What is asked about every image (default: ${DEFAULT-VALUE}).",
      defaultValue = "What's on this image?")
  private String prompt;

  @Option(
      names = "--rows",
      paramLabel = "FILE",
      description = "Instead of --images: a table with the column question, as generate reads it.")
  private Optional<Path> rows = Optional.empty();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Ends in .safetensors, .parquet or .npz.")
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

  @Option(names = "--device", description = "One of ${COMPLETION-CANDIDATES}.")
  private ComputeSettings.Processor device = ComputeSettings.Processor.AUTO;

  @Option(names = "--threads", paramLabel = "N", description = "CPU threads, or auto.")
  private CountOrAuto threads = new CountOrAuto.Auto();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (images.isPresent() == rows.isPresent()) {
      throw usage("either --images PATH or --rows FILE is needed");
    }
    boolean named = image.isPresent() || group.isPresent() || label.isPresent();
    if (rows.isPresent() && (named || split.isPresent())) {
      throw usage("columns are named of --images; --rows has its own");
    }
    var settings =
        new ActivationPass.Settings(
            rows.isPresent() ? Optional.empty() : Optional.of(prompt),
            checked(() -> new LayerChoice(layers)),
            checked(this::numbers));
    ActivationFile file = checked(() -> ActivationFile.of(out));
    var compute = new ComputeSettings(device, threads);
    try (Embedding embedding = Embedding.open(model, adapter, compute)) {
      return write(embedding, settings, file);
    }
  }

  private NumberType numbers() {
    try {
      return NumberType.valueOf(type.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("type: '%s'; fp32 or fp16 is expected".formatted(type), e);
    }
  }

  private int write(Embedding embedding, ActivationPass.Settings settings, ActivationFile file)
      throws IOException {
    PrintWriter err = spec.commandLine().getErr();
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
    Embedding.Rows wanted =
        rows.<Embedding.Rows>map(Embedding.Questions::new)
            .orElseGet(
                () ->
                    new Embedding.Images(
                        images.orElseThrow(),
                        new ListedImages.Columns(image, group, label, split)));
    Optional<Long> written =
        embedding.write(wanted, settings, file, listener, termination::requested);
    err.println(
        written
            .map(count -> "finished; the states of %d rows are in %s".formatted(count, out))
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
