package dev.eosin.cli;

import dev.eosin.cli.terminal.BuildVersion;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.Termination;
import dev.eosin.config.DataException;
import dev.eosin.eval.vqa.AnswerLabel;
import dev.eosin.eval.vqa.Scorers;
import dev.eosin.group.Group;
import dev.eosin.recipe.Evaluation;
import dev.eosin.recipe.FeatureSource;
import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.TileEvaluationRecipe;
import dev.eosin.recipe.VqaEvaluationRecipe;
import dev.eosin.run.Evaluations;
import dev.eosin.tensor.Device;
import dev.eosin.train.machine.MachineCheckup;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin evaluate`: measures a stored model, or what a model answers.
@Command(
    name = "evaluate",
    description = {
      "Measures a stored model as a recipe describes, or scores answers to questions: of a model or"
          + " service that a recipe names, or of a file; writes evaluation.json and report.html."
    },
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
  private static final String ENDING = "\\.jsonl?$";

  @Parameters(index = "0", arity = "0..1", paramLabel = "RECIPE", description = "A YAML file.")
  private Optional<Path> recipe = Optional.empty();

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the recipe.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--answers",
      paramLabel = "FILE",
      description = "Scores a file of answers to questions about pictures; no recipe is needed.")
  private Optional<Path> answers = Optional.empty();

  @Option(
      names = "--scorers",
      split = ",",
      paramLabel = "NAME",
      description = "Of --answers: rules that judge, such as open/1,pathvqa-exact/1.")
  private List<String> scorers = new ArrayList<>();

  @Option(
      names = "--labels",
      split = ",",
      paramLabel = "LABEL[=SYNONYM|...]",
      description = {
        "Of --answers: the classes that answers to open questions are read for, by labels/1 where"
            + " no --scorers are named."
      })
  private List<String> labels = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = {
        "With --data or --features: a CLIP model, as a run, a folder of Hugging Face's or"
            + " open_clip's, or a file; zero-shot classification, a linear probe and nearest"
            + " neighbours; no recipe is needed."
      })
  private Optional<Path> model = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "Of --model: a folder of class folders, or a table of labelled tiles.")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--features",
      paramLabel = "FILE",
      description = "Of --model, instead of --data: embeddings of labelled tiles by it (embed).")
  private Optional<Path> features = Optional.empty();

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Of --data: where embeddings are remembered, as by embed; the user's cache otherwise.")
  private Optional<Path> cache = Optional.empty();

  @Option(
      names = "--no-cache",
      description = "Of --data: remembers nothing and takes nothing remembered.")
  private boolean uncached;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = {
        "Of --answers and --model: where the results go; FILE's or the data's name with .evaluation"
            + " otherwise."
      })
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--replace",
      description = "Of --answers and --model: replace results that are there already.")
  private boolean replace;

  @Mixin private RankOptions ranks = new RankOptions();

  @Spec private CommandSpec spec;

  private Device device() throws IOException {
    return evaluation().ofRanks().intended(MachineCheckup.Surroundings.inspect().gpuPresent());
  }

  @Override
  public Integer call() throws Exception {
    return ranks.run(spec, this::device, this::evaluate);
  }

  private int evaluate(Group group) throws IOException {
    Evaluation evaluation = evaluation();
    PrintWriter silent = new PrintWriter(Writer.nullWriter());
    PrintWriter printer = group.isFirst() ? spec.commandLine().getOut() : silent;
    PrintWriter err = group.isFirst() ? spec.commandLine().getErr() : silent;
    // A model that is asked stops and goes on; of all else there is nothing to save, so that a
    // signal ends the command at once and leaves earlier results.
    Optional<Termination> termination =
        evaluation.asks() ? Optional.of(Termination.listen(err)) : Optional.empty();
    Optional<Path> file =
        Evaluations.run(
            evaluation,
            BuildVersion.current(),
            new Evaluations.Listener(
                err::println, line -> tell(line, printer), line -> tell(line, err)),
            () -> termination.map(Termination::requested).orElse(false),
            group);
    err.println(
        file.map(results -> "finished; the results are in " + results)
            .orElse("stopped; the same command goes on"));
    err.flush();
    return termination.isPresent() && file.isEmpty()
        ? termination.get().exitCode().orElse(ExitCode.DONE)
        : ExitCode.DONE;
  }

  private static void tell(String line, PrintWriter to) {
    to.println(line);
    to.flush();
  }

  private Evaluation evaluation() throws DataException {
    if (data.isPresent() && features.isPresent()) {
      throw usage("give either --data or --features");
    }
    Optional<Path> measured = data.or(() -> features);
    if (model.isPresent() != measured.isPresent()) {
      throw usage("--model PATH and --data PATH (or --features FILE) belong together");
    }
    boolean remembers = cache.isPresent() || uncached;
    if ((remembers && data.isEmpty()) || (cache.isPresent() && uncached)) {
      throw usage(
          "--cache or --no-cache is for --data; a recipe says features.cache and features.remember");
    }
    if (model.isPresent() && measured.isPresent()) {
      return ofModel(model.get(), measured.get());
    }
    return answers.isPresent() ? ofAnswers(answers.get()) : ofRecipe();
  }

  private Evaluation ofModel(Path stored, Path tiles) throws DataException {
    if (recipe.isPresent() || answers.isPresent() || !scorers.isEmpty() || !labels.isEmpty()) {
      throw usage("--model and --data take neither a recipe nor --answers, --scorers and --labels");
    }
    Path name = tiles.toAbsolutePath().normalize().getFileName();
    Path folder =
        out.orElseGet(
            () -> Path.of(String.valueOf(name).replaceFirst("\\.[a-z]+$", "") + ".evaluation"));
    requireNoResults(folder);
    var memory = new FeatureSource.ClipModel.Memory(!uncached, cache);
    var source = FeatureSource.ClipModel.of(stored, memory);
    return features.isPresent()
        ? TileEvaluationRecipe.ofStored(source, tiles, folder)
        : TileEvaluationRecipe.of(source, tiles, folder);
  }

  /// A folder that nobody named, or that an earlier call filled, is not overwritten unasked.
  private void requireNoResults(Path folder) throws DataException {
    if (!replace && Files.exists(folder.resolve(Evaluations.RESULTS))) {
      throw new DataException(
          folder
              + ": has results already; --replace replaces them, --out DIR puts these elsewhere");
    }
  }

  private Evaluation ofRecipe() {
    if (recipe.isEmpty()) {
      throw usage("a RECIPE is missing, or --answers FILE, or --model PATH with --data PATH");
    }
    if (out.isPresent() || replace || !scorers.isEmpty() || !labels.isEmpty()) {
      throw usage(
          "--out, --replace, --scorers and --labels are for --answers; a recipe says output.dir,"
              + " scorers and labels, and replaces results");
    }
    return Recipe.read(recipe.get(), overrides, Evaluation.class);
  }

  private Evaluation ofAnswers(Path file) throws DataException {
    if (recipe.isPresent()) {
      throw usage("--answers takes no recipe; write answers.path=FILE beside one of its own kind");
    }
    Path folder =
        out.orElseGet(
            () ->
                file.resolveSibling(
                    file.getFileName().toString().replaceFirst(ENDING, "") + ".evaluation"));
    requireNoResults(folder);
    try {
      return VqaEvaluationRecipe.ofFile(
          file, scorers(), labels.stream().map(EvaluateCommand::label).toList(), folder);
    } catch (IllegalArgumentException unknown) {
      throw usage("--" + unknown.getMessage());
    }
  }

  private List<String> scorers() {
    if (!scorers.isEmpty()) {
      return scorers;
    }
    return labels.isEmpty() ? Scorers.DEFAULT : List.of(Scorers.BY_LABELS.getFirst());
  }

  /// `oral squamous cell carcinoma=OSCC|squamous carcinoma`.
  private static AnswerLabel label(String text) {
    int sign = text.indexOf('=');
    return sign < 0
        ? new AnswerLabel(text)
        : new AnswerLabel(
            text.substring(0, sign), List.of(text.substring(sign + 1).split("[|]", -1)));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
