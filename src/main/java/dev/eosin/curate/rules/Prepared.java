package dev.eosin.curate.rules;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// What the steps that look at one row alone made of it.
///
/// @param captions by the step from which on it is the caption; the row's own before
/// @param left where a step left the row out; those that look at other rows come first all the same
/// @param image of the row, where a step opened it
public record Prepared(
    NavigableMap<Integer, String> captions, Optional<Left> left, Optional<Image> image) {
  /// @param step its number, from 0
  /// @param detail what was found, for people
  public record Left(int step, String detail) {}

  /// @param file hash of the encoded file; empty for images that are drawn
  /// @param picture bits of the eight orientations of what it shows; none where it shows nothing,
  ///   or nothing asks
  public record Image(String file, List<Long> picture) {
    public Image {
      picture = List.copyOf(picture);
    }
  }

  /// The caption that a step sees.
  public String caption(int step, String own) {
    Map.Entry<Integer, String> last = captions.floorEntry(step);
    return last == null ? own : last.getValue();
  }

  /// As files hold it.
  public JsonNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (!captions.isEmpty()) {
      ObjectNode texts = json.putObject("captions");
      captions.forEach((step, text) -> texts.put(Integer.toString(step), text));
    }
    left.ifPresent(
        out -> json.putObject("left").put("step", out.step()).put("detail", out.detail()));
    if (image.isPresent()) {
      ArrayNode bits = json.put("file", image.get().file()).putArray("picture");
      image.get().picture().forEach(bits::add);
    }
    return json;
  }

  /// What [#json] wrote.
  public static Prepared of(JsonNode json) {
    NavigableMap<Integer, String> captions = new TreeMap<>();
    for (Map.Entry<String, JsonNode> text : json.path("captions").properties()) {
      captions.put(Integer.valueOf(text.getKey()), text.getValue().asText());
    }
    List<Long> bits = new ArrayList<>();
    json.path("picture").forEach(bit -> bits.add(bit.asLong()));
    return new Prepared(
        captions,
        left(json.path("left")),
        json.has("file")
            ? Optional.of(new Image(json.path("file").asText(), bits))
            : Optional.empty());
  }

  public static Optional<Left> left(JsonNode json) {
    return json.isObject()
        ? Optional.of(new Left(json.path("step").asInt(), json.path("detail").asText()))
        : Optional.empty();
  }
}
