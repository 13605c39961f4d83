package dev.eosin.cli;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.cli.terminal.BuildVersion;
import dev.eosin.cli.terminal.Colours;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.Terminal;
import dev.eosin.cli.terminal.Termination;
import dev.eosin.config.DataException;
import dev.eosin.data.opened.BatchPreview;
import dev.eosin.data.opened.DataSets;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.group.Group;
import dev.eosin.group.Launch;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.MemoryCheck;
import dev.eosin.run.Run;
import dev.eosin.run.folders.FromCheckpoint;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.run.rehearsals.DryRun;
import dev.eosin.run.rehearsals.Smoke;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.Trainer;
import dev.eosin.train.TrainingObserver;
import dev.eosin.train.TrainingObservers;
import dev.eosin.train.logs.CsvLog;
import dev.eosin.train.logs.MlflowLog;
import dev.eosin.train.logs.MlflowSettings;
import dev.eosin.train.logs.Profile;
import dev.eosin.train.logs.Profiler;
import dev.eosin.train.logs.ProgressLine;
import dev.eosin.train.logs.RunLog;
import dev.eosin.train.logs.StartLog;
import dev.eosin.train.logs.TensorBoardWriter;
import dev.eosin.train.machine.MachineCheckup;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin train`: the main job.
@Command(
    name = "train",
    description = "Trains what a recipe describes; the same command resumes a run.",
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
  /// On TensorBoard's contact sheet.
  private static final int TILES = 32;

  private static final int KERNELS_SHOWN = 12;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RECIPE", description = "A YAML file; see docs/recipes.md.")
  private Path recipeFile;

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the recipe, such as batch.global=64.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--fresh",
      description = "Start over; an earlier run in output.dir is kept as DIR.1, DIR.2, ...")
  private boolean fresh;

  @Option(
      names = "--dry-run",
      description = {
        "Train nothing: check the recipe and everything it names, read one batch, write its tiles"
            + " with their captions to output.dir/dry-run.png and, with the whole captions and what of"
            + " them is cut, to dry-run.html, and print the sizes of the model."
      })
  private boolean dryRun;

  @Option(
      names = "--smoke",
      description = {
        "Rehearse the run in a temporary folder beside output.dir: two steps, checkpoint, resume,"
            + " each evaluation on at most 256 samples, export and reading it back; then stop."
      })
  private boolean smoke;

  @Option(
      names = "--profile",
      paramLabel = "N",
      description = {
        "Time every kernel of N steps, after three of warm-up: prints where the time went and"
            + " writes profile.json (for chrome://tracing and Perfetto) into the run folder."
            + " Training goes on as ever; on a GPU those steps take longer."
      })
  private Optional<Integer> profiled = Optional.empty();

  @Option(
      names = "--plan",
      description = {
        "Train nothing: print the memory that the run needs, from the recipe alone, and fail where"
            + " this machine has less."
      })
  private boolean plan;

  @Option(
      names = "--from",
      paramLabel = "CHECKPOINT",
      description = {
        "Go on from this checkpoint in place of the newest one: 'best', a step of this run, or the"
            + " folder of a checkpoint of another run, whose recipe then has to be the same but for"
            + " output.dir and what may change when a run resumes."
      })
  private Optional<String> from = Optional.empty();

  @Mixin private RankOptions ranks = new RankOptions();

  @Override
  public Integer call() throws Exception {
    if (profiled.orElse(1) < 1) {
      throw new ParameterException(spec.commandLine(), "--profile: at least 1 step");
    }
    if (Stream.of(dryRun, smoke, plan, profiled.isPresent()).filter(asked -> asked).count() > 1) {
      throw new ParameterException(
          spec.commandLine(), "choose one of --dry-run, --plan, --profile and --smoke");
    }
    if (from.isPresent() && (dryRun || smoke || plan)) {
      throw new ParameterException(
          spec.commandLine(), "--from is for training; leave it out of a rehearsal");
    }
    Launch launch = Launch.of(System.getenv());
    if (smoke || plan || dryRun) {
      return launch.rank() == 0 ? withoutTraining() : ExitCode.DONE;
    }
    if (ranks.startsThem(spec, launch)) {
      return RankStarter.run(ranks.ranks.orElse(1), words(), device());
    }
    return trainOn(launch);
  }

  private Device device() {
    return TrainableRecipe.read(recipeFile, overrides)
        .compute()
        .intended(MachineCheckup.Surroundings.inspect().gpuPresent());
  }

  private int trainOn(Launch launch) throws Exception {
    // Before anything is opened: no signal ends the program unheard once it has begun.
    Termination termination = Termination.listen(spec.commandLine().getErr());
    try (Ranks joined =
        Ranks.join(launch, ranks.limits(), spec.commandLine().getErr(), this::device)) {
      return joined.run(
          () -> train(TrainableRecipe.read(recipeFile, overrides), termination, joined));
    }
  }

  private int withoutTraining() throws IOException {
    if (smoke) {
      return rehearse();
    }
    TrainableRecipe recipe = TrainableRecipe.read(recipeFile, overrides);
    return plan ? plan(recipe) : tryOut(recipe);
  }

  private int rehearse() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Smoke.run(recipeFile, this::read, BuildVersion.current(), new SmokeReport(out));
    out.println("ready");
    out.flush();
    return ExitCode.DONE;
  }

  /// The recipe with what the command line replaces, and what a rehearsal replaces after that.
  private TrainableRecipe read(List<String> more) {
    List<String> all = new ArrayList<>(overrides);
    all.addAll(more);
    return TrainableRecipe.read(recipeFile, all);
  }

  private int plan(TrainableRecipe recipe) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    int several = ranks.ranks.orElse(1);
    MemoryCheck memory =
        several > 1 ? MemoryCheck.of(recipe, several, several) : MemoryCheck.of(recipe);
    if (several > 1) {
      out.println("one of %d ranks on this machine:".formatted(several));
    }
    recipe.experiment().stored().forEach(out::println);
    memory.lines().forEach(out::println);
    out.flush();
    memory.refuse();
    recipe.compute().check(MachineCheckup.Surroundings.inspect().gpuPresent());
    return ExitCode.DONE;
  }

  private int tryOut(TrainableRecipe recipe) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    DryRun.of(recipe).lines().forEach(out::println);
    out.flush();
    return ExitCode.DONE;
  }

  private int train(TrainableRecipe recipe, Termination termination, Ranks joined)
      throws IOException {
    Group group = joined.group();
    PrintWriter err =
        group.isFirst() ? spec.commandLine().getErr() : new PrintWriter(Writer.nullWriter());
    try (RunFolder folder = open(recipe, group)) {
      folder.movedTo().ifPresent(aside -> err.println("the earlier run is now in " + aside));
      Optional<FromCheckpoint> named =
          from.isPresent()
              ? Optional.of(FromCheckpoint.find(from.get(), folder))
              : Optional.empty();
      changes(folder, recipe, named).forEach(err::println);
      Optional<Profiler> profiler = profiler(folder, err);
      KernelListener kernels = profiler.<KernelListener>map(one -> one).orElse(KernelListener.NONE);
      Run whole =
          new Run(recipe, folder, BuildVersion.current(), termination::requested, kernels, group);
      Run run = named.isPresent() ? whole.from(named.get()) : whole;
      if (run.isFinished()) {
        err.println(folder.folder() + " is finished; nothing was changed (--fresh starts over)");
        return ExitCode.DONE;
      }
      joined.several().ifPresent(several -> several.keepRecordsIn(folder.ranks()));
      if (group.isFirst()) {
        StartLog.append(
            folder.starts(),
            new StartLog.Start(InstantSource.system().instant(), BuildVersion.current(), words()));
      }
      Trainer.End end =
          run.run((opened, start, data) -> observers(recipe, opened, start, data, err, profiler));
      return switch (end) {
        case FINISHED -> {
          err.println("finished; the model is in " + folder.exported());
          yield ExitCode.DONE;
        }
        case STOPPED -> termination.exitCode().orElse(ExitCode.DONE);
      };
    }
  }

  private List<String> changes(
      RunFolder folder, TrainableRecipe recipe, Optional<FromCheckpoint> named) throws IOException {
    return named.isPresent()
        ? folder.changes(recipeFile, recipe.resolved(), named.get())
        : folder.changes(recipeFile, recipe.resolved());
  }

  /// The first rank takes the folder for all.
  private RunFolder open(TrainableRecipe recipe, Group group) throws DataException {
    if (group.isFirst()) {
      RunFolder taken = RunFolder.open(recipe.output().dir(), fresh);
      group.meet(Group.Work.START_UP);
      return taken;
    }
    group.meet(Group.Work.START_UP);
    return RunFolder.joined(recipe.output().dir());
  }

  /// The command line, as it was given.
  private List<String> words() {
    return spec.root().commandLine().getParseResult().originalArgs();
  }

  private Optional<Profiler> profiler(RunFolder folder, PrintWriter err) {
    return profiled.map(steps -> new Profiler(steps, profile -> tell(profile, folder, err)));
  }

  private static void tell(Profile profile, RunFolder folder, PrintWriter err)
      throws DataException {
    profile.lines(KERNELS_SHOWN).forEach(err::println);
    AtomicFile.write(folder.profile(), FileContent.text(profile.trace()));
    err.println("every call is in " + folder.profile());
    err.flush();
  }

  static TrainingObserver observers(
      TrainableRecipe recipe,
      RunFolder folder,
      CheckpointState start,
      DataSets data,
      PrintWriter err,
      Optional<Profiler> profiler)
      throws IOException {
    var all = new ArrayList<TrainingObserver>();
    all.add(RunLog.open(folder.log(), start.step(), start.lastEvaluatedStep()));
    all.add(
        new ProgressLine(
            err,
            Terminal.isStderr(),
            new Terminal(),
            Colours.ofStderr()::strong,
            recipe.schedule().length().value(),
            recipe.logging().every().value(),
            recipe.rowsAre(),
            start.step(),
            System::nanoTime));
    if (recipe.logging().tensorboard()) {
      all.add(tensorBoard(recipe, folder, start, data));
    }
    if (recipe.logging().csv()) {
      all.add(
          CsvLog.open(
              folder.csv(),
              folder.evaluationsCsv(),
              start.step(),
              start.lastEvaluatedStep(),
              InstantSource.system()));
    }
    recipe.logging().mlflow().ifPresent(mlflow -> all.add(mlflow(mlflow, recipe, folder, err)));
    profiler.ifPresent(all::add);
    return new TrainingObservers(all);
  }

  private static MlflowLog mlflow(
      MlflowSettings settings, TrainableRecipe recipe, RunFolder folder, PrintWriter err) {
    return MlflowLog.start(
        settings,
        folder.folder(),
        recipe.resolved().text(),
        System.getenv(),
        InstantSource.system(),
        err::println);
  }

  private static TensorBoardWriter tensorBoard(
      TrainableRecipe recipe, RunFolder folder, CheckpointState start, DataSets data)
      throws IOException {
    boolean resumes = start.step() > 0 || start.lastEvaluatedStep().isPresent();
    OptionalLong resumed = resumes ? OptionalLong.of(start.step()) : OptionalLong.empty();
    TensorBoardWriter writer =
        TensorBoardWriter.open(folder.tensorBoard(), resumed, InstantSource.system());
    String yaml = recipe.resolved().text();
    writer.text("recipe", start.step(), "```yaml\n" + yaml + "```");
    if (!resumes) {
      var key = new RandomKey(recipe.seed());
      writer.image("tiles", 0, BatchPreview.firstTiles(data, key, recipe.batch(), TILES));
    }
    return writer;
  }
}
