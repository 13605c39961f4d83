package dev.eosin.caption;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.prepare.Cost;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A question as the body of a request. What is recorded of it names each picture by its pixels;
/// what is sent has the pictures themselves.
///
/// @param pictures in the order of the question's images
record ChatRequest(LlmSettings settings, Question question, List<ChatPicture> pictures) {
  /// More than any service counts for a picture of the sizes that are sent.
  private static final long TOKENS_OF_A_PICTURE = 2_000;

  private static final long TOKENS_OF_A_MESSAGE = 64;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  ChatRequest {
    pictures = List.copyOf(pictures);
  }

  static ChatRequest of(LlmSettings settings, Question question) {
    List<ChatPicture> pictures =
        question.images().stream().map(image -> ChatPicture.of(image, settings.picture())).toList();
    return new ChatRequest(settings, question, pictures);
  }

  /// The body without the pictures.
  ObjectNode recorded() {
    return body(pictures.stream().map(ChatPicture::name).toList());
  }

  /// The whole body.
  ObjectNode sent() {
    return body(pictures.stream().map(ChatPicture::dataUrl).toList());
  }

  private ObjectNode body(List<String> addresses) {
    ObjectNode body = NODES.objectNode().put("model", settings.model());
    ArrayNode messages = body.putArray("messages");
    settings
        .system()
        .ifPresent(text -> messages.addObject().put("role", "system").put("content", text));
    for (LlmSettings.Example example : settings.examples()) {
      messages.addObject().put("role", "user").put("content", example.question());
      messages.addObject().put("role", "assistant").put("content", example.answer());
    }
    ObjectNode user = messages.addObject().put("role", "user");
    if (addresses.isEmpty()) {
      user.put("content", text());
    } else {
      ArrayNode parts = user.putArray("content");
      for (String address : addresses) {
        parts.addObject().put("type", "image_url").putObject("image_url").put("url", address);
      }
      parts.addObject().put("type", "text").put("text", text());
    }
    body.put("temperature", settings.temperature()).put("top_p", settings.topP());
    body.put(settings.limitField().field(), tokens());
    settings.seed().ifPresent(seed -> body.put("seed", seed));
    return body;
  }

  /// The question, with its options by their letters.
  private String text() {
    if (question.options().isEmpty()) {
      return question.text();
    }
    StringBuilder text = new StringBuilder(question.text()).append('\n');
    for (int i = 0; i < question.options().size(); i++) {
      text.append(letter(i)).append(". ").append(question.options().get(i)).append('\n');
    }
    return text.append("Answer with the letter of one of them.").toString();
  }

  static String letter(int option) {
    return Character.toString('A' + option);
  }

  private int tokens() {
    return Math.min(question.mostTokens(), settings.maxTokens());
  }

  /// The most that the answer can cost: no tokenizer makes more tokens of a text than it has bytes.
  Cost most() {
    long asked = bytes(text()) + TOKENS_OF_A_MESSAGE + TOKENS_OF_A_PICTURE * pictures.size();
    asked += settings.system().map(ChatRequest::bytes).orElse(0L);
    for (LlmSettings.Example example : settings.examples()) {
      asked += bytes(example.question()) + bytes(example.answer()) + 2 * TOKENS_OF_A_MESSAGE;
    }
    return cost(asked, tokens());
  }

  private static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  Cost cost(long sent, long received) {
    double money = settings.prices().map(list -> list.of(sent, received)).orElse(0.0);
    return Cost.ofCall(sent + received, money);
  }
}
