package dev.eosin.serve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.image.formats.ImageDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// Texts and images of requests, embedded with those of other clients.
///
/// @param clip that embeds
/// @param decoder that takes no more pixels than the server does
record Inputs(
    ServedClip clip, Batcher batcher, Images images, Requests requests, ImageDecoder decoder) {
  static Inputs of(ServedClip clip, Batcher batcher, Images images, Requests requests) {
    ImageDecoder own = clip.decoder();
    long pixels = Math.min(own.maxPixels(), requests.limits().pixels());
    return new Inputs(
        clip, batcher, images, requests, new ImageDecoder(pixels, own.orientation(), own.jpeg()));
  }

  /// An input on its way into the model.
  ///
  /// @param tokens of a text; 0 of an image
  private record Sent(CompletableFuture<float[]> result, int tokens) {}

  /// Embeddings, with what they took.
  ///
  /// @param vectors [n,e]
  /// @param tokens of the texts, those that were cut off not among them
  /// @param cut texts that were longer than the model reads
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Embedded(float[][] vectors, int tokens, int cut) {}

  /// Puts inputs on their way.
  private interface Sending {
    void to(List<Sent> sent) throws ApiException, InterruptedException;
  }

  /// Sends and collects. Where one of them fails, the model need not compute the others.
  private Embedded embedded(Sending sending, Deadline deadline)
      throws ApiException, ExecutionException, TimeoutException, InterruptedException {
    List<Sent> sent = new ArrayList<>();
    try {
      sending.to(sent);
      return collected(sent, deadline);
    } finally {
      sent.forEach(each -> each.result().cancel(false));
    }
  }

  /// Embeds texts.
  Embedded texts(List<String> texts, Deadline deadline)
      throws ApiException, ExecutionException, TimeoutException, InterruptedException {
    return embedded(
        sent -> {
          for (String text : texts) {
            sent.add(text(text));
          }
        },
        deadline);
  }

  /// An image's embedding.
  ///
  /// @param node a data URL
  float[] image(JsonNode node, Deadline deadline)
      throws ApiException, ExecutionException, TimeoutException, InterruptedException {
    return embedded(sent -> sent.add(image(node, "image", deadline)), deadline).vectors()[0];
  }

  /// Embeds images, and behind them texts, all under way before the first is waited for.
  ///
  /// @param nodes data URLs
  Embedded imagesAndTexts(List<JsonNode> nodes, List<String> texts, Deadline deadline)
      throws ApiException, ExecutionException, TimeoutException, InterruptedException {
    return embedded(
        sent -> {
          for (String text : texts) {
            sent.add(text(text));
          }
          for (int i = nodes.size() - 1; i >= 0; i--) {
            String name = nodes.size() == 1 ? "image" : "image %d".formatted(i + 1);
            sent.addFirst(image(nodes.get(i), name, deadline));
          }
        },
        deadline);
  }

  /// Embeds texts and images: what begins with `data:image/` is one, and what OpenAI's messages
  /// call a part.
  Embedded mixed(List<JsonNode> nodes, Deadline deadline)
      throws ApiException, ExecutionException, TimeoutException, InterruptedException {
    return embedded(
        sent -> {
          for (int i = 0; i < nodes.size(); i++) {
            String name = nodes.size() == 1 ? "input" : "input " + (i + 1);
            sent.add(part(nodes.get(i), name, deadline));
          }
        },
        deadline);
  }

  private Sent part(JsonNode node, String name, Deadline deadline)
      throws ApiException, InterruptedException {
    if (node.isTextual() && Images.isImage(node.textValue())) {
      return image(node, name, deadline);
    }
    if (node.isObject()) {
      return switch (node.path("type").asText()) {
        case "text" -> text(requests.text(node.path("text"), name));
        case "image_url" -> image(node.path("image_url").path("url"), name, deadline);
        default ->
            throw ApiException.wrong(
                name, "is an object whose type is neither 'text' nor 'image_url'");
      };
    }
    if (node.isNumber() || node.isArray()) {
      throw ApiException.wrong(name, "holds ids of tokens, which are not taken; send the text");
    }
    return text(requests.text(node, name));
  }

  private Sent text(String text) throws ApiException {
    int tokens = clip.tokens().applyAsInt(text);
    return new Sent(batcher.text(text), tokens);
  }

  private Sent image(JsonNode node, String name, Deadline deadline)
      throws ApiException, InterruptedException {
    byte[] bytes = Images.bytes(node, name);
    return new Sent(
        batcher.image(images.planes(bytes, name, decoder, clip.transform(), deadline)), 0);
  }

  private Embedded collected(List<Sent> sent, Deadline deadline)
      throws ApiException, ExecutionException, TimeoutException, InterruptedException {
    float[][] vectors = new float[sent.size()][];
    int tokens = 0;
    int cut = 0;
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = Images.await(sent.get(i).result(), deadline);
      tokens += Math.min(sent.get(i).tokens(), clip.context());
      cut += sent.get(i).tokens() > clip.context() ? 1 : 0;
    }
    return new Embedded(vectors, tokens, cut);
  }

  /// Refuses more inputs than a request may have, and none.
  void requireCount(int count, String name) throws ApiException {
    if (count < 1 || count > requests.limits().inputs()) {
      throw ApiException.wrong(
          name,
          "has %d entries; 1 to %d are taken at once".formatted(count, requests.limits().inputs()));
    }
  }
}
