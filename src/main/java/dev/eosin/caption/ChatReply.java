package dev.eosin.caption;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.checkpoint.Quote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// What one attempt came to.
sealed interface ChatReply {
  /// The service's whole answer.
  record Answered(JsonNode body) implements ChatReply {
    /// What the model said; a refusal's own words where it refused.
    String text() {
      JsonNode message = message(body);
      JsonNode content = message.path("content");
      return content.isTextual() ? content.asText() : message.path("refusal").asText();
    }

    long tokensSent(long unknown) {
      return body.path("usage").path("prompt_tokens").asLong(unknown);
    }

    long tokensReceived(long unknown) {
      return body.path("usage").path("completion_tokens").asLong(unknown);
    }
  }

  /// The service may answer later.
  ///
  /// @param reason completes "the service ..."
  /// @param pause that the service asks for
  /// @param charged whether the service may have charged for it
  record Again(String reason, Optional<Duration> pause, boolean charged) implements ChatReply {}

  /// This question has no answer, however often it is asked.
  record Unanswerable(String reason) implements ChatReply {}

  /// No question has one.
  record Refused(String reason) implements ChatReply {}

  JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /// Bytes of what is no answer that a message looks at.
  int BEGINNING = 4_096;

  /// Codes of a question that a service does not answer while it answers others.
  Set<String> OF_THE_QUESTION =
      Set.of(
          "content_policy_violation",
          "content_filter",
          "invalid_prompt",
          "context_length_exceeded",
          "string_above_max_length",
          "invalid_image_format",
          "image_parse_error");

  /// @param endpoint keeps its key out of messages
  static ChatReply of(int status, byte[] body, Optional<Duration> pause, LlmEndpoint endpoint) {
    if (status == 200) {
      return answer(body, endpoint);
    }
    JsonNode error = error(body);
    String said = endpoint.cleaned(error.path("message").asText());
    String reason = "answers %d%s".formatted(status, said.isEmpty() ? "" : " (" + said + ")");
    String code = error.path("code").asText();
    if (OF_THE_QUESTION.contains(code) || status == 413) {
      return new Unanswerable(reason);
    }
    return switch (status) {
      case 429 ->
          code.equals("insufficient_quota")
              ? new Refused(reason + "; the account has nothing left to spend; fill it up")
              : new Again(reason, pause, false);
      case 408, 409, 425, 500, 502, 503, 504, 520, 522, 524, 529 -> new Again(reason, pause, false);
      case 401, 403 ->
          new Refused(
              reason
                  + "; it wants another key; set EOSIN_LLM_API_KEY (or OPENAI_API_KEY), and check"
                  + " that the key may use the model");
      case 404 ->
          new Refused(
              reason
                  + "; there is no such model, or the address is another; check llm.model, and that"
                  + " EOSIN_LLM_BASE_URL ends before /chat/completions, mostly in /v1");
      case 400, 422 ->
          new Refused(reason + "; it does not understand the request; mend the setting it names");
      case 301, 302, 303, 307, 308 ->
          new Refused(reason + ", a redirect; set EOSIN_LLM_BASE_URL to where the service is");
      default -> new Refused(reason + "; that is no answer of an OpenAI-compatible service");
    };
  }

  private static ChatReply answer(byte[] body, LlmEndpoint endpoint) {
    try {
      JsonNode json = JSON.readTree(body);
      JsonNode message = message(json);
      if (message.path("content").isTextual() || message.path("refusal").isTextual()) {
        return new Answered(json);
      }
      String found = body.length == 0 ? "nothing" : "without choices[0].message.content";
      return new Again("answers " + found, Optional.empty(), true);
    } catch (JsonProcessingException e) {
      return new Again(noJson(body, endpoint), Optional.empty(), true);
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory can be read", e);
    }
  }

  /// Mostly a page of a proxy, or of another program at that address.
  private static String noJson(byte[] body, LlmEndpoint endpoint) {
    String start =
        new String(body, 0, Math.min(body.length, BEGINNING), StandardCharsets.UTF_8).strip();
    String page =
        start.startsWith("<")
            ? "; that is a page, not a service: look at it in a browser, and check EOSIN_LLM_BASE_URL"
                + " and what proxy stands before it"
            : "";
    return "answers what is no JSON and begins with %s%s"
        .formatted(Quote.of(endpoint.cleaned(start)), page);
  }

  private static JsonNode message(JsonNode body) {
    return body.path("choices").path(0).path("message");
  }

  /// `{"error": {"message", "code"}}`, or the whole where a service leaves the wrapper out.
  private static JsonNode error(byte[] body) {
    try {
      JsonNode json = JSON.readTree(body);
      return json.path("error").isObject() ? json.path("error") : json;
    } catch (IOException noJson) {
      return JSON.createObjectNode();
    }
  }
}
