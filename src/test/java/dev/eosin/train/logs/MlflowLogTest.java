package dev.eosin.train.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.eosin.config.Seconds;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against a server of this machine, which also misbehaves.
class MlflowLogTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private final List<String> said = new ArrayList<>();
  private final List<String> paths = Collections.synchronizedList(new ArrayList<>());
  private final List<JsonNode> metrics = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger failures = new AtomicInteger();
  private volatile int failure = 503;
  private volatile String authorization = "";
  private HttpServer server;

  MlflowLogTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void listen() {
    server.createContext("/api/2.0/mlflow/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring("/api/2.0/mlflow/".length());
    authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (failures.getAndDecrement() > 0) {
      reply(exchange, failure, "<html>not <b>now</b></html>");
      return;
    }
    paths.add(path);
    switch (path) {
      case "experiments/get-by-name" ->
          reply(exchange, 404, "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\"}");
      case "experiments/create" -> reply(exchange, 200, "{\"experiment_id\":\"3\"}");
      case "runs/create" -> reply(exchange, 200, "{\"run\":{\"info\":{\"run_id\":\"abc\"}}}");
      case "runs/log-batch" -> {
        JSON.readTree(body).path("metrics").forEach(metrics::add);
        reply(exchange, 200, "{}");
      }
      default -> reply(exchange, 200, "{}");
    }
  }

  private static void reply(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private MlflowLog start(int waiting, double patience) {
    var settings =
        new MlflowSettings(
            "http://localhost:" + server.getAddress().getPort(),
            "eosin",
            Optional.empty(),
            Optional.of("TOKEN"),
            waiting,
            new Seconds(patience));
    return MlflowLog.start(
        settings,
        folder,
        "kind: clip\n",
        Map.of("TOKEN", "secret"),
        InstantSource.system(),
        said::add);
  }

  private static StepReport report(long step) {
    return new StepReport(
        step,
        2.5,
        1e-3,
        Double.NaN,
        Map.of("logit_scale", 14.25),
        80,
        step * 8,
        1,
        0,
        0,
        0,
        new LossScaling.None(),
        Optional.empty());
  }

  @Test
  void everyValueArrivesAndARunThatGoesOnIsTheSame() throws IOException {
    try (MlflowLog log = start(1000, 20)) {
      log.evaluation(new EvaluationReport(0, "tiles", Map.of("recall.a:b", 0.5)));
      for (int step = 1; step <= 5; step++) {
        log.step(report(step));
      }
    }
    assertThat(said).isEmpty();
    // Four figures of each update, since JSON has no number that is not finite.
    assertThat(metrics).hasSize(1 + 5 * 4);
    assertThat(metrics.getFirst().path("key").asText()).isEqualTo("tiles/recall.a_b");
    assertThat(metrics.getLast().path("step").asLong()).isEqualTo(5);
    assertThat(authorization).isEqualTo("Bearer secret");
    assertThat(paths).startsWith("experiments/get-by-name", "experiments/create", "runs/create");
    assertThat(paths.getLast()).isEqualTo("runs/update");
    assertThat(Files.readString(folder.resolve("mlflow.json"))).contains("\"run_id\" : \"abc\"");
    paths.clear();
    try (MlflowLog log = start(1000, 20)) {
      log.step(report(6));
    }
    assertThat(paths).startsWith("runs/update", "runs/log-batch").doesNotContain("runs/create");
  }

  @Test
  void aServerThatIsBusyIsAskedAgain() {
    failures.set(2);
    try (MlflowLog log = start(1000, 20)) {
      log.step(report(1));
    }
    assertThat(metrics).hasSize(4);
    assertThat(said).noneMatch(line -> line.contains("could not be sent"));
  }

  @Test
  void aServerThatRefusesOrIsGoneCostsNoTimeAndIsCounted() {
    failure = 400;
    failures.set(Integer.MAX_VALUE);
    try (MlflowLog log = start(1000, 20)) {
      log.step(report(1));
    }
    assertThat(said.getLast())
        .contains("mlflow: 0 values were sent, 4 could not be sent")
        .contains("answers 400: <html>not <b>now</b></html>")
        .endsWith("log.jsonl has all of them");

    server.stop(0);
    said.clear();
    long started = System.nanoTime();
    try (MlflowLog log = start(10, 0.5)) {
      for (int step = 1; step <= 1000; step++) {
        log.step(report(step));
      }
      assertThat(System.nanoTime() - started).isLessThan(5_000_000_000L);
    }
    assertThat(said.getLast()).contains("0 values were sent, 4000 could not be sent");
  }

  @Test
  void whatIsNoAddressIsRefused() {
    assertThatThrownBy(
            () ->
                new MlflowSettings(
                    "localhost", "eosin", Optional.empty(), Optional.empty(), 1, new Seconds(1)))
        .hasMessageContaining("'localhost' is no address of a server");
  }
}
