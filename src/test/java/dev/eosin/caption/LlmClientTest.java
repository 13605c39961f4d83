package dev.eosin.caption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.caption.MisbehavingService.Fault;
import dev.eosin.caption.MisbehavingService.Seen;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.image.Raster;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.PreparationSettings.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A service that fails in every way that services are known for.
class LlmClientTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-05T10:00:00Z"));
  private MisbehavingService service;

  @BeforeEach
  void start() throws IOException {
    service = MisbehavingService.start();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private LlmClient client(int attempts, int silenceMillis) throws DataException {
    return new LlmClient(
        LlmFixture.settings(4),
        service.endpoint(LlmFixture.KEY),
        LlmFixture.patience(attempts, silenceMillis),
        CLOCK);
  }

  private Answerer.Answer ask(Question question) throws IOException {
    try (LlmClient client = client(4, 20_000)) {
      return client.answer(question);
    }
  }

  @Test
  void aRequestHasWhatTheSettingsSay() throws IOException {
    ask(LlmFixture.question("What is shown?", LlmFixture.picture(64, 48)));
    Seen seen = service.seen().getFirst();
    assertThat(seen.authorization()).contains("Bearer " + LlmFixture.KEY);
    JsonNode body = seen.body();
    assertThat(body.path("model").asText()).isEqualTo("drawn-model");
    assertThat(body.path("temperature").asDouble(-1)).isZero();
    assertThat(body.path("seed").asLong()).isEqualTo(3);
    assertThat(body.path("max_tokens").asInt()).isEqualTo(40);
    assertThat(body.path("messages").path(0).path("role").asText()).isEqualTo("system");
    JsonNode parts = body.path("messages").path(1).path("content");
    assertThat(parts.path(1).path("text").asText()).isEqualTo("What is shown?");
    String url = parts.path(0).path("image_url").path("url").asText();
    assertThat(url).startsWith("data:image/jpeg;base64,");
    byte[] jpeg = Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1));
    Raster picture = new ImageDecoder().decode(jpeg, "picture");
    assertThat(picture.width()).isEqualTo(32);
    assertThat(picture.height()).isEqualTo(24);
  }

  @Test
  void whatItIsToldAndShownStandsBeforeTheQuestion() {
    LlmSettings plain = LlmFixture.settings(1);
    LlmSettings shown =
        plain.told("Look.", List.of(new LlmSettings.Example("Is it red?", "Yes, all of it.")));
    ChatRequest request = ChatRequest.of(shown, LlmFixture.question("What is shown?"));

    assertThat(request.recorded().path("messages"))
        .extracting(one -> one.path("role").asText() + ": " + one.path("content").asText())
        .containsExactly(
            "system: Look.",
            "user: Is it red?",
            "assistant: Yes, all of it.",
            "user: What is shown?");
    Cost without =
        ChatRequest.of(plain.told("Look.", List.of()), LlmFixture.question("What is shown?"))
            .most();
    assertThat(request.most().tokens() - without.tokens()).isGreaterThan(24);
    assertThat(shown.pins()).containsKey("llm.examples");
    assertThat(plain.pins()).doesNotContainKey("llm.examples");
  }

  @Test
  void anyKindOfPictureIsSentAsASmallJpeg() throws IOException {
    Path webp = Path.of("src/test/resources/image-formats/files/webp-lossy-profile.webp");
    Raster decoded = new ImageDecoder().decode(ImageDecoder.bytes(webp), webp.toString());
    ask(LlmFixture.question("What is shown?", decoded.toRgb()));
    JsonNode content = service.seen().getFirst().body().path("messages").path(1).path("content");
    String url = content.path(0).path("image_url").path("url").asText();
    byte[] jpeg = Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1));
    Raster sent = new ImageDecoder().decode(jpeg, "sent");
    assertThat(Math.max(sent.width(), sent.height())).isLessThanOrEqualTo(32);
    assertThat(jpeg.length).isLessThan(4_000);
  }

  static Stream<Fault> passing() {
    return Stream.of(
        new Fault.Status(429, "{}", Map.of("Retry-After", "0")),
        new Fault.Status(429, "", Map.of()),
        new Fault.Status(500, "<html>no</html>", Map.of()),
        new Fault.Status(503, "{\"error\":{\"message\":\"overloaded\"}}", Map.of()),
        new Fault.Body("{\"choices\":[{\"mess"),
        new Fault.Body(""),
        new Fault.Body("<html>gateway</html>"),
        new Fault.Body("{\"choices\":[]}"),
        new Fault.Body("null"),
        new Fault.Cut(true),
        new Fault.Cut(false),
        new Fault.Reset());
  }

  @ParameterizedTest
  @MethodSource("passing")
  void whatPassesIsAskedAgain(Fault fault) throws IOException {
    service.fail(fault, fault);
    assertThat(ask(LlmFixture.question("What?")).text()).startsWith("It shows ");
    assertThat(service.seen()).hasSize(3);
    assertThat(service.paid().values()).containsExactly(1);
  }

  @ParameterizedTest
  @MethodSource("passing")
  void whatDoesNotPassEndsAfterTheAttempts(Fault fault) {
    service.fail(fault, fault, fault, fault, fault);
    assertThatThrownBy(() -> ask(LlmFixture.question("What?")))
        .isInstanceOf(NoAnswerException.class)
        .hasMessageStartingWith("question q1: no answer in 4 attempts; at last http://127.0.0.1:");
    assertThat(service.seen()).hasSize(4);
  }

  @Test
  void aPageInPlaceOfAnAnswerIsSaid() throws IOException {
    String page = "<html>Sign in, " + LlmFixture.KEY + "</html>";
    service.fail(new Fault.Body(page), new Fault.Body(page));
    try (LlmClient client = client(2, 5_000)) {
      assertThatThrownBy(() -> client.answer(LlmFixture.question("What?")))
          .hasMessageContaining(
              "answers what is no JSON and begins with '<html>Sign in, (key)</html>'; that is a page")
          .hasMessageContaining("check EOSIN_LLM_BASE_URL");
    }
    service.fail(new Fault.Body(""), new Fault.Body(""));
    try (LlmClient client = client(2, 5_000)) {
      assertThatThrownBy(() -> client.answer(LlmFixture.question("Where?")))
          .hasMessageEndingWith(" answers nothing");
    }
  }

  @Test
  void aSlowAnswerIsNotWaitedForForEver() throws IOException {
    service.fail(new Fault.Slow(1_500), new Fault.Slow(1_500));
    try (LlmClient client = client(2, 300)) {
      assertThatThrownBy(() -> client.answer(LlmFixture.question("What?")))
          .isInstanceOf(NoAnswerException.class)
          .hasMessageEndingWith("does not answer within 0.3 s");
    }
  }

  @Test
  void aServiceThatIsNotThereIsSaid() throws IOException {
    LlmEndpoint nobody = service.endpoint(LlmFixture.KEY);
    service.close();
    try (var client =
        new LlmClient(LlmFixture.settings(1), nobody, LlmFixture.patience(2, 5_000), CLOCK)) {
      assertThatThrownBy(() -> client.answer(LlmFixture.question("What?")))
          .isInstanceOf(NoAnswerException.class)
          .hasMessageEndingWith("/v1/chat/completions cannot be reached");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | answers 401 (no key (key)); it wants another key; set EOSIN_LLM_API_KEY",
        "403 | it wants another key; set EOSIN_LLM_API_KEY",
        "404 | there is no such model, or the address is another; check llm.model",
        "400 | it does not understand the request; mend the setting it names",
        "422 | mend the setting it names",
        "301 | a redirect; set EOSIN_LLM_BASE_URL",
        "418 | that is no answer of an OpenAI-compatible service",
      })
  void whatIsWrongForEveryQuestionEndsAtOnce(int code, String mend) {
    String body = "{\"error\":{\"message\":\"no key %s\"}}".formatted(LlmFixture.KEY);
    service.fail(new Fault.Status(code, body, Map.of()));
    assertThatThrownBy(() -> ask(LlmFixture.question("What?")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(mend)
        .satisfies(e -> assertThat(e.toString()).doesNotContain(LlmFixture.KEY));
    assertThat(service.seen()).hasSize(1);
  }

  @Test
  void anEmptyAccountEndsAtOnceAndARefusedQuestionIsAloneWithIt() throws IOException {
    service.fail(
        new Fault.Status(
            429, "{\"error\":{\"message\":\"none\",\"code\":\"insufficient_quota\"}}", Map.of()));
    assertThatThrownBy(() -> ask(LlmFixture.question("What?")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nothing left to spend");
    for (String code : List.of("content_policy_violation", "context_length_exceeded")) {
      String body = "{\"error\":{\"message\":\"no\",\"code\":\"%s\"}}".formatted(code);
      service.fail(new Fault.Status(400, body, Map.of()));
      assertThatThrownBy(() -> ask(LlmFixture.question("What?")))
          .isInstanceOf(NoAnswerException.class)
          .hasMessageContaining("question q1: ")
          .hasMessageEndingWith("answers 400 (no)");
    }
    assertThat(service.seen()).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Retry-After | 0.3",
        "retry-after-ms | 300",
        "Retry-After | Mon, 5 Jan 2026 10:00:01 GMT",
      })
  void theServiceSaysWhenItMayBeAskedAgain(String header, String value) throws IOException {
    service.fail(new Fault.Status(429, "{}", Map.of(header, value)));
    ask(LlmFixture.question("What?"));
    List<Seen> seen = service.seen();
    double waited = (seen.get(1).nanos() - seen.get(0).nanos()) / 1e9;
    assertThat(waited).isGreaterThanOrEqualTo(0.29);
  }

  @Test
  void aLimitOfRateHoldsEveryRequestAndFewAreOpenAtOnce() throws Exception {
    service.fail(new Fault.Status(429, "{}", Map.of("Retry-After", "0.4")));
    try (LlmClient client = client(3, 20_000);
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      client.answer(LlmFixture.question("First?"));
      service.fail(new Fault.Slow(30), new Fault.Slow(30), new Fault.Slow(30), new Fault.Slow(30));
      List<Future<?>> asked = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Question question = LlmFixture.question("Question %d?".formatted(i));
        asked.add(pool.submit(() -> client.answer(question)));
      }
      for (Future<?> one : asked) {
        one.get();
      }
    }
    assertThat(service.mostOpen()).isBetween(2, 4);
    assertThat(service.seen()).hasSize(22);
  }

  @Test
  void optionsAreAskedForByLettersAndGivenBackAsTheyAre() throws IOException {
    Question choice = new Question("q2", List.of(), "Is it?", List.of("no", "Yes, it is"), 8);
    assertThat(ask(choice).text()).isEqualTo("Yes, it is");
    JsonNode messages = service.seen().getFirst().body().path("messages");
    assertThat(messages.path(1).path("content").asText())
        .isEqualTo("Is it?\nA. no\nB. Yes, it is\nAnswer with the letter of one of them.");
    service.fail(
        new Fault.Body("{\"choices\":[{\"message\":{\"content\":\" yes, it is. \"}}]}"),
        new Fault.Body("{\"choices\":[{\"message\":{\"content\":\"Perhaps.\"}}]}"));
    assertThat(ask(choice).text()).isEqualTo("Yes, it is");
    assertThatThrownBy(() -> ask(choice))
        .isInstanceOf(NoAnswerException.class)
        .hasMessage(
            "question q2: answered 'Perhaps.', expected a letter from A to B or one of no, Yes, it"
                + " is");
  }

  @Test
  void whatIsRecordedNamesPicturesAndBoundsTheCost() {
    Question question = LlmFixture.question("What?", LlmFixture.picture(64, 48));
    ChatRequest request = ChatRequest.of(LlmFixture.settings(1), question);
    assertThat(request.recorded().toString())
        .contains("pixels:sha256:")
        .doesNotContain("base64")
        .doesNotContain(LlmFixture.KEY);
    assertThat(request.most().tokens()).isEqualTo(5 + 15 + 64 + 2_000 + 40);
    assertThat(request.most().money()).isEqualTo((2 * 2_084 + 8 * 40) / 1e6);
  }

  @Test
  void addressAndKeyComeFromTheEnvironment() throws IOException {
    Map<String, String> both =
        Map.of(
            "EOSIN_LLM_BASE_URL", "https://one.example/v1/",
            "OPENAI_BASE_URL", "https://two.example/v1",
            "OPENAI_API_KEY", LlmFixture.KEY);
    LlmEndpoint endpoint = LlmEndpoint.of(both);
    assertThat(endpoint).hasToString("https://one.example/v1/chat/completions");
    assertThat(endpoint.authorization()).contains("Bearer " + LlmFixture.KEY);
    assertThatThrownBy(() -> LlmEndpoint.of(Map.of("OPENAI_API_KEY", LlmFixture.KEY)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the environment has no EOSIN_LLM_BASE_URL (nor OPENAI_BASE_URL)");
    for (String wrong :
        List.of(
            "one.example/v1",
            "ftp://one.example",
            "https://sk-x@one.example/v1",
            "https://o/v1?key=sk-x",
            "ht tp")) {
      assertThatThrownBy(() -> LlmEndpoint.of(Map.of("EOSIN_LLM_BASE_URL", wrong)))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("is not like https://host/v1")
          .satisfies(e -> assertThat(e.toString()).doesNotContain("sk-x"));
    }
  }

  @Test
  void aLimitOfMoneyNeedsPrices() {
    LlmSettings priced = LlmFixture.settings(1);
    var free =
        new LlmSettings(
            "m",
            Optional.empty(),
            List.of(),
            0,
            1,
            Optional.empty(),
            8,
            LlmSettings.LimitField.MAX_COMPLETION_TOKENS,
            priced.picture(),
            1,
            1,
            priced.timeout(),
            Optional.empty(),
            Optional.empty());
    var money = new Limits(Optional.empty(), Optional.empty(), Optional.of(8.0), Optional.empty());
    priced.checkBudget(money);
    free.checkBudget(Limits.NONE);
    assertThatThrownBy(() -> free.checkBudget(money))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "budget.money: 8.0 cannot be kept without prices; give llm.prices, or limit tokens");
    JsonNode body = ChatRequest.of(free, LlmFixture.question("What?")).sent();
    assertThat(body.path("max_completion_tokens").asInt()).isEqualTo(8);
    assertThat(body.has("max_tokens")).isFalse();
  }
}
