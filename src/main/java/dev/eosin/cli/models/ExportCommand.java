package dev.eosin.cli.models;

import dev.eosin.cli.terminal.ArchitectureOptions;
import dev.eosin.cli.terminal.BuildVersion;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.PartOption;
import dev.eosin.config.CountOrAuto;
import dev.eosin.export.AnswerBundle;
import dev.eosin.export.ClipBundle;
import dev.eosin.export.HeldOut;
import dev.eosin.file.OutputPlace;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.run.models.AnswerExport;
import dev.eosin.run.models.Conversion;
import dev.eosin.run.models.Export;
import dev.eosin.run.models.PairExport;
import dev.eosin.run.models.WeightLayout;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin export`: a model for programs of others.
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Write a model for programs of others.",
      "To onnx: a folder with the graphs of a CLIP model, what is needed beside them, a model "
          + "repository of Triton and examples. It appears only once onnxruntime has shown on "
          + "held-out tiles that the graphs give what the model gives.",
      "Of a model that answers (LLaMA's kind, OPT, T5, LLaVA, runs of kind language, vllm and "
          + "qformer-instruct): its graphs with keys and values, compared with it on the questions of "
          + "--verify.",
      "Of a run of kind qformer-align or albef: its graphs of embeddings and of judged pairs.",
      "To hugging-face, open-clip or eosin: as convert does.",
      "Of a run folder the newest checkpoint is taken. Adapters are merged into the weights."
    })
public final class ExportCommand implements Callable<Integer> {
  /// What a model becomes, as the command line names it.
  enum Target {
    ONNX,
    HUGGING_FACE,
    OPEN_CLIP,
    EOSIN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private static final List<String> ONNX_ONLY =
      List.of(
          "--precision",
          "--opset",
          "--verify",
          "--verify-tiles",
          "--verify-prompt",
          "--external-data",
          "--license",
          "--adapter",
          "--threads");

  private static final List<String> CLIP_ONLY = List.of("--preset", "--config", "--verify-prompt");

  @Parameters(
      paramLabel = "MODEL",
      description = "A run folder, a checkpoint of one, a model folder or a file of weights.")
  private Path in;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "TARGET",
      description = "One of ${COMPLETION-CANDIDATES}.")
  private Target to;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "A folder to make.")
  private Path out;

  @Option(names = "--replace", description = "Replace DIR if it is there.")
  private boolean replace;

  @Option(
      names = "--precision",
      description =
          "onnx: one of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}); in int8 only linears"
              + " are, quantised when the graph is run.")
  private GraphPrecision precision = GraphPrecision.FP32;

  @Option(
      names = "--opset",
      paramLabel = "N",
      description = "onnx: the version of its operators (default: ${DEFAULT-VALUE}).")
  private int opset = Opset.OLDEST;

  @Option(
      names = "--verify",
      paramLabel = "PATH",
      description =
          "onnx: tiles to compare on, a folder whose folders are classes or a table; without it"
              + " those of the run's data.validation. Of a model that answers a table of questions,"
              + " as of generate --rows.")
  private Optional<Path> verify = Optional.empty();

  @Option(
      names = "--verify-tiles",
      paramLabel = "N",
      description =
          "onnx: how many of them, or of the questions, at least 512 (default: ${DEFAULT-VALUE}).")
  private int tiles = HeldOut.LEAST;

  @Option(
      names = "--verify-prompt",
      paramLabel = "TEXT",
      description =
          "onnx: what is said of a class of --verify, {} being its name (default: ${DEFAULT-VALUE}).")
  private String template = "an H&E image of {}";

  @Option(
      names = "--external-data",
      description =
          "onnx: keep weights in files beside the graphs; those above 2 GB always lie there.")
  private boolean beside;

  @Option(
      names = "--license",
      paramLabel = "NAME",
      description = "onnx: of the weights, for the model card.")
  private Optional<String> licence = Optional.empty();

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description =
          "onnx: adapters of peft's, or those of a run, that are merged into a model that answers.")
  private Optional<Path> adapter = Optional.empty();

  @Option(names = "--threads", paramLabel = "N", description = "onnx: CPU threads, or auto.")
  private CountOrAuto threads = new CountOrAuto.Auto();

  @Mixin private PartOption part;
  @Mixin private ArchitectureOptions architecture;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (to != Target.ONNX) {
      refuse(ONNX_ONLY, "is for --to onnx");
    }
    OutputPlace.requireRoom(out);
    return switch (to) {
      case ONNX -> onnx();
      case HUGGING_FACE -> converted(WeightLayout.HUGGING_FACE);
      case OPEN_CLIP -> converted(WeightLayout.OPEN_CLIP);
      case EOSIN -> converted(WeightLayout.EOSIN);
    };
  }

  private int converted(WeightLayout layout) throws IOException {
    var conversion =
        new Conversion(part.part(), architecture.named(), out, Optional.empty(), replace);
    Conversion.Written written = conversion.convert(in, layout);
    PrintWriter printer = spec.commandLine().getOut();
    written.notes().forEach(note -> printer.println("note: " + note));
    printer.printf("%s written as %s to %s%n", written.from(), written.to(), out);
    printer.flush();
    return ExitCode.DONE;
  }

  private int onnx() throws IOException {
    if (tiles < HeldOut.LEAST) {
      throw usage(
          "--verify-tiles: %d tiles prove nothing; at least %d are needed"
              .formatted(tiles, HeldOut.LEAST));
    }
    if (!template.contains("{}")) {
      throw usage("--verify-prompt: '%s' has no {} for the class".formatted(template));
    }
    int cores = Runtime.getRuntime().availableProcessors();
    var settings = new ClipBundle.Settings(precision, opset(), beside, threads.or(cores));
    if (AnswerExport.isFor(in)) {
      return answering(settings);
    }
    if (PairExport.isFor(in)) {
      return pairs(settings);
    }
    if (adapter.isPresent()) {
      throw usage("--adapter: is for models that answer; of a CLIP run adapters are merged anyway");
    }
    var export =
        new Export(
            part.part(),
            architecture.named(),
            out,
            replace,
            settings,
            verify,
            tiles,
            template,
            licence,
            BuildVersion.current(),
            threads);
    ClipBundle.Written written = export.onnx(in, this::note, this::progress);
    written.notes().forEach(this::note);
    written("graph", written.bytes(), written.agreement().text());
    return ExitCode.DONE;
  }

  private int pairs(ClipBundle.Settings settings) throws IOException {
    refuse(
        List.of("--preset", "--config", "--adapter"),
        "is not for runs of kind qformer-align and albef");
    var export =
        new PairExport(
            part.part(),
            out,
            replace,
            settings,
            verify,
            tiles,
            template,
            licence,
            BuildVersion.current(),
            threads);
    ClipBundle.Written written = export.onnx(in, this::note, this::progress);
    written.notes().forEach(this::note);
    written("graphs", written.bytes(), written.agreement().text());
    return ExitCode.DONE;
  }

  private void note(String note) {
    spec.commandLine().getOut().println("note: " + note);
  }

  private void written(String what, long bytes, String agreement) {
    PrintWriter printer = spec.commandLine().getOut();
    printer.printf(
        Locale.ROOT,
        "%s written to %s: %s %s of %.1f MB, equal on %s%n",
        in,
        out,
        precision,
        what,
        bytes / 1e6,
        agreement);
    printer.flush();
  }

  private int answering(ClipBundle.Settings settings) throws IOException {
    refuse(CLIP_ONLY, "is for CLIP models, and the model is one that answers");
    if (part.part() == WeightsPart.AVERAGE) {
      throw usage("--part: average is for CLIP models, and the model is one that answers");
    }
    var export =
        new AnswerExport(
            adapter,
            out,
            replace,
            settings,
            verify,
            tiles,
            licence,
            BuildVersion.current(),
            threads);
    AnswerBundle.Written written = export.onnx(in, this::note, this::progress);
    written.notes().forEach(this::note);
    written("graphs", written.bytes(), written.agreement().text());
    return ExitCode.DONE;
  }

  /// Of options that were given none is left out without a word.
  private void refuse(List<String> options, String reason) {
    for (String option : options) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw usage("%s: %s".formatted(option, reason));
      }
    }
  }

  private Opset opset() {
    try {
      return new Opset(opset);
    } catch (IllegalArgumentException unknown) {
      throw usage("--opset: " + unknown.getMessage());
    }
  }

  private void progress(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
