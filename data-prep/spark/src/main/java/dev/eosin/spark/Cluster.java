package dev.eosin.spark;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/// A cluster that a job is connected to. Who waits for workers that do not come is told so.
final class Cluster implements AutoCloseable {
  /// Executors need what Eosin's launcher gives Java; the rest Spark adds itself.
  private static final String EXECUTOR_FLAGS =
      "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
          + " -Djava.awt.headless=true";

  private static final String STANDALONE = "spark://";

  private final Settings settings;
  private final JavaSparkContext context;
  private final AtomicReference<Optional<String>> lost = new AtomicReference<>(Optional.empty());
  private final Thread watch;

  /// @param master its URL, as Spark writes it
  /// @param jars the folder of what executors need besides Spark
  /// @param memory of each executor, as Spark writes it
  /// @param patience how long no executor may be there
  /// @param options further settings of Spark
  record Settings(
      String master, Path jars, String memory, Duration patience, Map<String, String> options) {
    Settings {
      options = Map.copyOf(options);
    }

    /// A master that does not answer is found before any work.
    ///
    /// @throws DataException naming each that was tried
    void requireMaster() throws DataException {
      if (!master.startsWith(STANDALONE)) {
        return;
      }
      StringBuilder tried = new StringBuilder();
      for (String address : master.substring(STANDALONE.length()).split(",")) {
        int colon = address.lastIndexOf(':');
        try (Socket socket = new Socket()) {
          int port = Integer.parseInt(address.substring(colon + 1));
          socket.connect(
              new InetSocketAddress(address.substring(0, Math.max(0, colon)), port), 5_000);
          return;
        } catch (IOException | IllegalArgumentException e) {
          tried
              .append(tried.isEmpty() ? "" : "; ")
              .append(address)
              .append(": ")
              .append(e.getMessage());
        }
      }
      throw new DataException(
          "--master %s: no master answers (%s); start it, or write its address as its page shows it"
              .formatted(master, tried));
    }

    private boolean isLocal() {
      return master.startsWith("local") && !master.startsWith("local-cluster");
    }
  }

  private Cluster(Settings settings, JavaSparkContext context) {
    this.settings = settings;
    this.context = context;
    watch = Thread.ofVirtual().unstarted(this::watch);
  }

  /// Connects, and waits for the first executor.
  ///
  /// @param tell told what is waited for
  /// @throws DataException when Spark refuses, or no executor comes
  static Cluster connect(Settings settings, Consumer<String> tell) throws DataException {
    SparkConf conf =
        new SparkConf()
            .setMaster(settings.master())
            .setAppName("eosin curate")
            .set("spark.ui.enabled", "false")
            .set("spark.executor.memory", settings.memory())
            .set("spark.executor.extraJavaOptions", EXECUTOR_FLAGS)
            .set("spark.jars", String.join(",", jars(settings)));
    settings.options().forEach(conf::set);
    try {
      Cluster cluster = new Cluster(settings, new JavaSparkContext(conf));
      if (!settings.isLocal()) {
        tell.accept("waiting for executors of " + settings.master());
        cluster.await();
        cluster.watch.start();
      }
      return cluster;
    } catch (RuntimeException e) {
      throw new DataException(
          "--master %s: %s".formatted(settings.master(), Failure.of(e).getMessage()), e);
    }
  }

  private static List<String> jars(Settings settings) throws DataException {
    if (settings.isLocal()) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(settings.jars())) {
      Stream<String> others = files.map(Path::toString).filter(name -> name.endsWith(".jar"));
      Stream<String> own = Stream.of(JavaSparkContext.jarOfClass(Cluster.class));
      return Stream.concat(own, others.sorted()).toList();
    } catch (IOException e) {
      throw new DataException(
          "--jars %s: cannot be listed: %s; build with mvn -q package"
              .formatted(settings.jars(), e.getMessage()),
          e);
    }
  }

  JavaSparkContext context() {
    return context;
  }

  /// How many tasks run at once.
  int cores() {
    return Math.max(1, context.defaultParallelism());
  }

  private boolean hasExecutors() {
    // The driver counts itself.
    return context.sc().getExecutorMemoryStatus().size() > 1;
  }

  private void await() throws DataException {
    long end = System.nanoTime() + settings.patience().toNanos();
    while (!hasExecutors()) {
      if (System.nanoTime() > end) {
        context.close();
        throw new DataException(missing());
      }
      pause();
    }
  }

  private String missing() {
    return "--master %s: no executor for %d s; start workers with at least %s of memory and one core each, and Java 25"
        .formatted(settings.master(), settings.patience().toSeconds(), settings.memory());
  }

  /// Ends a job whose executors are all gone and do not come back.
  private void watch() {
    long last = System.nanoTime();
    while (!context.sc().isStopped()) {
      long now = System.nanoTime();
      last = hasExecutors() ? now : last;
      if (now - last > settings.patience().toNanos()) {
        lost.set(Optional.of(missing()));
        context.sc().cancelAllJobs();
        return;
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// What went wrong, as one line.
  DataException failure(Exception e) {
    return lost.get().map(DataException::new).orElseGet(() -> Failure.of(e));
  }

  @Override
  public void close() {
    context.close();
  }
}
