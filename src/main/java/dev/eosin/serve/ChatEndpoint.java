package dev.eosin.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// `/v1/chat/completions`, in OpenAI's shape, at once or as server-sent events.
record ChatEndpoint(AnswerQueue queue, ChatReader reader, ServeLimits limits, AtomicLong asked)
    implements Endpoint {
  private static final Set<String> KNOWN =
      Set.of("model", "messages", "stream", "max_tokens", "max_completion_tokens", "n", "user");

  @Override
  public Reply answer(Call call)
      throws ApiException, IOException, TimeoutException, ExecutionException, InterruptedException {
    ObjectNode body = call.body();
    requireHonoured(body);
    Requests.requireModel(body, queue.model().name());
    reader.requests().whole(body, "n", 1, 1);
    JsonNode stream = body.path("stream");
    if (!stream.isMissingNode() && !stream.isNull() && !stream.isBoolean()) {
      throw ApiException.wrong("stream", "is neither true nor false");
    }
    int most = mostTokens(body);
    ChatReader.Conversation said = reader.read(body.path("messages"), call.deadline());
    Answering answering = queue.ask(said.messages(), said.images(), most);
    String id = String.format(Locale.ROOT, "chatcmpl-%d", asked.incrementAndGet());
    return stream.asBoolean()
        ? new Reply.Events(to -> stream(to, id, answering))
        : new Reply.Json(whole(id, text(answering, call.deadline())));
  }

  /// What would be left out in silence is refused.
  private static void requireHonoured(ObjectNode body) throws ApiException {
    for (String drawing : List.of("temperature", "top_p", "seed", "stop")) {
      if (!body.path(drawing).isMissingNode() && !body.path(drawing).isNull()) {
        throw ApiException.wrong(
            drawing,
            "is not chosen by requests: the server was started with how it answers; leave it out");
      }
    }
    Requests.requireKnown(body, KNOWN);
  }

  private int mostTokens(ObjectNode body) throws ApiException {
    int limit = queue.model().mostTokens();
    var most = reader.requests().whole(body, "max_completion_tokens", 1, limit);
    return most.isPresent()
        ? most.get()
        : reader.requests().whole(body, "max_tokens", 1, limit).orElse(limit);
  }

  /// All of an answer.
  static String text(Answering answering, Deadline deadline)
      throws ApiException, ExecutionException, InterruptedException {
    while (true) {
      if (answering.next(deadline) instanceof Answering.Event.End(String whole)) {
        return whole;
      }
    }
  }

  private ObjectNode whole(String id, String text) {
    ObjectNode json = head(id, "chat.completion");
    ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
    choice.putObject("message").put("role", "assistant").put("content", text);
    choice.put("finish_reason", "stop");
    return json;
  }

  private ObjectNode head(String id, String object) {
    return Requests.empty()
        .put("id", id)
        .put("object", object)
        .put("created", System.currentTimeMillis() / Duration.ofSeconds(1).toMillis())
        .put("model", queue.model().name());
  }

  private void stream(OutputStream to, String id, Answering answering)
      throws IOException, ApiException, ExecutionException, InterruptedException {
    Deadline deadline = Deadline.in(limits.answering());
    try {
      boolean first = true;
      while (true) {
        switch (answering.next(deadline)) {
          case Answering.Event.Piece(String text) -> {
            ObjectNode delta = Requests.empty();
            if (first) {
              delta.put("role", "assistant");
            }
            event(to, chunk(id, delta.put("content", text), false));
            first = false;
          }
          case Answering.Event.End _ -> {
            event(to, chunk(id, Requests.empty(), true));
            to.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
            to.flush();
            return;
          }
          case Answering.Event.Failed(Throwable cause) -> throw new ExecutionException(cause);
        }
      }
    } finally {
      // A client that hung up, or a limit: the model need not go on.
      answering.cancel();
    }
  }

  private ObjectNode chunk(String id, ObjectNode delta, boolean last) {
    ObjectNode json = head(id, "chat.completion.chunk");
    ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    choice.put("finish_reason", last ? "stop" : null);
    return json;
  }

  /// One event.
  static void event(OutputStream to, ObjectNode json) throws IOException {
    to.write(("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8));
    to.flush();
  }
}
