package dev.eosin.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.eosin.config.DataException;
import dev.eosin.serve.Routes.Route;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Models behind HTTP, a virtual thread for each request and one thread for each model. Close it
/// before the models.
public final class Server implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final int CONNECTIONS_A_REQUEST = 4;
  private static final long SPARE_SECONDS = 2;
  private static final long ENDING_SECONDS = 10;

  private final HttpServer http;
  private final ExecutorService threads;
  private final Gate gate;
  private final Metrics metrics;
  private final Optional<Batcher> batcher;
  private final Optional<AnswerQueue> answers;

  private Server(
      HttpServer http,
      ExecutorService threads,
      Gate gate,
      Metrics metrics,
      Optional<Batcher> batcher,
      Optional<AnswerQueue> answers) {
    this.http = http;
    this.threads = threads;
    this.gate = gate;
    this.metrics = metrics;
    this.batcher = batcher;
    this.answers = answers;
  }

  /// Limits of connections in this process, which the JDK's server takes from properties when it is
  /// first used: how long a request may take to arrive, headers included, and an answer to be taken
  /// in; how many connections are open at once. Properties that are set already stay.
  public static void limitConnections(ServeLimits limits) {
    long arriving = limits.arriving().toSeconds() + SPARE_SECONDS;
    long leaving = limits.answering().toSeconds() + limits.arriving().toSeconds() + SPARE_SECONDS;
    Map<String, String> properties =
        Map.of(
            "sun.net.httpserver.maxReqTime",
            Long.toString(arriving),
            "sun.net.httpserver.maxRspTime",
            Long.toString(leaving),
            "sun.net.httpserver.maxReqHeaders",
            "64",
            "sun.net.httpserver.maxReqHeaderSize",
            "32768",
            "sun.net.httpserver.nodelay",
            "true",
            "jdk.httpserver.maxConnections",
            Integer.toString(limits.requests() * CONNECTIONS_A_REQUEST));
    properties.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
  }

  /// Starts.
  ///
  /// @param log told of failures that are the server's own, one line each
  /// @throws DataException when the address cannot be listened at
  public static Server start(Served served, ServeSettings settings, Consumer<String> log)
      throws IOException {
    var address = new InetSocketAddress(settings.address(), settings.port());
    HttpServer http;
    try {
      http = HttpServer.create(address, BACKLOG);
    } catch (BindException e) {
      throw new DataException(
          "%s: cannot be listened at: %s; choose another with --port"
              .formatted(written(address), e.getMessage()),
          e);
    }
    var metrics = new Metrics();
    Optional<Batcher> batcher =
        served
            .clip()
            .map(
                clip ->
                    new Batcher(clip.embedder(), settings.batch(), settings.patience(), metrics));
    Optional<AnswerQueue> answers = served.answers().map(model -> new AnswerQueue(model, metrics));
    Requests requests = Requests.within(settings.limits());
    Routes routes = routes(served, requests, metrics, batcher, answers);
    var guard = new Guard(settings.token());
    var gate = new Gate(routes, guard, requests, metrics, log);
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("eosin-serve-", 0).factory());
    http.setExecutor(threads);
    http.createContext("/", gate);
    http.start();
    return new Server(http, threads, gate, metrics, batcher, answers);
  }

  private static Routes routes(
      Served served,
      Requests requests,
      Metrics metrics,
      Optional<Batcher> batcher,
      Optional<AnswerQueue> answers)
      throws IOException {
    Map<String, Route> routes = new HashMap<>();
    var images = new Images();
    routes.put("/", Route.open("page", Page.load()));
    routes.put("/healthz", Route.open("healthz", call -> new Reply.Json(healthy())));
    routes.put("/metrics", Route.get("metrics", call -> metrics(metrics, batcher)));
    routes.put("/v1/models", Route.get("models", new ModelsEndpoint(served)));
    if (served.clip().isPresent()) {
      Inputs inputs = Inputs.of(served.clip().get(), batcher.orElseThrow(), images, requests);
      routes.put("/v1/embeddings", Route.post("embeddings", new EmbeddingsEndpoint(inputs)));
      routes.put("/zero-shot", Route.post("zero-shot", new ZeroShotEndpoint(inputs)));
      served.tiles().ifPresent(tiles -> tiles(routes, inputs, tiles));
    }
    answers.ifPresent(queue -> answers(routes, queue, images, requests));
    return new Routes(routes);
  }

  private static void tiles(Map<String, Route> routes, Inputs inputs, ServedTiles tiles) {
    routes.put("/retrieve", Route.post("retrieve", new RetrieveEndpoint(inputs, tiles)));
    tiles
        .images()
        .ifPresent(
            shown ->
                routes.put(
                    "/tiles/",
                    Route.get("tiles", new TileEndpoint(tiles, shown, inputs.images()))));
  }

  private static void answers(
      Map<String, Route> routes, AnswerQueue queue, Images images, Requests requests) {
    ChatReader reader = ChatReader.of(queue.model(), images, requests);
    routes.put(
        "/v1/chat/completions",
        Route.post("chat", new ChatEndpoint(queue, reader, requests.limits(), new AtomicLong())));
    queue
        .model()
        .reviser()
        .ifPresent(
            reviser ->
                routes.put(
                    "/revise", Route.post("revise", new ReviseEndpoint(queue, reader, reviser))));
  }

  private static ObjectNode healthy() {
    return Requests.empty().put("status", "ok");
  }

  private static Reply metrics(Metrics metrics, Optional<Batcher> batcher) {
    String text = metrics.text(batcher.map(Batcher::waiting).orElse(0));
    return new Reply.Content(
        "text/plain; version=0.0.4; charset=utf-8",
        text.getBytes(StandardCharsets.UTF_8),
        Map.of());
  }

  /// Where it is, for a person and for clients.
  public URI address() {
    return URI.create("http://%s/".formatted(written(http.getAddress())));
  }

  /// As it stands in a URL: 127.0.0.1:8080, [::1]:8080.
  private static String written(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return "%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, address.getPort());
  }

  /// Begins nothing new, and waits for what is at work.
  ///
  /// @param grace longest wait
  /// @return whether everything was finished
  public boolean finish(Duration grace) {
    gate.stop();
    Deadline deadline = Deadline.in(grace);
    boolean interrupted = false;
    while (metrics.atWork().get() > 0 && deadline.left() > 0 && !interrupted) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        interrupted = true;
      }
    }
    return metrics.atWork().get() == 0;
  }

  /// Ends at once but for what is in a model. When it returns, nothing of the models or the index
  /// is in use any more, but for a picture whose decoding takes longer than 10 s.
  @Override
  public void close() {
    gate.stop();
    http.stop(0);
    threads.shutdownNow();
    batcher.ifPresent(Batcher::close);
    answers.ifPresent(AnswerQueue::close);
    try {
      threads.awaitTermination(ENDING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
