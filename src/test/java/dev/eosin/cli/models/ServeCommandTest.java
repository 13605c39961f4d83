package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.api.ClipOptions;
import dev.eosin.api.PathologyClip;
import dev.eosin.cli.CommandRun;
import dev.eosin.cli.TinyRecipe;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.train.machine.Processor;
import dev.eosin.vllm.TinyVisionLanguage;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin serve` in processes of its own, with stored models and an index.
class ServeCommandTest {
  private static final String TOKEN = "0123456789abcdef";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path home;
  private static Path run;
  private static Path index;
  private static List<Path> tiles;

  @BeforeAll
  static void embed() throws IOException {
    TinyRecipe recipe = TinyRecipe.in(home);
    assertThat(recipe.eosin("train")).as(recipe.err()).isZero();
    run = recipe.run;
    Path images = home.resolve("tiles");
    Path folder = Files.createDirectories(images.resolve("stroma"));
    for (int i = 0; i < 5; i++) {
      byte[] pixels = new byte[3 * 32 * 32];
      for (int at = 0; at < pixels.length; at++) {
        pixels[at] = (byte) (at * (i + 1) + at / 80);
      }
      Files.write(folder.resolve("t%d.png".formatted(i)), Png.encode(new RgbImage(32, 32, pixels)));
    }
    try (Stream<Path> files = Files.list(folder)) {
      tiles = files.sorted().toList();
    }
    Path embeddings = home.resolve("e.parquet");
    eosin("embed", "--model", run, "--images", images, "--out", embeddings, "--no-cache");
    index = home.resolve("e.index");
    eosin("index", embeddings, "--out", index);
  }

  private static void eosin(Object... arguments) {
    CommandRun done = CommandRun.of(arguments);
    assertThat(done.code()).as(done.err()).isZero();
  }

  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(file.toString(), Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
      }
    }
    return all;
  }

  private static String url(Path image) throws IOException {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(Files.readAllBytes(image));
  }

  @Test
  void aKilledServerIsStartedAgainAndEndsInGoodOrder() throws Exception {
    Map<String, String> before = contents(index);
    String query = "{\"image\":\"%s\",\"top\":3}".formatted(url(tiles.get(2)));
    JsonNode found;
    try (ServeProcess server =
        ServeProcess.start(home, "--clip", run, "--index", index, "--threads", 1)) {
      found = JSON.readTree(server.post("/retrieve", query).body());
      assertThat(found.path("found").path(0).path("name").asText()).isEqualTo("t2.png");
      assertThat(found.path("found").path(0).path("cosine").asDouble()).isCloseTo(1, within(1e-5));
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        clients.add(Thread.startVirtualThread(() -> askOn(server, query)));
      }
      Thread.sleep(300);
      server.kill();
      for (Thread client : clients) {
        client.join();
      }
    }
    assertThat(contents(index)).isEqualTo(before);
    Path chat = TinyVisionLanguage.in(home.resolve("chat"));
    try (ServeProcess server =
        ServeProcess.start(
            home,
            "--clip",
            run,
            "--index",
            index,
            "--threads",
            1,
            "--chat",
            chat,
            "--max-new-tokens",
            5,
            "--request-time",
            1)) {
      assertThat(JSON.readTree(server.post("/retrieve", query).body())).isEqualTo(found);
      answersAsTheModelDoes(server);
      talks(server);
      hangsUpOnWhoStalls(server);
      server.signal("TERM");
      assertThat(server.exitCode()).as(server.messages()).isEqualTo(ExitCode.DONE);
      assertThat(server.messages())
          .contains("/ (Ctrl-C or SIGTERM ends it)")
          .contains("SIGTERM: finishes the open requests and stops; a second signal ends at once");
    }
    assertThat(contents(index)).isEqualTo(before);
  }

  @Test
  void aServerThatCutsRequestsOffEndsAsBySignal() throws Exception {
    try (ServeProcess server = ServeProcess.start(home, "--clip", run, "--grace", 0);
        Socket open = new Socket("127.0.0.1", server.address().getPort())) {
      String half =
          "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
      open.getOutputStream().write(half.getBytes(StandardCharsets.UTF_8));
      // Its headers have arrived when a later request is answered.
      assertThat(server.post("/v1/embeddings", "{\"input\":\"a\"}").statusCode()).isEqualTo(200);
      server.signal("TERM");
      assertThat(server.exitCode()).as(server.messages()).isEqualTo(143);
      assertThat(server.messages()).contains("some requests were not finished within the grace");
    }
  }

  private static void askOn(ServeProcess server, String query) {
    try {
      while (server.post("/retrieve", query).statusCode() == 200) {
        Thread.onSpinWait();
      }
    } catch (IOException killed) {
      // As it was meant.
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void answersAsTheModelDoes(ServeProcess server) throws Exception {
    String body = "{\"input\":[\"a tile of stroma\",\"%s\"]}".formatted(url(tiles.getFirst()));
    JsonNode data = JSON.readTree(server.post("/v1/embeddings", body).body()).path("data");
    ClipOptions options = ClipOptions.DEFAULT.withDevice(Processor.CPU).withThreads(1);
    try (PathologyClip clip = PathologyClip.open(run, options)) {
      float[][] wanted = {
        clip.encodeTexts(List.of("a tile of stroma"))[0],
        clip.encodeImages(List.of(tiles.getFirst()))[0]
      };
      for (int row = 0; row < 2; row++) {
        for (int i = 0; i < wanted[row].length; i++) {
          assertThat(data.path(row).path("embedding").path(i).asDouble())
              .isCloseTo(wanted[row][i], within(1e-5));
        }
      }
    }
  }

  private static void talks(ServeProcess server) throws Exception {
    String body =
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}},{\"type\":\"text\",\"text\":\"what is it\"}]}]%s}";
    String image = url(tiles.getFirst());
    var whole = server.post("/v1/chat/completions", body.formatted(image, ""));
    assertThat(whole.statusCode()).as(whole.body()).isEqualTo(200);
    String said =
        JSON.readTree(whole.body())
            .path("choices")
            .path(0)
            .path("message")
            .path("content")
            .asText();
    var streamed = server.post("/v1/chat/completions", body.formatted(image, ",\"stream\":true"));
    var pieces = new StringBuilder();
    for (String line : streamed.body().lines().filter(one -> one.startsWith("data: {")).toList()) {
      JsonNode choice = JSON.readTree(line.substring("data: ".length())).path("choices").path(0);
      pieces.append(choice.path("delta").path("content").asText());
    }
    assertThat(pieces).hasToString(said);
    String endless =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted("word ".repeat(1500));
    var refused = server.post("/v1/chat/completions", endless);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
    assertThat(refused.body()).doesNotContain(home.toString());
  }

  /// Not even the headers are sent to their end.
  private static void hangsUpOnWhoStalls(ServeProcess server) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write("GET / HTTP/1.1\r\nHost:".getBytes(StandardCharsets.UTF_8));
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(server.post("/v1/embeddings", "{\"input\":\"a\"}").statusCode()).isEqualTo(200);
  }

  @Test
  void aTokenOfTheEnvironmentIsAskedFor() throws Exception {
    try (ServeProcess server =
        ServeProcess.start(Map.of("EOSIN_TOKEN", TOKEN), home, "--clip", run)) {
      assertThat(server.post("/v1/embeddings", "{\"input\":\"a\"}").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void whatCannotBeServedIsSaidBeforeAnythingIsOpened() {
    assertRefused("nothing to serve; name a model with --clip", "serve");
    assertRefused("needs a token; set EOSIN_TOKEN", "serve", "--clip", run, "--host", "0.0.0.0");
    assertRefused("--index needs the model", "serve", "--chat", run, "--index", index);
    assertRefused("a batch has at least 1", "serve", "--clip", run, "--batch", 0);
    assertRefused("a port is 0 to 65535, here 99999", "serve", "--clip", run, "--port", 99999);
  }

  private static void assertRefused(String message, Object... arguments) {
    CommandRun refused = CommandRun.of(arguments);
    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).contains(message);
  }
}
