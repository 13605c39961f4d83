package dev.eosin.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The system's Chromium without a window, driven by its DevTools protocol.
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  private final Process process;
  private final HttpClient client;
  private final WebSocket socket;
  private final Answers answers;
  private final AtomicInteger last = new AtomicInteger();

  private Browser(Process process, HttpClient client, WebSocket socket, Answers answers) {
    this.process = process;
    this.client = client;
    this.socket = socket;
    this.answers = answers;
  }

  /// Messages by the number of what they answer.
  private static final class Answers implements WebSocket.Listener {
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final StringBuilder part = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(
        WebSocket socket, CharSequence data, boolean finished) {
      part.append(data);
      if (finished) {
        try {
          JsonNode message = JSON.readTree(part.toString());
          part.setLength(0);
          CompletableFuture<JsonNode> wanted = waiting.remove(message.path("id").asInt(-1));
          if (wanted != null) {
            wanted.complete(message);
          }
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
      socket.request(1);
      return null;
    }
  }

  /// Where the system has one.
  static Optional<Path> installed() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return NAMES.stream()
        .flatMap(name -> Stream.of(path.split(File.pathSeparator)).map(in -> Path.of(in, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// Starts one with an empty page.
  ///
  /// @param profile a folder of its own
  static Browser start(Path program, Path profile) throws Exception {
    List<String> command = new ArrayList<>(List.of(program.toString(), "--headless=new"));
    command.addAll(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"));
    command.addAll(List.of("--no-first-run", "--disable-extensions", "--disable-sync"));
    command.addAll(List.of("--disable-background-networking", "--disable-component-update"));
    command.addAll(List.of("--remote-debugging-port=0", "--user-data-dir=" + profile));
    command.add("about:blank");
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    try {
      URI tools = tools(process);
      Thread.ofVirtual().start(() -> drain(process));
      HttpClient client = HttpClient.newHttpClient();
      URI list = URI.create("http://127.0.0.1:%d/json/list".formatted(tools.getPort()));
      HttpResponse<String> pages =
          client.send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString());
      String page = JSON.readTree(pages.body()).path(0).path("webSocketDebuggerUrl").asText();
      var answers = new Answers();
      WebSocket socket = client.newWebSocketBuilder().buildAsync(URI.create(page), answers).join();
      return new Browser(process, client, socket, answers);
    } catch (Exception e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static URI tools(Process process) throws IOException {
    BufferedReader messages = process.errorReader();
    for (String line = messages.readLine(); line != null; line = messages.readLine()) {
      int at = line.indexOf("ws://");
      if (at >= 0) {
        return URI.create(line.substring(at).strip());
      }
    }
    throw new IOException("the browser ended without a word of its tools");
  }

  private static void drain(Process process) {
    try {
      process.errorReader().lines().forEach(line -> {});
    } catch (java.io.UncheckedIOException ended) {
      // Nobody reads what it says at its end.
    }
  }

  private JsonNode command(String method, ObjectNode parameters) throws Exception {
    int id = last.incrementAndGet();
    var answer = new CompletableFuture<JsonNode>();
    answers.waiting.put(id, answer);
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", parameters);
    socket.sendText(message.toString(), true).join();
    JsonNode found = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (found.has("error")) {
      throw new IllegalStateException(method + ": " + found.path("error"));
    }
    return found.path("result");
  }

  void open(URI page) throws Exception {
    command("Page.navigate", JSON.createObjectNode().put("url", page.toString()));
    await("document.readyState === 'complete' && location.href !== 'about:blank'");
  }

  /// What JavaScript gives, awaited.
  JsonNode evaluate(String script) throws Exception {
    JsonNode result =
        command(
            "Runtime.evaluate",
            JSON.createObjectNode()
                .put("expression", script)
                .put("awaitPromise", true)
                .put("returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(script + ": " + result.path("exceptionDetails"));
    }
    return result.path("result").path("value");
  }

  String text(String selector) throws Exception {
    return evaluate("document.querySelector(%s).innerText".formatted(quoted(selector))).asText();
  }

  static String quoted(String text) throws IOException {
    return JSON.writeValueAsString(text);
  }

  /// Waits until an expression is true.
  void await(String condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!evaluate("!!(" + condition + ")").asBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "never true: %s; the page says %s".formatted(condition, text("body")));
      }
      Thread.sleep(20);
    }
  }

  /// Puts a text into a field as if it was typed.
  void type(String selector, String text) throws Exception {
    evaluate(
        "(() => { const field = document.querySelector(%s); field.focus(); field.value = ''; })()"
            .formatted(quoted(selector)));
    command("Input.insertText", JSON.createObjectNode().put("text", text));
  }

  /// Presses a key where the focus is.
  ///
  /// @param name `Enter` or `Tab`
  void press(String name) throws Exception {
    boolean enter = name.equals("Enter");
    for (String type : List.of("keyDown", "keyUp")) {
      ObjectNode key = JSON.createObjectNode().put("type", type).put("key", name).put("code", name);
      key.put("windowsVirtualKeyCode", enter ? 13 : 9);
      if (enter && type.equals("keyDown")) {
        key.put("text", "\r");
      }
      command("Input.dispatchKeyEvent", key);
    }
  }

  /// Chooses a file.
  void choose(String selector, Path file) throws Exception {
    JsonNode document = command("DOM.getDocument", JSON.createObjectNode());
    ObjectNode query = JSON.createObjectNode().put("selector", selector);
    query.put("nodeId", document.path("root").path("nodeId").asInt());
    int node = command("DOM.querySelector", query).path("nodeId").asInt();
    ObjectNode chosen = JSON.createObjectNode().put("nodeId", node);
    chosen.putArray("files").add(file.toString());
    command("DOM.setFileInputFiles", chosen);
  }

  void size(int width, int height) throws Exception {
    command(
        "Emulation.setDeviceMetricsOverride",
        JSON.createObjectNode()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", false));
  }

  /// The whole page as a picture.
  void picture(Path file) throws Exception {
    JsonNode png =
        command(
            "Page.captureScreenshot",
            JSON.createObjectNode().put("format", "png").put("captureBeyondViewport", true));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, Base64.getDecoder().decode(png.path("data").asText()));
  }

  @Override
  public void close() throws Exception {
    socket.abort();
    client.shutdownNow();
    List<ProcessHandle> all = process.descendants().toList();
    process.destroyForcibly().waitFor();
    all.forEach(ProcessHandle::destroyForcibly);
    // Their profile can be removed once none of them writes into it.
    all.forEach(each -> each.onExit().join());
  }
}
