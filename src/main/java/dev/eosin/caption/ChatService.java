package dev.eosin.caption;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.fetch.Patience;
import dev.eosin.fetch.Proxies;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Sends requests until they are answered, within its patience. Thread safe.
final class ChatService implements AutoCloseable {
  private static final Duration CONNECTING = Duration.ofSeconds(30);
  private static final long LONGEST_ANSWER_BYTES = 64L << 20;

  private final LlmEndpoint endpoint;
  private final Patience patience;
  private final Pace pace;
  private final InstantSource clock;
  private final HttpClient client;

  ChatService(LlmEndpoint endpoint, int parallel, Patience patience, InstantSource clock) {
    this.endpoint = endpoint;
    this.patience = patience;
    this.pace = new Pace(parallel);
    this.clock = clock;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECTING)
            .proxy(Proxies.ofProcess())
            .build();
  }

  /// An answer, and how many attempts before it may have been charged for.
  record Served(ChatReply.Answered reply, int charged) {}

  /// @param id names the question in messages, and draws the pauses
  /// @throws NoAnswerException when this question has no answer
  /// @throws DataException when no question has one, saying what to mend
  Served ask(String id, JsonNode body) throws IOException, InterruptedException {
    byte[] bytes = ChatReply.JSON.writeValueAsBytes(body);
    int charged = 0;
    for (int attempt = 1; ; attempt++) {
      switch (attempt(bytes)) {
        case ChatReply.Answered answered -> {
          return new Served(answered, charged);
        }
        case ChatReply.Unanswerable(String reason) ->
            throw new NoAnswerException(
                "question %s: %s %s".formatted(endpoint.cleaned(id), endpoint, reason));
        case ChatReply.Refused(String reason) ->
            throw new DataException("%s %s".formatted(endpoint, reason));
        case ChatReply.Again(String reason, Optional<Duration> asked, boolean mayCost) -> {
          charged += mayCost ? 1 : 0;
          if (attempt == patience.attempts()) {
            throw new NoAnswerException(
                "question %s: no answer in %d attempts; at last %s %s"
                    .formatted(endpoint.cleaned(id), attempt, endpoint, reason));
          }
          pause(id, attempt, asked);
        }
      }
    }
  }

  /// What the service asks for holds everybody; a pause of our own is this request's alone, and
  /// drawn between half and all of it, so that requests that failed together do not come together.
  private void pause(String id, int failed, Optional<Duration> asked) throws InterruptedException {
    Duration whole = patience.pause(failed, asked.orElse(Duration.ZERO));
    if (asked.isPresent()) {
      Duration obeyed = patience.pause(1, asked.get());
      pace.hold(obeyed);
    }
    var random = new RandomKey(0).stream(Purpose.PREPARATION, failed, id.hashCode());
    double share = asked.isPresent() ? 1 : 0.5 + random.nextDouble() / 2;
    Thread.sleep(Duration.ofNanos((long) (whole.toNanos() * share)));
  }

  private ChatReply attempt(byte[] body) throws InterruptedException {
    pace.enter();
    try {
      return send(body);
    } finally {
      pace.leave();
    }
  }

  private ChatReply send(byte[] body) throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint.chat())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("User-Agent", "eosin")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    endpoint.authorization().ifPresent(value -> request.header("Authorization", value));
    CompletableFuture<HttpResponse<byte[]>> sent =
        client.sendAsync(
            request.build(),
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), LONGEST_ANSWER_BYTES));
    try {
      HttpResponse<byte[]> response =
          sent.get(patience.silence().toMillis(), TimeUnit.MILLISECONDS);
      Optional<Duration> pause = RetryAfter.of(response.headers(), clock);
      return ChatReply.of(response.statusCode(), response.body(), pause, endpoint);
    } catch (TimeoutException slow) {
      String reason = "does not answer within %s s".formatted(patience.silence().toMillis() / 1e3);
      return new ChatReply.Again(reason, Optional.empty(), true);
    } catch (ExecutionException e) {
      return broken(e.getCause() == null ? e : e.getCause());
    } finally {
      // Drops the connection of an answer that nobody waits for any more.
      sent.cancel(true);
    }
  }

  /// A service that was reached may have begun to answer.
  private ChatReply broken(Throwable cause) {
    boolean reached = !(cause instanceof ConnectException);
    String reason =
        reached
            ? "breaks off: " + endpoint.cleaned(String.valueOf(cause.getMessage()))
            : "cannot be reached";
    return new ChatReply.Again(reason, Optional.empty(), reached);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
