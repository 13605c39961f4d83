package dev.eosin.serve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.language.chat.Message;
import dev.eosin.language.chat.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Reads OpenAI's messages as the conversation of a model.
///
/// @param decoder that takes no more pixels than the server does
record ChatReader(ServedAnswers model, Images images, Requests requests, ImageDecoder decoder) {
  private static final String MARK = "<image>";

  /// Messages, and the images that they mark in order.
  record Conversation(List<Message> messages, List<RgbImage> images) {
    Conversation {
      messages = List.copyOf(messages);
      images = List.copyOf(images);
    }
  }

  static ChatReader of(ServedAnswers model, Images images, Requests requests) {
    long pixels = Math.min(ImageDecoder.DEFAULT_MAX_PIXELS, requests.limits().pixels());
    ImageDecoder plain = new ImageDecoder();
    return new ChatReader(
        model, images, requests, new ImageDecoder(pixels, plain.orientation(), plain.jpeg()));
  }

  /// @throws ApiException naming what is wrong, or what the model cannot do
  Conversation read(JsonNode node, Deadline deadline) throws ApiException, InterruptedException {
    if (!node.isArray() || node.isEmpty()) {
      throw ApiException.wrong("messages", "a list of messages is expected, at least one");
    }
    if (node.size() > requests.limits().inputs()) {
      throw ApiException.wrong(
          "messages",
          "are %d; at most %d are taken".formatted(node.size(), requests.limits().inputs()));
    }
    List<Message> messages = new ArrayList<>();
    List<RgbImage> shown = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      messages.add(message(node.get(i), "messages.%d".formatted(i), shown, deadline));
    }
    if (messages.getLast().role() != Role.USER) {
      throw ApiException.wrong("messages", "the last one is not the user's");
    }
    if (messages.size() > 1 && !model.model().remembers()) {
      throw ApiException.wrong(
          "messages", "this model answers each question by itself; send the last message alone");
    }
    return new Conversation(messages, shown);
  }

  private Message message(JsonNode node, String name, List<RgbImage> shown, Deadline deadline)
      throws ApiException, InterruptedException {
    Role role =
        switch (node.path("role").asText()) {
          case "user" -> Role.USER;
          case "assistant" -> Role.ASSISTANT;
          case "system", "developer" -> Role.SYSTEM;
          default ->
              throw ApiException.wrong(name + ".role", "is none of system, user and assistant");
        };
    JsonNode content = node.path("content");
    if (!content.isArray()) {
      return new Message(role, words(content, name + ".content"));
    }
    List<String> lines = new ArrayList<>();
    int length = 0;
    for (JsonNode part : content) {
      lines.add(part(part, role, name + ".content", shown, deadline));
      length += lines.getLast().length();
      if (length > requests.limits().text()) {
        throw ApiException.wrong(
            name + ".content", "has more than %d characters".formatted(requests.limits().text()));
      }
    }
    if (lines.isEmpty()) {
      throw ApiException.wrong(name + ".content", "is empty");
    }
    return new Message(role, String.join("\n", lines));
  }

  private String part(
      JsonNode part, Role role, String name, List<RgbImage> shown, Deadline deadline)
      throws ApiException, InterruptedException {
    return switch (part.path("type").asText()) {
      case "text" -> words(part.path("text"), name);
      case "image_url" -> {
        requireSight(role, name);
        if (shown.size() == requests.limits().inputs()) {
          throw ApiException.wrong(name, "has more images than are taken");
        }
        byte[] bytes = Images.bytes(part.path("image_url").path("url"), name);
        shown.add(images.decoded(bytes, name, remaining(shown, name), deadline));
        yield model.model().remembers() ? MARK : "";
      }
      default ->
          throw ApiException.wrong(name, "has a part that is neither 'text' nor 'image_url'");
    };
  }

  /// Images of a conversation are all in memory until it is answered, so that together they have no
  /// more pixels than one may have.
  private ImageDecoder remaining(List<RgbImage> shown, String name) throws ApiException {
    long taken = 0;
    for (RgbImage image : shown) {
      taken += (long) image.width() * image.height();
    }
    if (taken >= decoder.maxPixels()) {
      throw ApiException.wrong(
          name,
          "the images of a conversation have more than %d pixels together"
              .formatted(decoder.maxPixels()));
    }
    return new ImageDecoder(decoder.maxPixels() - taken, decoder.orientation(), decoder.jpeg());
  }

  private void requireSight(Role role, String name) throws ApiException {
    if (!model.seesImages()) {
      throw ApiException.wrong(name, "this model reads text alone and sees no image");
    }
    if (role != Role.USER) {
      throw ApiException.wrong(
          name, "an image in a message of the %s".formatted(role.name().toLowerCase(Locale.ROOT)));
    }
  }

  private String words(JsonNode node, String name) throws ApiException {
    String text = requests.text(node, name);
    if (model.seesImages() && text.contains(MARK)) {
      throw ApiException.wrong(
          name, "has '%s' in it, which stands for images; send them as parts".formatted(MARK));
    }
    return text;
  }
}
