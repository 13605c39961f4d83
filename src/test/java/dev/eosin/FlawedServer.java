package dev.eosin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Serves bytes from this machine, with ranges and ETags, and fails as it is told: one fault for
/// each request, in order, then none.
public final class FlawedServer implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-");

  /// What goes wrong with one request.
  public sealed interface Fault {
    /// The connection closes after so many bytes of the body.
    record Break(int bytes) implements Fault {}

    /// Another answer than the file.
    record Status(int code, Map<String, String> headers) implements Fault {}

    /// Announces so many bytes and sends none.
    record Announce(long bytes) implements Fault {}

    /// The whole file, whatever part was asked for.
    record Whole() implements Fault {}
  }

  /// One request as it came.
  public record Seen(String path, @Nullable String range, @Nullable String authorization) {}

  private final HttpServer server;
  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final Queue<Fault> faults = new ArrayDeque<>();
  private final List<Seen> requests = new CopyOnWriteArrayList<>();

  /// Starts an empty server on a free port.
  public FlawedServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  /// Puts a file on the server.
  ///
  /// @param path such as `/model.bin`
  public URI put(String path, byte[] bytes) {
    synchronized (files) {
      files.put(path, bytes.clone());
    }
    return uri(path);
  }

  public URI uri(String path) {
    InetSocketAddress address = server.getAddress();
    return URI.create("http://127.0.0.1:" + address.getPort() + path);
  }

  /// What goes wrong with the next requests.
  public void fail(Fault... next) {
    synchronized (files) {
      faults.addAll(Arrays.asList(next));
    }
  }

  /// Every request so far.
  public List<Seen> requests() {
    return List.copyOf(requests);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String range = exchange.getRequestHeaders().getFirst("Range");
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    requests.add(new Seen(path, range, authorization));
    Fault fault;
    byte[] bytes;
    synchronized (files) {
      fault = faults.poll();
      bytes = files.get(path);
    }
    try (exchange) {
      switch (fault) {
        case Fault.Status(int code, Map<String, String> headers) -> {
          headers.forEach(exchange.getResponseHeaders()::set);
          exchange.sendResponseHeaders(code, -1);
        }
        case Fault.Announce(long announced) -> {
          exchange.sendResponseHeaders(200, announced);
          exchange.getResponseBody().flush();
        }
        case Fault.Break(int most) -> send(exchange, bytes, range, most);
        case Fault.Whole() -> send(exchange, bytes, null, Integer.MAX_VALUE);
        case null -> send(exchange, bytes, range, Integer.MAX_VALUE);
      }
    }
  }

  private static void send(
      HttpExchange exchange, byte @Nullable [] bytes, @Nullable String range, int most)
      throws IOException {
    if (bytes == null) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    String etag = "\"" + Arrays.hashCode(bytes) + "\"";
    exchange.getResponseHeaders().set("ETag", etag);
    int from = 0;
    Matcher asked = RANGE.matcher(Objects.requireNonNullElse(range, ""));
    if (asked.matches() && etag.equals(exchange.getRequestHeaders().getFirst("If-Range"))) {
      from = Integer.parseInt(asked.group(1));
      String all = String.valueOf(bytes.length);
      if (from >= bytes.length) {
        exchange.getResponseHeaders().set("Content-Range", "bytes */" + all);
        exchange.sendResponseHeaders(416, -1);
        return;
      }
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%s".formatted(from, bytes.length - 1, all));
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
    OutputStream body = exchange.getResponseBody();
    body.write(bytes, from, Math.min(most, bytes.length - from));
    body.flush();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
