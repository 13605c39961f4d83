package dev.eosin.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.ClassProbabilities;
import dev.eosin.eval.ZeroShotClassifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// `/zero-shot`: which class a tile is of, by texts alone. Classes are a list of texts, or prompts
/// by the classes' names, of several of which the mean direction counts.
record ZeroShotEndpoint(Inputs inputs) implements Endpoint {
  private static final Set<String> KNOWN = Set.of("model", "image", "images", "classes");

  private record Classes(List<String> names, List<List<String>> prompts) {}

  @Override
  public Reply answer(Call call)
      throws ApiException, TimeoutException, ExecutionException, InterruptedException {
    ObjectNode body = call.body();
    Requests.requireKnown(body, KNOWN);
    Requests.requireModel(body, inputs.clip().name());
    Classes classes = classes(body.path("classes"));
    List<JsonNode> images = images(body);
    List<String> texts = classes.prompts().stream().flatMap(List::stream).toList();
    inputs.requireCount(images.size() + texts.size(), "images and prompts");
    Inputs.Embedded both = inputs.imagesAndTexts(images, texts, call.deadline());
    return new Reply.Json(json(classes, images.size(), both));
  }

  private static List<JsonNode> images(ObjectNode body) throws ApiException {
    JsonNode one = body.path("image");
    JsonNode several = body.path("images");
    if (one.isMissingNode() == several.isMissingNode()) {
      throw ApiException.wrong("image", "give 'image', or 'images', a list of them");
    }
    List<JsonNode> images = new ArrayList<>();
    if (several.isArray()) {
      several.forEach(images::add);
    } else {
      images.add(several.isMissingNode() ? one : several);
    }
    return images;
  }

  private Classes classes(JsonNode node) throws ApiException {
    List<String> names = new ArrayList<>();
    List<List<String>> prompts = new ArrayList<>();
    if (node.isArray()) {
      for (JsonNode text : node) {
        names.add(inputs.requests().text(text, "classes"));
        prompts.add(List.of(names.getLast()));
      }
    } else if (node.isObject()) {
      for (var one : node.properties()) {
        names.add(one.getKey());
        prompts.add(prompts(one.getValue()));
      }
    } else {
      throw ApiException.wrong(
          "classes",
          "is %s; a list of texts, or prompts by names of classes, is expected"
              .formatted(Requests.kind(node)));
    }
    if (names.isEmpty() || prompts.stream().anyMatch(List::isEmpty)) {
      throw ApiException.wrong("classes", "there is no class, or one without a prompt");
    }
    return new Classes(names, prompts);
  }

  private List<String> prompts(JsonNode node) throws ApiException {
    if (!node.isArray()) {
      return List.of(inputs.requests().text(node, "classes"));
    }
    List<String> prompts = new ArrayList<>();
    for (JsonNode text : node) {
      prompts.add(inputs.requests().text(text, "classes"));
    }
    return prompts;
  }

  private ObjectNode json(Classes classes, int tiles, Inputs.Embedded both) {
    List<float[][]> byClass = new ArrayList<>();
    int next = tiles;
    for (List<String> one : classes.prompts()) {
      byClass.add(Arrays.copyOfRange(both.vectors(), next, next + one.size()));
      next += one.size();
    }
    ZeroShotClassifier classifier = ZeroShotClassifier.of(byClass);
    var probability = new ClassProbabilities(inputs.clip().logitScale(), inputs.clip().logitBias());
    ObjectNode json = Requests.empty().put("model", inputs.clip().name());
    json.put("logit_scale", inputs.clip().logitScale());
    json.put("sigmoid", inputs.clip().logitBias().isPresent());
    ArrayNode images = json.putArray("images");
    for (float[] tile : Arrays.copyOf(both.vectors(), tiles)) {
      double[] cosines = classifier.cosines(tile);
      double[] probabilities = probability.of(cosines);
      ObjectNode image = images.addObject();
      image.put("best", classes.names().get(classifier.classify(tile)));
      ArrayNode rows = image.putArray("classes");
      for (int i = 0; i < cosines.length; i++) {
        rows.addObject()
            .put("name", classes.names().get(i))
            .put("cosine", cosines[i])
            .put("probability", probabilities[i]);
      }
    }
    return both.cut() == 0 ? json : json.put("texts_cut", both.cut());
  }
}
