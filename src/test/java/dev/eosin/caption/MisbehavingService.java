package dev.eosin.caption;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// A service on this machine that answers as OpenAI's does, after it has failed as it is told. What
/// it answers is a function of the request.
final class MisbehavingService implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// What goes wrong with one request.
  sealed interface Fault {
    /// Another status, with a body.
    record Status(int code, String body, Map<String, String> headers) implements Fault {}

    /// A body of status 200 that is no answer.
    record Body(String text) implements Fault {}

    /// Half of the answer, then nothing; with or without the length told before.
    record Cut(boolean told) implements Fault {}

    /// The connection closes before anything is sent.
    record Reset() implements Fault {}

    /// The answer comes so much later.
    record Slow(int millis) implements Fault {}
  }

  /// A request as it came.
  record Seen(JsonNode body, Optional<String> authorization, long nanos) {}

  private final HttpServer server;
  private final Function<JsonNode, Queue<Fault>> faults;
  private final Queue<Fault> next = new ArrayDeque<>();
  private final Map<String, Queue<Fault>> left = new ConcurrentHashMap<>();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> paid = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger mostOpen = new AtomicInteger();

  private MisbehavingService(HttpServer server, Function<JsonNode, Queue<Fault>> faults) {
    this.server = server;
    this.faults = faults;
  }

  /// Fails only as [#fail] says.
  static MisbehavingService start() throws IOException {
    return start(request -> new ArrayDeque<>());
  }

  /// @param faults what goes wrong with each different request, each time before it is answered
  static MisbehavingService start(Function<JsonNode, Queue<Fault>> faults) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var service = new MisbehavingService(server, faults);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/chat/completions", service::answer);
    // Its thread is a daemon where the one that starts it is: a process must end in spite of it.
    Thread starter = Thread.ofPlatform().daemon().start(server::start);
    try {
      starter.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return service;
  }

  LlmEndpoint endpoint(String key) throws DataException {
    return LlmEndpoint.of(
        "http://127.0.0.1:%d/v1/".formatted(server.getAddress().getPort()), Optional.of(key));
  }

  /// What goes wrong with the next requests, whatever they ask.
  void fail(Fault... more) {
    synchronized (next) {
      next.addAll(Arrays.asList(more));
    }
  }

  List<Seen> seen() {
    return List.copyOf(seen);
  }

  /// How many whole answers were sent to each request: those that somebody would pay for.
  Map<String, Integer> paid() {
    var counts = new java.util.TreeMap<String, Integer>();
    paid.forEach((request, count) -> counts.put(request, count.get()));
    return counts;
  }

  /// The most requests that were open at once.
  int mostOpen() {
    return mostOpen.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
    try (exchange) {
      JsonNode request = JSON.readTree(exchange.getRequestBody());
      Optional<String> key =
          Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
      seen.add(new Seen(request, key, System.nanoTime()));
      respond(exchange, request, fault(request));
    } finally {
      open.decrementAndGet();
    }
  }

  private Optional<Fault> fault(JsonNode request) {
    synchronized (next) {
      if (!next.isEmpty()) {
        return Optional.of(next.remove());
      }
      return Optional.ofNullable(
          left.computeIfAbsent(request.toString(), _ -> faults.apply(request)).poll());
    }
  }

  private void respond(HttpExchange exchange, JsonNode request, Optional<Fault> fault)
      throws IOException {
    byte[] whole = JSON.writeValueAsBytes(completion(request));
    switch (fault.orElse(null)) {
      case Fault.Status(int code, String body, Map<String, String> headers) -> {
        headers.forEach(exchange.getResponseHeaders()::set);
        send(exchange, code, body.getBytes(StandardCharsets.UTF_8));
      }
      case Fault.Body(String text) -> send(exchange, 200, text.getBytes(StandardCharsets.UTF_8));
      case Fault.Cut(boolean told) -> {
        exchange.sendResponseHeaders(200, told ? whole.length : 0);
        exchange.getResponseBody().write(whole, 0, whole.length / 2);
        exchange.getResponseBody().flush();
      }
      case Fault.Reset() -> {}
      case Fault.Slow(int millis) -> {
        sleep(millis);
        send(exchange, 200, whole);
      }
      case null -> {
        paid.computeIfAbsent(request.toString(), _ -> new AtomicInteger()).incrementAndGet();
        left.remove(request.toString());
        send(exchange, 200, whole);
      }
    }
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int code, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private static ObjectNode completion(JsonNode request) {
    JsonNode messages = request.path("messages");
    JsonNode content = messages.path(messages.size() - 1).path("content");
    String text =
        content.isTextual()
            ? content.asText()
            : content.path(content.size() - 1).path("text").asText();
    String said =
        text.contains("letter of one of them")
            ? "B."
            : text.contains("Refuse")
                ? ""
                : "It shows %08x.".formatted(request.toString().hashCode());
    ObjectNode answer =
        JSON.createObjectNode().put("id", "chatcmpl-1").put("object", "chat.completion");
    ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
    choice.putObject("message").put("role", "assistant").put("content", said);
    choice.put("finish_reason", "stop");
    answer.putObject("usage").put("prompt_tokens", text.length()).put("completion_tokens", 7);
    return answer;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
