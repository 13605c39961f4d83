package dev.eosin.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What every request goes through: who asks, what for, how much; then its endpoint; and every
/// failure becomes one line of JSON that says nothing of this machine.
final class Gate implements HttpHandler {
  private static final String JSON = "application/json";
  private static final String OTHER = "other";

  private final Routes routes;
  private final Guard guard;
  private final Requests requests;
  private final Bodies bodies;
  private final Metrics metrics;
  private final Consumer<String> log;
  private final Semaphore places;
  private volatile boolean stopping;

  /// @param log told of failures that are the server's own, one line each
  Gate(Routes routes, Guard guard, Requests requests, Metrics metrics, Consumer<String> log) {
    this.routes = routes;
    this.guard = guard;
    this.requests = requests;
    this.bodies = new Bodies(requests.limits());
    this.metrics = metrics;
    this.log = log;
    this.places = new Semaphore(requests.limits().requests());
  }

  /// From now on nothing new is begun.
  void stop() {
    stopping = true;
  }

  @Override
  public void handle(HttpExchange exchange) {
    long start = System.nanoTime();
    metrics.atWork().incrementAndGet();
    Optional<Routes.Found> found =
        Optional.ofNullable(exchange.getRequestURI().getPath()).flatMap(routes::find);
    String endpoint = found.map(each -> each.route().name()).orElse(OTHER);
    int status = 0;
    try (exchange) {
      status = placed(exchange, found);
    } catch (IOException hungUp) {
      status = 499;
    } finally {
      metrics.request(endpoint, status, System.nanoTime() - start);
      metrics.atWork().decrementAndGet();
    }
  }

  /// @return the status that was sent
  private int placed(HttpExchange exchange, Optional<Routes.Found> found) throws IOException {
    boolean place = places.tryAcquire();
    try {
      if (!place || stopping) {
        exchange.getResponseHeaders().set("Retry-After", "1");
        return send(exchange, ApiException.busy());
      }
      return answered(exchange, found);
    } finally {
      if (place) {
        places.release();
      }
    }
  }

  private int answered(HttpExchange exchange, Optional<Routes.Found> found) throws IOException {
    Reply reply;
    try {
      reply = reply(exchange, found);
    } catch (ApiException | TimeoutException | ExecutionException | InterruptedException e) {
      return send(exchange, refusal(e));
    } catch (IOException | RuntimeException | Error e) {
      return send(exchange, failure(e));
    }
    return send(exchange, reply);
  }

  private ApiException refusal(Exception checked) {
    return switch (checked) {
      case ApiException said -> said;
      case TimeoutException _ ->
          ApiException.late("the answer takes longer than this server waits; ask for less");
      case ExecutionException failed -> failure(failed.getCause());
      case InterruptedException _ -> {
        Thread.currentThread().interrupt();
        yield ApiException.busy();
      }
      default -> internal(checked);
    };
  }

  private Reply reply(HttpExchange exchange, Optional<Routes.Found> found)
      throws ApiException, IOException, TimeoutException, ExecutionException, InterruptedException {
    boolean open = found.map(each -> each.route().open()).orElse(false);
    guard.requireAllowed(exchange, open);
    Routes.Found wanted =
        found.orElseThrow(
            () ->
                new ApiException(
                    404,
                    "not_found",
                    "",
                    "there is nothing here; docs/serve.md has what there is"));
    String method = exchange.getRequestMethod();
    boolean posts = wanted.route().posts();
    if (posts ? !method.equals("POST") : !method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", posts ? "POST" : "GET, HEAD");
      throw new ApiException(
          405, "method_not_allowed", "", "this is asked with " + (posts ? "POST" : "GET"));
    }
    ObjectNode body = posts ? requests.read(bodies.read(exchange)) : Requests.empty();
    Deadline deadline = Deadline.in(requests.limits().answering());
    return wanted.route().endpoint().answer(new Call(wanted.rest(), body, deadline));
  }

  /// What a client is told of a failure that it is not to blame for; the rest is for the log.
  private ApiException failure(@Nullable Throwable cause) {
    if (cause instanceof ApiException said) {
      return said;
    }
    if (cause instanceof CancellationException) {
      return ApiException.busy();
    }
    if (cause instanceof DataException refused) {
      return ModelRefusal.of(refused).orElseGet(() -> internal(refused));
    }
    return internal(cause);
  }

  private ApiException internal(@Nullable Throwable cause) {
    log.accept("a request failed: " + Requests.line(String.valueOf(cause)));
    return new ApiException(500, "internal", "", "the server failed; its log says why");
  }

  private static int send(HttpExchange exchange, ApiException refused) throws IOException {
    if (refused.status() == 401) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
    }
    // What is left of a body that was refused or is still on its way is not waited for.
    exchange.getResponseHeaders().set("Connection", "close");
    return send(exchange, refused.status(), JSON, line(refused.json()));
  }

  private int send(HttpExchange exchange, Reply reply) throws IOException {
    return switch (reply) {
      case Reply.Json(ObjectNode value) -> send(exchange, 200, JSON, line(value));
      case Reply.Content(String type, byte[] bytes, Map<String, String> headers) -> {
        headers.forEach(exchange.getResponseHeaders()::set);
        yield send(exchange, 200, type, bytes);
      }
      case Reply.Events(Reply.Writer writer) -> events(exchange, writer);
    };
  }

  private int events(HttpExchange exchange, Reply.Writer writer) throws IOException {
    headers(exchange, "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream to = exchange.getResponseBody()) {
      try {
        writer.write(to);
      } catch (ApiException e) {
        ChatEndpoint.event(to, e.json());
      } catch (ExecutionException e) {
        ChatEndpoint.event(to, failure(e.getCause()).json());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return 200;
  }

  private static int send(HttpExchange exchange, int status, String type, byte[] bytes)
      throws IOException {
    headers(exchange, type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return status;
    }
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream to = exchange.getResponseBody()) {
      to.write(bytes);
    }
    return status;
  }

  private static void headers(HttpExchange exchange, String type) {
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.putIfAbsent("Cache-Control", List.of("no-store"));
  }

  private static byte[] line(ObjectNode json) {
    return (json + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
