package dev.eosin.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the server answers, and what it does under load and at its end.
class ServerTest {
  private static final String RED = ToyServer.url(ToyServer.png(0xFF0000));
  private static final String CHAT = "/v1/chat/completions";

  @TempDir private Path home;

  @Test
  void textsAndImagesAreEmbeddedInOneSpace() throws Exception {
    try (ToyServer server = ToyServer.start(home)) {
      String body =
          "{'model':'toy','input':['red','%s',{'type':'text','text':'blue '},{'type':'image_url','image_url':{'url':'%s'}}]}";
      JsonNode both = ToyServer.json(server.post("/v1/embeddings", body.formatted(RED, RED)));
      assertThat(both.path("data")).hasSize(4);
      for (int i = 0; i < 4; i++) {
        assertThat(both.path("data").path(0).path("embedding").path(i).asDouble())
            .isCloseTo(
                both.path("data").path(1).path("embedding").path(i).asDouble(), within(1e-6));
      }
      assertThat(both.path("data").path(3))
          .hasToString(both.path("data").path(1).toString().replace("\"index\":1", "\"index\":3"));
      assertThat(both.path("usage").path("prompt_tokens").asInt()).isEqualTo(2);
      JsonNode packed =
          ToyServer.json(
              server.post("/v1/embeddings", "{'input':'red','encoding_format':'base64'}"));
      ByteBuffer bytes =
          ByteBuffer.wrap(
                  Base64.getDecoder()
                      .decode(packed.path("data").path(0).path("embedding").asText()))
              .order(ByteOrder.LITTLE_ENDIAN);
      assertThat(bytes.remaining()).isEqualTo(4 * ToyEmbedder.WIDTH);
      assertThat((double) bytes.getFloat())
          .isEqualTo(both.path("data").path(0).path("embedding").path(0).floatValue());
      JsonNode cut =
          ToyServer.json(server.post("/v1/embeddings", "{'input':'" + "red ".repeat(20) + "'}"));
      assertThat(cut.path("texts_cut").asInt()).isEqualTo(1);
      assertThat(cut.path("usage").path("total_tokens").asInt()).isEqualTo(12);
    }
  }

  @Test
  void tilesAreClassifiedAndFound() throws Exception {
    try (ToyServer server = ToyServer.start(home)) {
      String classes =
          "{'image':'%s','classes':{'a':['red','a red tile'],'b':'blue'}}".formatted(RED);
      JsonNode classified =
          ToyServer.json(server.post("/zero-shot", classes)).path("images").path(0);
      assertThat(classified.path("best").asText()).isEqualTo("a");
      double sum = 0;
      for (JsonNode each : classified.path("classes")) {
        sum += each.path("probability").asDouble();
      }
      assertThat(sum).isCloseTo(1, within(1e-9));
      JsonNode byText =
          ToyServer.json(server.post("/retrieve", "{'text':'blue','top':2}")).path("found");
      assertThat(byText).hasSize(2);
      assertThat(byText.path(0).path("name").asText()).isEqualTo("blue.png");
      assertThat(byText.path(0).path("label").asText()).isEqualTo("colour");
      JsonNode byImage =
          ToyServer.json(server.post("/retrieve", "{'image':'%s'}".formatted(RED))).path("found");
      assertThat(byImage).hasSize(4);
      assertThat(byImage.path(0).path("name").asText()).isEqualTo("red.png");
      int place = byImage.path(0).path("tile").asInt();
      JsonNode byTile =
          ToyServer.json(server.post("/retrieve", "{'tile':" + place + ",'top':1}")).path("found");
      assertThat(byTile.path(0).path("tile").asInt()).isEqualTo(place);
      try (InputStream picture = server.at("/tiles/" + place).toURL().openStream()) {
        assertThat(ImageIO.read(picture).getRGB(100, 100) & 0xFFFFFF).isEqualTo(0xFF0000);
      }
      Files.delete(home.resolve("secret-folder/red.png"));
      HttpResponse<String> gone = server.get("/tiles/" + place);
      assertThat(gone.statusCode()).isEqualTo(404);
      assertThat(gone.body()).doesNotContain("secret");
    }
  }

  @Test
  void conversationsAreAnsweredAtOnceAndInPieces() throws Exception {
    try (ToyServer server = ToyServer.start(home)) {
      String messages =
          "'messages':[{'role':'system','content':'be brief'},{'role':'user','content':[{'type':'image_url','image_url':{'url':'%s'}},{'type':'text','text':'what is it'}]}]"
              .formatted(RED);
      JsonNode whole = ToyServer.json(server.post(CHAT, "{" + messages + "}"));
      String said = "2 messages, 1 images: what is it";
      assertThat(whole.path("choices").path(0).path("message").path("content").asText())
          .isEqualTo(said);
      HttpResponse<String> streamed = server.post(CHAT, "{'stream':true," + messages + "}");
      assertThat(streamed.headers().firstValue("Content-Type")).contains("text/event-stream");
      List<String> lines = streamed.body().lines().filter(line -> !line.isEmpty()).toList();
      assertThat(lines).last().isEqualTo("data: [DONE]");
      var pieces = new StringBuilder();
      for (String line : lines.subList(0, lines.size() - 1)) {
        JsonNode choice =
            new ObjectMapper().readTree(line.substring("data: ".length())).path("choices").path(0);
        pieces.append(choice.path("delta").path("content").asText());
      }
      assertThat(pieces).hasToString(said);
      JsonNode revised =
          ToyServer.json(
              server.post("/revise", "{'image':'%s','caption':'a blue cell'}".formatted(RED)));
      assertThat(revised.path("pieces"))
          .hasToString(
              "[{\"mark\":\"plain\",\"text\":\"a \"},{\"mark\":\"out\",\"text\":\"blue\"},{\"mark\":\"in\",\"text\":\"red\"},{\"mark\":\"plain\",\"text\":\" cell\"}]");
    }
  }

  @Test
  void whoHangsUpEndsTheWorkForHim() throws Exception {
    ServeSettings settings = ToyServer.settings(ToyServer.LIMITS, 4, Optional.empty());
    try (ToyServer server = ToyServer.start(home, settings, 0, 20);
        HttpClient client = HttpClient.newHttpClient()) {
      String body =
          "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
              .formatted("word ".repeat(90));
      HttpRequest request =
          HttpRequest.newBuilder(server.at(CHAT))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      var answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (var lines =
          new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
        assertThat(lines.readLine()).startsWith("data: ");
      }
      client.shutdownNow();
      HttpResponse<String> next =
          server.post(CHAT, "{'messages':[{'role':'user','content':'next'}]}");
      assertThat(next.body()).contains("1 messages, 0 images: next");
      assertThat(server.answers().told()).isLessThan(90);
    }
  }

  @Test
  void inputsOfManyClientsGoThroughTheModelTogether() throws Exception {
    ServeSettings settings = ToyServer.settings(ToyServer.LIMITS, 4, Optional.empty());
    try (ToyServer server = ToyServer.start(home, settings, 100, 0);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      int before = server.embedder().passes().size();
      List<Future<JsonNode>> answers = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        String text = i % 2 == 0 ? "red" : "blue";
        answers.add(
            clients.submit(
                () -> ToyServer.json(server.post("/v1/embeddings", "{'input':'" + text + "'}"))));
      }
      for (int i = 0; i < 12; i++) {
        JsonNode vector = answers.get(i).get().path("data").path(0).path("embedding");
        assertThat(vector.path(i % 2 == 0 ? 0 : 2).asDouble()).isGreaterThan(0.9);
      }
      List<Integer> passes = server.embedder().passes();
      assertThat(passes.subList(before, passes.size())).hasSizeLessThan(7).allMatch(n -> n <= 4);
      String metrics = server.get("/metrics").body();
      assertThat(metrics)
          .contains("eosin_requests_total{endpoint=\"embeddings\",code=\"200\"} 12\n")
          .contains("eosin_batch_size_sum{input=\"text\"} 12\n")
          .contains("eosin_request_seconds_bucket{endpoint=\"embeddings\",le=\"+Inf\"} 12\n");
    }
  }

  @Test
  void whatNobodyWaitsForIsNotComputed() throws Exception {
    ServeSettings settings = ToyServer.settings(ToyServer.LIMITS, 4, Optional.empty());
    try (ToyServer server = ToyServer.start(home, settings, 1000, 0);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      int before = server.embedder().passes().size();
      var first = clients.submit(() -> server.post("/v1/embeddings", "{'input':'green'}"));
      while (server.embedder().passes().size() == before) {
        Thread.sleep(5);
      }
      assertThat(server.post("/v1/embeddings", "{'input':['red','blue',3]}").statusCode())
          .isEqualTo(400);
      assertThat(server.post("/v1/embeddings", "{'input':'blue'}").statusCode()).isEqualTo(200);
      assertThat(first.get().statusCode()).isEqualTo(200);
      List<Integer> passes = server.embedder().passes();
      assertThat(passes.subList(before, passes.size())).containsExactly(1, 1);
    }
  }

  @Test
  void tooMuchAtOnceIsToldToComeBackAndTheEndWaitsForWhatIsAtWork() throws Exception {
    var limits =
        new ServeLimits(1000, 100, 4, 100, 2, Duration.ofSeconds(1), Duration.ofSeconds(5));
    ServeSettings settings = ToyServer.settings(limits, 1, Optional.empty());
    try (ToyServer server = ToyServer.start(home, settings, 400, 0)) {
      List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        all.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return server.post("/v1/embeddings", "{'input':'red'}");
                  } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                },
                Thread::startVirtualThread));
      }
      Thread.sleep(200);
      assertThat(server.server().finish(Duration.ofSeconds(10))).isTrue();
      List<Integer> statuses = all.stream().map(each -> each.join().statusCode()).sorted().toList();
      assertThat(statuses).containsExactly(200, 200, 503, 503, 503, 503);
      HttpResponse<String> late = server.post("/v1/embeddings", "{'input':'red'}");
      assertThat(late.statusCode()).isEqualTo(503);
      assertThat(late.headers().firstValue("Retry-After")).contains("1");
    }
  }

  @Test
  void whatTakesTooLongIsGivenUp() throws Exception {
    var limits =
        new ServeLimits(1000, 100, 4, 100, 2, Duration.ofSeconds(1), Duration.ofMillis(100));
    ServeSettings settings = ToyServer.settings(limits, 1, Optional.empty());
    try (ToyServer server = ToyServer.start(home, settings, 600, 0)) {
      HttpResponse<String> late = server.post("/v1/embeddings", "{'input':'red'}");
      assertThat(late.statusCode()).isEqualTo(503);
      assertThat(ToyServer.json(late).path("error").path("code").asText()).isEqualTo("timeout");
    }
  }

  @Test
  void aTokenIsAskedForAndOpensOtherNames() throws Exception {
    String token = "0123456789abcdef0123";
    ServeSettings settings = ToyServer.settings(ToyServer.LIMITS, 4, Optional.of(token));
    try (ToyServer server = ToyServer.start(home, settings, 0, 0)) {
      assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
      assertThat(server.get("/").statusCode()).isEqualTo(200);
      for (String path : List.of("/v1/models", "/metrics", "/tiles/0")) {
        assertThat(server.get(path).statusCode()).as(path).isEqualTo(401);
      }
      for (String wrong : List.of("Bearer " + token + "x", "Bearer ", "Basic " + token, token)) {
        assertThat(models(server, wrong).statusCode()).as(wrong).isEqualTo(401);
      }
      JsonNode models = ToyServer.json(models(server, "Bearer " + token)).path("data");
      assertThat(models.findValuesAsText("id")).containsExactly("toy", "toy-chat");
      assertThat(models.path(0).path("can"))
          .hasToString("[\"embeddings\",\"zero-shot\",\"retrieve\"]");
      assertThat(models.path(1).path("can")).hasToString("[\"chat\",\"revise\"]");
    }
  }

  private static HttpResponse<String> models(ToyServer server, String authorization)
      throws IOException, InterruptedException {
    return ToyServer.sent(
        HttpRequest.newBuilder(server.at("/v1/models"))
            .header("Authorization", authorization)
            .build());
  }

  @Test
  void thePageRunsItsOwnScriptAlone() throws Exception {
    try (ToyServer server = ToyServer.start(home)) {
      HttpResponse<String> page = server.get("/");
      assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
      String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
      assertThat(policy)
          .startsWith("default-src 'none'; script-src 'sha256-")
          .contains("require-trusted-types-for 'script'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(page.body()).doesNotContain("innerHTML", "http://", "https://", "eval(");
      HttpResponse<String> head =
          ToyServer.sent(
              HttpRequest.newBuilder(server.at("/"))
                  .method("HEAD", HttpRequest.BodyPublishers.noBody())
                  .build());
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
    }
  }

  @Test
  void aPortThatIsTakenIsNamedAsInAUrl() throws Exception {
    try (ToyServer server = ToyServer.start(home)) {
      int taken = server.at("/").getPort();
      var settings =
          new ServeSettings(
              InetAddress.getLoopbackAddress(),
              taken,
              Optional.empty(),
              1,
              Duration.ZERO,
              ServeLimits.DEFAULT);
      var model = new ServedAnswers("toy", new ToyAnswers(0), true, 64, Optional.empty());
      var answers = new Served(Optional.empty(), Optional.of(model), Optional.empty(), 0);
      assertThatThrownBy(() -> Server.start(answers, settings, line -> {}))
          .isInstanceOf(DataException.class)
          .hasMessageStartingWith("127.0.0.1:%d: cannot be listened at: ".formatted(taken));
    }
  }

  @Test
  void aBodyOfAnotherTypeIsToldHowToBeSent() throws Exception {
    try (ToyServer server = ToyServer.start(home)) {
      HttpResponse<String> form =
          ToyServer.sent(
              HttpRequest.newBuilder(server.at("/v1/embeddings"))
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(HttpRequest.BodyPublishers.ofString("{\"input\":\"red\"}"))
                  .build());
      assertThat(form.statusCode()).isEqualTo(415);
      assertThat(ToyServer.json(form).path("error").path("message").asText())
          .contains("here it is of 'application/x-www-form-urlencoded'")
          .contains("with curl give --json BODY instead of -d BODY");
    }
  }

  @Test
  void settingsThatAreNotSafeAreRefused() throws Exception {
    InetAddress everywhere = InetAddress.getByName("0.0.0.0");
    assertThatThrownBy(
            () ->
                new ServeSettings(
                    everywhere, 0, Optional.empty(), 1, Duration.ZERO, ServeLimits.DEFAULT))
        .hasMessageContaining("needs a token; set EOSIN_TOKEN");
    assertThatThrownBy(() -> ToyServer.settings(ServeLimits.DEFAULT, 1, Optional.of("short")))
        .hasMessageContaining("fewer than 16 characters");
    for (String token :
        List.of("0123456789abcdef\n", "0123456789 abcdef", "0123456789abcdef\u00e9")) {
      assertThatThrownBy(() -> ToyServer.settings(ServeLimits.DEFAULT, 1, Optional.of(token)))
          .hasMessageContaining("EOSIN_TOKEN has a space, a line's end or a letter beyond ASCII");
    }
    try (ToyServer server = ToyServer.start(home)) {
      var taken =
          new ServeSettings(
              InetAddress.getLoopbackAddress(),
              server.server().address().getPort(),
              Optional.empty(),
              1,
              Duration.ZERO,
              ServeLimits.DEFAULT);
      assertThatThrownBy(() -> ToyServer.start(home.resolve("other"), taken, 0, 0))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("choose another with --port");
    }
  }
}
