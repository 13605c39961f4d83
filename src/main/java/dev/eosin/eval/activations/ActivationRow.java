package dev.eosin.eval.activations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.data.listed.ListedImage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// What is known of a row of states or embeddings.
///
/// @param row its place in the folder or table, from 0
/// @param path of its image, or its id
/// @param group slide, patient or the like
/// @param label its class
/// @param split the part of the data that it belongs to
/// @param centre hospital or the like
/// @param text that was embedded
/// @param sha256 of the image's file
public record ActivationRow(
    long row,
    String path,
    Optional<String> group,
    Optional<String> label,
    Optional<String> split,
    Optional<String> centre,
    Optional<String> text,
    Optional<String> sha256) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// The columns that every file has.
  static final List<String> COLUMNS = List.of("path", "group", "label", "split");

  /// Those that files have whose rows have something in them.
  static final List<String> MORE_COLUMNS = List.of("centre", "text", "sha256");

  /// Without what hidden states do not have.
  public ActivationRow(
      long row,
      String path,
      Optional<String> group,
      Optional<String> label,
      Optional<String> split) {
    this(row, path, group, label, split, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// @param row its place
  public static ActivationRow of(long row, ListedImage image) {
    return new ActivationRow(
        row,
        image.path(),
        image.group(),
        image.label(),
        image.split(),
        image.centre(),
        Optional.empty(),
        Optional.empty());
  }

  /// The same, of an image file of this digest.
  public ActivationRow with(String sha256OfFile) {
    return new ActivationRow(
        row, path, group, label, split, centre, text, Optional.of(sha256OfFile));
  }

  /// The same, of a text.
  public ActivationRow saying(String embedded) {
    return new ActivationRow(row, path, group, label, split, centre, Optional.of(embedded), sha256);
  }

  /// What a column says of it.
  ///
  /// @param column among those above
  Optional<String> column(String column) {
    return switch (column) {
      case "path" -> Optional.of(path);
      case "group" -> group;
      case "label" -> label;
      case "split" -> split;
      case "centre" -> centre;
      case "text" -> text;
      case "sha256" -> sha256;
      default -> throw new IllegalArgumentException("rows have no column " + column);
    };
  }

  /// From columns of texts, of which some may be missing.
  interface Values {
    /// What a column says.
    Optional<String> of(String column);
  }

  static ActivationRow of(long row, Values values) {
    return new ActivationRow(
        row,
        values.of("path").orElse("row " + row),
        values.of("group"),
        values.of("label"),
        values.of("split"),
        values.of("centre"),
        values.of("text"),
        values.of("sha256"));
  }

  /// As a line of JSON.
  public String line() {
    return json().toString();
  }

  /// Of a line of JSON.
  ///
  /// @throws IOException when it is none
  public static ActivationRow ofLine(String line) throws IOException {
    return of(JSON.readTree(line));
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("row", row);
    COLUMNS.forEach(name -> column(name).ifPresent(value -> json.put(name, value)));
    MORE_COLUMNS.forEach(name -> column(name).ifPresent(value -> json.put(name, value)));
    return json;
  }

  static ActivationRow of(JsonNode json) {
    return of(json.path("row").asLong(), name -> text(json, name));
  }

  private static Optional<String> text(JsonNode json, String field) {
    return json.path(field).isTextual() ? Optional.of(json.path(field).asText()) : Optional.empty();
  }
}
