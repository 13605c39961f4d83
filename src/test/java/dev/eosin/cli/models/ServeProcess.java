package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.Main;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `eosin serve` in a JVM of its own, at a port that the system chooses.
final class ServeProcess implements AutoCloseable {
  private static final List<String> ENGINE_FLAGS =
      List.of("--enable-native-access", "--sun-misc", "-Dai.djl", "-Djava.awt");
  private static final Pattern ADDRESS = Pattern.compile("serving at (http://\\S+/)");
  private static final long LONGEST_WAIT_SECONDS = 120;

  private final Process process;
  private final Path messages;
  private final URI address;
  private final HttpClient client = HttpClient.newHttpClient();

  private ServeProcess(Process process, Path messages, URI address) {
    this.process = process;
    this.messages = messages;
    this.address = address;
  }

  static ServeProcess start(Path home, Object... arguments) throws Exception {
    return start(Map.of(), home, arguments);
  }

  static ServeProcess start(Map<String, String> environment, Path home, Object... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> ENGINE_FLAGS.stream().anyMatch(flag::startsWith))
        .forEach(command::add);
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx512m", "-XX:-UsePerfData"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("serve", "--port", "0", "--device", "cpu"));
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    File messages = Files.createTempFile(home, "serve", ".stderr").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(messages).redirectOutput(messages);
    builder.environment().remove("EOSIN_TOKEN");
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      return new ServeProcess(process, messages.toPath(), awaited(process, messages.toPath()));
    } catch (Exception | Error e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static URI awaited(Process process, Path messages) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_WAIT_SECONDS);
    while (true) {
      String said = Files.readString(messages);
      Matcher found = ADDRESS.matcher(said);
      if (found.find()) {
        return URI.create(found.group(1));
      }
      assertThat(process.isAlive() && System.nanoTime() < end).as(said).isTrue();
      Thread.sleep(20);
    }
  }

  URI address() {
    return address;
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /// Ends it without any chance to finish.
  void kill() throws InterruptedException {
    assertThat(process.isAlive()).isTrue();
    process.destroyForcibly().waitFor();
  }

  /// @param signal such as `TERM`
  void signal(String signal) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
  }

  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /// What it has printed.
  String messages() throws IOException {
    return Files.readString(messages);
  }

  @Override
  public void close() throws InterruptedException {
    client.shutdownNow();
    process.destroyForcibly().waitFor();
  }
}
