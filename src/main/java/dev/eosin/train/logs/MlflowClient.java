package dev.eosin.train.logs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The few calls of MLflow's REST interface that a run needs.
///
/// Source: mlflow.org, REST API 2.0: `experiments/get-by-name`, `experiments/create`,
/// `runs/create`, `runs/log-batch` (1,000 metrics a call), `runs/update`.
final class MlflowClient implements AutoCloseable {
  /// Metrics of one call.
  static final int MOST_METRICS = 1_000;

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int SHOWN = 200;
  private static final int NOT_FOUND = 404;
  private static final int FIRST_ERROR = 400;
  private static final int SERVER_ERROR = 500;
  private static final int TOO_MANY = 429;

  /// A value at a step.
  record Metric(String key, double value, long timeMillis, long step) {}

  /// The server will not take this request later either.
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(PATIENCE).version(HttpClient.Version.HTTP_1_1).build();
  private final String base;
  private final Optional<String> token;

  MlflowClient(String uri, Optional<String> token) {
    this.base = (uri.endsWith("/") ? uri : uri + "/") + "api/2.0/mlflow/";
    this.token = token;
  }

  /// The number of an experiment, which is made where it is missing.
  String experiment(String name) throws IOException, InterruptedException {
    String query = "experiments/get-by-name?experiment_name=";
    HttpResponse<String> found =
        send(request(query + URLEncoder.encode(name, StandardCharsets.UTF_8)).GET().build());
    if (found.statusCode() == NOT_FOUND) {
      ObjectNode asked = json.createObjectNode().put("name", name);
      return text(post("experiments/create", asked), "/experiment_id");
    }
    return text(accepted(found), "/experiment/experiment_id");
  }

  /// A new run's number.
  String run(String experiment, String name, long timeMillis, String recipe)
      throws IOException, InterruptedException {
    ObjectNode asked = json.createObjectNode().put("experiment_id", experiment);
    asked.put("run_name", name).put("start_time", timeMillis);
    ArrayNode tags = asked.putArray("tags");
    tags.addObject().put("key", "mlflow.source.name").put("value", "eosin");
    tags.addObject().put("key", "mlflow.note.content").put("value", "```yaml\n" + recipe + "```");
    return text(post("runs/create", asked), "/run/info/run_id");
  }

  void log(String run, List<Metric> metrics) throws IOException, InterruptedException {
    ObjectNode asked = json.createObjectNode().put("run_id", run);
    ArrayNode all = asked.putArray("metrics");
    for (Metric metric : metrics) {
      all.addObject()
          .put("key", metric.key())
          .put("value", metric.value())
          .put("timestamp", metric.timeMillis())
          .put("step", metric.step());
    }
    post("runs/log-batch", asked);
  }

  /// @param status `RUNNING` or `FINISHED`
  void status(String run, String status) throws IOException, InterruptedException {
    post("runs/update", json.createObjectNode().put("run_id", run).put("status", status));
  }

  private JsonNode post(String path, ObjectNode body) throws IOException, InterruptedException {
    return accepted(
        send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build()));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE);
    token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
    return request;
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private JsonNode accepted(HttpResponse<String> answer) throws IOException {
    int status = answer.statusCode();
    if (status >= FIRST_ERROR) {
      String body = answer.body().strip();
      String said =
          "%s answers %d: %s"
              .formatted(
                  answer.uri().getPath(),
                  status,
                  body.substring(0, Math.min(SHOWN, body.length())).replaceAll("\\s+", " "));
      throw status >= SERVER_ERROR || status == TOO_MANY
          ? new IOException(said)
          : new RefusedException(said);
    }
    try {
      return json.readTree(answer.body());
    } catch (IOException e) {
      throw new IOException(answer.uri().getPath() + " answers with no JSON", e);
    }
  }

  private static String text(JsonNode answer, String pointer) throws IOException {
    JsonNode value = answer.at(pointer);
    if (!value.isTextual()) {
      throw new IOException("the answer lacks " + pointer);
    }
    return value.textValue();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
