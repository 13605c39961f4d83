package dev.eosin.train.logs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.StepReport;
import dev.eosin.train.TrainingObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Tells an MLflow server of a run, from a thread of its own. The training only puts rows into a
/// queue of bounded size: it neither waits for the server nor fails by it. Rows that were not sent
/// are counted and said when the run ends.
///
/// The server's number of the run is kept in `mlflow.json`, so that a run that resumes goes on
/// there; steps that are done again are sent again.
public final class MlflowLog implements TrainingObserver {
  private static final long PAUSE_MILLIS = 1_000;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;
  private static final long AWAIT_MILLIS = 200;

  private final MlflowSettings settings;
  private final Path file;
  private final String name;
  private final String recipe;
  private final InstantSource clock;
  private final Consumer<String> said;
  private final BlockingQueue<MlflowClient.Metric> waiting;
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong inFlight = new AtomicLong();
  private volatile Optional<String> trouble = Optional.empty();
  private final Thread sender;
  private volatile boolean ending;
  private boolean troubleSaid;

  private MlflowLog(
      MlflowSettings settings,
      Path folder,
      String recipe,
      Optional<String> token,
      InstantSource clock,
      Consumer<String> said) {
    this.settings = settings;
    this.file = folder.resolve("mlflow.json");
    this.name = settings.runName().orElse(String.valueOf(folder.getFileName()));
    this.recipe = recipe;
    this.clock = clock;
    this.said = said;
    this.waiting = new ArrayBlockingQueue<>(settings.waiting());
    this.sender = Thread.ofPlatform().daemon().name("mlflow").unstarted(() -> send(token));
  }

  /// Starts to send.
  ///
  /// @param folder of the run
  /// @param recipe as it was resolved, which the server shows
  /// @param environment where the token's variable is looked up
  /// @param said told, on the thread of the training, what went wrong
  public static MlflowLog start(
      MlflowSettings settings,
      Path folder,
      String recipe,
      Map<String, String> environment,
      InstantSource clock,
      Consumer<String> said) {
    Optional<String> token =
        settings.tokenVariable().flatMap(name -> Optional.ofNullable(environment.get(name)));
    if (settings.tokenVariable().isPresent() && token.isEmpty()) {
      said.accept(
          "mlflow: the environment has no %s; asking without a token"
              .formatted(settings.tokenVariable().get()));
    }
    var log = new MlflowLog(settings, folder, recipe, token, clock, said);
    log.sender.start();
    return log;
  }

  @Override
  public void step(StepReport report) {
    put("train/loss", report.loss(), report.step());
    put("train/learning_rate", report.learningRate(), report.step());
    put("train/gradient_norm", report.gradientNorm(), report.step());
    report.figures().forEach((key, value) -> put("train/" + key, value, report.step()));
    put("speed/images_per_s", report.imagesPerSecond(), report.step());
    tellTrouble();
  }

  @Override
  public void evaluation(EvaluationReport report) {
    report.metrics().forEach((key, value) -> put(report.name() + "/" + key, value, report.step()));
    tellTrouble();
  }

  /// JSON has no number that is not finite: such a value is not sent, and stands in `log.jsonl`.
  private void put(String key, double value, long step) {
    if (Double.isFinite(value)) {
      String allowed = key.replaceAll("[^A-Za-z0-9_./ -]", "_");
      if (!waiting.offer(new MlflowClient.Metric(allowed, value, clock.millis(), step))) {
        lost.incrementAndGet();
      }
    }
  }

  private void tellTrouble() {
    Optional<String> found = trouble;
    if (found.isPresent() && !troubleSaid) {
      troubleSaid = true;
      said.accept("mlflow: %s; the run goes on, and rows wait".formatted(found.get()));
    }
  }

  @Override
  public void note(String message) {}

  /// Waits for what is not sent yet, as long as the recipe says.
  @Override
  public void close() {
    ending = true;
    boolean interrupted = false;
    try {
      sender.join((long) (settings.patience().value() * 1e3) + 1);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    boolean late = sender.isAlive();
    sender.interrupt();
    long unsent = lost.get() + waiting.size() + (late ? inFlight.get() : 0);
    if (unsent > 0) {
      said.accept(
          "mlflow: %d values were sent, %d could not be sent%s; log.jsonl has all of them"
              .formatted(accepted.get(), unsent, trouble.map(why -> " (" + why + ")").orElse("")));
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(Optional<String> token) {
    try (MlflowClient client = new MlflowClient(settings.uri(), token)) {
      Optional<String> run = Optional.empty();
      List<MlflowClient.Metric> batch = new ArrayList<>();
      long pause = PAUSE_MILLIS;
      while (true) {
        if (batch.isEmpty() && !fill(batch)) {
          finish(client, run);
          return;
        }
        try {
          if (run.isEmpty()) {
            run = Optional.of(run(client));
          }
          client.log(run.get(), batch);
          accepted.addAndGet(batch.size());
          drop(batch);
          pause = PAUSE_MILLIS;
        } catch (MlflowClient.RefusedException e) {
          trouble = Optional.of(String.valueOf(e.getMessage()));
          lost.addAndGet(batch.size());
          drop(batch);
        } catch (IOException e) {
          trouble = Optional.of(said(e));
          Thread.sleep(ending ? AWAIT_MILLIS : pause);
          pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // A fault of ours must not touch the training either.
      trouble = Optional.of(e.toString());
    }
  }

  private void drop(List<MlflowClient.Metric> batch) {
    batch.clear();
    inFlight.set(0);
  }

  /// @return false when the run ends and nothing is left
  private boolean fill(List<MlflowClient.Metric> batch) throws InterruptedException {
    while (true) {
      MlflowClient.Metric first = waiting.poll(AWAIT_MILLIS, TimeUnit.MILLISECONDS);
      if (first != null) {
        batch.add(first);
        waiting.drainTo(batch, MlflowClient.MOST_METRICS - 1);
        inFlight.set(batch.size());
        return true;
      }
      if (ending) {
        return false;
      }
    }
  }

  private void finish(MlflowClient client, Optional<String> run) throws InterruptedException {
    if (run.isPresent()) {
      try {
        client.status(run.get(), "FINISHED");
      } catch (IOException e) {
        trouble = Optional.of(said(e));
      }
    }
  }

  /// The run's number of before, or a new one.
  private String run(MlflowClient client) throws IOException, InterruptedException {
    Optional<String> before = before();
    if (before.isPresent()) {
      client.status(before.get(), "RUNNING");
      return before.get();
    }
    String experiment = client.experiment(settings.experiment());
    String run = client.run(experiment, name, clock.millis(), recipe);
    ObjectNode kept = JsonNodeFactory.instance.objectNode();
    kept.put("uri", settings.uri()).put("experiment", settings.experiment());
    kept.put("experiment_id", experiment).put("run_id", run);
    AtomicFile.write(file, FileContent.text(kept.toPrettyString() + "\n"));
    return run;
  }

  private Optional<String> before() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode kept = new ObjectMapper().readTree(Files.readString(file));
    boolean same =
        kept.path("uri").asText().equals(settings.uri())
            && kept.path("experiment").asText().equals(settings.experiment());
    return same && kept.path("run_id").isTextual()
        ? Optional.of(kept.path("run_id").textValue())
        : Optional.empty();
  }

  private static String said(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
