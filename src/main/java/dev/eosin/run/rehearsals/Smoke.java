package dev.eosin.run.rehearsals;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.config.MachineException;
import dev.eosin.config.Place;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.data.opened.DataSets;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.RunSettings;
import dev.eosin.run.Run;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.StepReport;
import dev.eosin.train.TrainingObserver;
import dev.eosin.train.machine.MachineCheckup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Everything that a long run will do, done once in a temporary folder beside `output.dir`: two
/// steps of the recipe as it is, checkpoints, a resume whose second step must give the weights of
/// the uninterrupted one (bit for bit, or on a GPU as near as [ResumedStep] says), each evaluation,
/// the export, and reading that back.
///
/// `output.dir` itself is neither read nor written. The temporary folder is removed unless a stage
/// fails.
public final class Smoke {
  /// An evaluation takes at most so many samples, spread over its set.
  public static final int EVALUATED_SAMPLES = 256;

  private static final int STEPS = 2;

  /// Reads the recipe with some of its values replaced.
  @FunctionalInterface
  public interface Reading {
    /// @param overrides `key=value`, later ones win
    RunSettings read(List<String> overrides);
  }

  private final Path recipeFile;
  private final Reading reading;
  private final RunSettings recipe;
  private final String version;
  private final SmokeStages stages;

  private Smoke(Path recipeFile, Reading reading, String version, SmokeStages.Report report) {
    this.recipeFile = recipeFile;
    this.reading = reading;
    this.recipe = reading.read(List.of());
    this.version = version;
    this.stages = new SmokeStages(report);
  }

  /// Goes through all stages and tells each one's outcome.
  ///
  /// @param recipeFile for messages
  /// @param version Eosin's, for manifests
  /// @throws RecipeException when the recipe is wrong, or has fewer than two steps
  /// @throws IOException when data or a file is at fault
  /// @throws MachineException when the resumed step gave other weights
  public static void run(
      Path recipeFile, Reading reading, String version, SmokeStages.Report report)
      throws IOException {
    new Smoke(recipeFile, reading, version, report).run();
  }

  private void run() throws IOException {
    requireTwoSteps();
    Path home = temporary();
    try {
      twoSteps(home);
      Path uninterrupted = home.resolve("uninterrupted");
      Files.move(checkpoint(home, STEPS), uninterrupted);
      resume(home);
      compare(home, uninterrupted);
      reload(home.resolve("run").resolve("final"));
    } catch (IOException | RuntimeException | Error e) {
      stages.fail(home);
      throw e;
    }
    delete(home);
  }

  private void requireTwoSteps() {
    if (recipe.schedule().length().value() < STEPS) {
      throw new RecipeException(
          recipeFile,
          List.of(
              new Problem(
                  new Place.Whole(recipeFile),
                  "schedule.length",
                  "a smoke test takes 2 steps, the run has 1; train it without")));
    }
  }

  private Path temporary() throws IOException {
    Path dir = recipe.output().dir().toAbsolutePath().normalize();
    Path beside = Optional.ofNullable(dir.getParent()).orElse(dir);
    Files.createDirectories(beside);
    return Files.createTempDirectory(beside, dir.getFileName() + ".smoke-");
  }

  private static Path checkpoint(Path home, int step) {
    return home.resolve("run/checkpoints/step-%08d".formatted(step));
  }

  /// Two steps and a checkpoint after each.
  private void twoSteps(Path home) throws IOException {
    RunSettings plain = reading.read(settings(home, List.of("evaluate=[]")));
    var watched = new Watched("train", 0, STEPS, List.of());
    stages.begin("open");
    run(plain, home, watched, new Extent(EVALUATED_SAMPLES, false));
    stages.end("after each step");
  }

  /// The second step again, from the first one's checkpoint; then the evaluations and the export.
  private void resume(Path home) throws IOException {
    List<String> names = recipe.evaluate().stream().map(each -> each.name()).toList();
    List<String> atTheEnd = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      atTheEnd.add("evaluate.%d.every=%d steps".formatted(i, STEPS));
    }
    var watched = new Watched("resume", 1, STEPS, names);
    stages.begin("reopen");
    run(reading.read(settings(home, atTheEnd)), home, watched, new Extent(EVALUATED_SAMPLES, true));
    stages.end("with a checkpoint");
  }

  /// Two updates have no best weights, and evaluations of few samples lack figures of what learns.
  private List<String> settings(Path home, List<String> more) {
    List<String> settings = new ArrayList<>(more);
    recipe.best().ifPresent(best -> settings.add("best=null"));
    recipe.stopEarly().ifPresent(early -> settings.add("stop-early=null"));
    settings.add("output.dir=\"%s\"".formatted(home.resolve("run")));
    settings.add("output.checkpoint-every=1 steps");
    settings.add("output.keep=" + STEPS);
    settings.add("logging.tensorboard=false");
    return settings;
  }

  private void run(RunSettings changed, Path home, Watched watched, Extent extent)
      throws IOException {
    try (RunFolder folder = RunFolder.open(home.resolve("run"), false)) {
      new Run(changed, folder, version, watched::isDone, extent, KernelListener.NONE)
          .run((opened, start, data) -> watched.from(start, data));
    }
  }

  private void compare(Path home, Path uninterrupted) throws IOException {
    stages.begin("compare");
    var step = new ResumedStep(checkpoint(home, STEPS - 1), uninterrupted, checkpoint(home, STEPS));
    boolean gpu = MachineCheckup.Surroundings.inspect().gpuPresent();
    stages.end(step.judged(ResumedStep.isExact(recipe.compute(), gpu)));
  }

  /// Reads every value of the exported model.
  private void reload(Path exported) throws IOException {
    stages.begin("reload");
    try (StoredTensors weights = recipe.experiment().reopen(exported)) {
      for (String name : weights.names()) {
        requireFinite(exported, name, weights.entry(name).floats());
      }
      stages.end("%d tensors of the exported model".formatted(weights.names().size()));
    }
  }

  private static void requireFinite(Path exported, String name, float[] values)
      throws DataException {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new DataException(
            "%s: %s holds %s; lower optimizer.lr".formatted(exported, name, value));
      }
    }
  }

  private static void delete(Path home) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> inside = Files.walk(home)) {
      deepestFirst = inside.toList().reversed();
    }
    for (Path each : deepestFirst) {
      Files.delete(each);
    }
  }

  /// Turns what a run tells into stages, and says when it has gone far enough.
  private final class Watched implements TrainingObserver {
    private final String name;
    private final long from;
    private final long to;
    private final List<String> evaluations;
    private long step;
    private int evaluated;

    Watched(String name, long from, long to, List<String> evaluations) {
      this.name = name;
      this.from = from;
      this.to = to;
      this.evaluations = evaluations;
    }

    boolean isDone() {
      return step == to && evaluated == evaluations.size();
    }

    TrainingObserver from(CheckpointState start, DataSets data) throws IOException {
      if (start.step() != from) {
        throw new MachineException(
            "the run went on from step %d, not from %d".formatted(start.step(), from));
      }
      stages.end("%,d training samples".formatted(data.train().size()));
      stages.begin(name);
      return this;
    }

    @Override
    public void step(StepReport report) throws IOException {
      step = report.step();
      if (step == to) {
        stages.end(
            String.format(
                Locale.ROOT,
                "step %d, loss %.4f, lr %.2e",
                step,
                report.loss(),
                report.learningRate()));
        next();
      }
    }

    @Override
    public void evaluation(EvaluationReport report) throws IOException {
      var first = report.metrics().entrySet().iterator().next();
      stages.end(
          String.format(
              Locale.ROOT,
              "%s %.4f on at most %d samples",
              first.getKey(),
              first.getValue(),
              EVALUATED_SAMPLES));
      evaluated++;
      next();
    }

    private void next() throws IOException {
      if (evaluated < evaluations.size()) {
        stages.begin("evaluate " + evaluations.get(evaluated));
      } else {
        stages.begin(from == 0 ? "checkpoint" : "export");
      }
    }

    @Override
    public void note(String message) {
      stages.note(message);
    }

    @Override
    public void close() {}
  }
}
