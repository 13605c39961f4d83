package dev.eosin.language.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The options of one of Hugging Face's JSON files, read strictly: every option is asked for, or
/// known to change no result; an option that is neither is an error that names it.
///
/// Not thread safe.
public final class ConfigFields {
  private static final int MOST_TOLD = 20;
  private static final int MOST_CHARACTERS = 80;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final String prefix;
  private final JsonNode json;
  private final Set<String> asked = new HashSet<>();

  private ConfigFields(Path file, String prefix, JsonNode json) {
    this.file = file;
    this.prefix = prefix;
    this.json = json;
  }

  /// @throws DataException when the file is missing or holds no JSON object
  public static ConfigFields open(Path file) throws DataException {
    try {
      JsonNode json = JSON.readTree(Files.readString(file));
      if (!json.isObject()) {
        throw new DataException(file + ": holds no JSON object");
      }
      return new ConfigFields(file, "", json);
    } catch (NoSuchFileException e) {
      throw new DataException(file + ": is missing", e);
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: is not valid JSON: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  public Path file() {
    return file;
  }

  /// Whether an option is there and not null.
  public boolean has(String field) {
    asked.add(field);
    return json.hasNonNull(field);
  }

  public int size(String field) throws DataException {
    return size(field, 1);
  }

  /// A whole number from `least`.
  public int size(String field, int least) throws DataException {
    JsonNode node = required(field);
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < least) {
      throw wrong(field, "a whole number from " + least);
    }
    return node.intValue();
  }

  /// A whole number from 1, or another where it is not there.
  public int sizeOr(String field, int otherwise) throws DataException {
    return has(field) ? size(field) : otherwise;
  }

  public double number(String field) throws DataException {
    JsonNode node = required(field);
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw wrong(field, "a number");
    }
    return node.doubleValue();
  }

  public double numberOr(String field, double otherwise) throws DataException {
    return has(field) ? number(field) : otherwise;
  }

  public boolean flag(String field, boolean otherwise) throws DataException {
    if (!has(field)) {
      return otherwise;
    }
    if (!json.get(field).isBoolean()) {
      throw wrong(field, "true or false");
    }
    return json.get(field).booleanValue();
  }

  public String text(String field) throws DataException {
    if (!required(field).isTextual()) {
      throw wrong(field, "a string");
    }
    return json.get(field).textValue();
  }

  /// One id or several; none where the option is not there.
  public List<Integer> ids(String field) throws DataException {
    if (!has(field)) {
      return List.of();
    }
    JsonNode node = json.get(field);
    List<Integer> ids = new ArrayList<>();
    for (JsonNode each : node.isArray() ? node : List.of(node)) {
      if (!each.isIntegralNumber() || !each.canConvertToInt()) {
        throw wrong(field, "an id or a list of ids");
      }
      ids.add(each.intValue());
    }
    return ids;
  }

  /// The strings of a list; none where the option is not there.
  public List<String> texts(String field) throws DataException {
    List<String> texts = new ArrayList<>();
    if (has(field)) {
      if (!json.get(field).isArray()) {
        throw wrong(field, "a list of strings");
      }
      json.get(field).forEach(each -> texts.add(each.asText()));
    }
    return texts;
  }

  /// Whether an option is a string, rather than a list or an object.
  public boolean isText(String field) {
    return has(field) && json.get(field).isTextual();
  }

  /// Whether an option is an object, rather than a list or a string.
  public boolean isObject(String field) {
    return has(field) && json.get(field).isObject();
  }

  /// Whether an option is a number, rather than an object.
  public boolean isNumber(String field) {
    return has(field) && json.get(field).isNumber();
  }

  /// The numbers of a list.
  public List<Double> numbers(String field) throws DataException {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode each : required(field)) {
      if (!each.isNumber() || !Double.isFinite(each.doubleValue())) {
        throw wrong(field, "a list of numbers");
      }
      numbers.add(each.doubleValue());
    }
    return numbers;
  }

  /// The names of all options.
  public List<String> names() {
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    return names;
  }

  public Optional<ConfigFields> object(String field) throws DataException {
    if (!has(field)) {
      return Optional.empty();
    }
    if (!json.get(field).isObject()) {
      throw wrong(field, "an object");
    }
    return Optional.of(new ConfigFields(file, prefix + field + ".", json.get(field)));
  }

  /// The same with values for options that are not there.
  ///
  /// @param otherwise whole numbers by option
  public ConfigFields or(Map<String, Integer> otherwise) {
    ObjectNode all = json.deepCopy();
    otherwise.forEach(
        (field, value) -> {
          if (!all.has(field)) {
            all.put(field, value);
          }
        });
    return new ConfigFields(file, prefix, all);
  }

  /// The option as JSON, for another file.
  public JsonNode json(String field) throws DataException {
    return required(field);
  }

  /// Says what only one value of an option is computed.
  ///
  /// @param expected as JSON writes it; also what a missing option or null stands for
  public void requireOnly(String field, String expected) throws DataException {
    if (has(field) && !sameAs(json.get(field), expected)) {
      throw wrong(field, "%s, the only value that is computed here".formatted(expected));
    }
  }

  private static boolean sameAs(JsonNode node, String expected) {
    if (node.isNumber()) {
      try {
        return node.doubleValue() == Double.parseDouble(expected);
      } catch (NumberFormatException e) {
        return false;
      }
    }
    return node.isTextual() ? node.textValue().equals(expected) : node.toString().equals(expected);
  }

  /// Options that change no result of this program.
  public void ignore(Set<String> fields) {
    asked.addAll(fields);
  }

  /// @throws DataException naming every option that nothing asked for
  public void requireNothingElse() throws DataException {
    List<String> left = new ArrayList<>();
    json.fieldNames()
        .forEachRemaining(
            field -> {
              if (!asked.contains(field)) {
                left.add("%s%s (%s)".formatted(prefix, field, shortened(json.get(field))));
              }
            });
    if (!left.isEmpty()) {
      String more =
          left.size() > MOST_TOLD ? " and %d more".formatted(left.size() - MOST_TOLD) : "";
      throw new DataException(
          "%s: has options that are not known here and might change results: %s%s; remove them only where they change nothing"
              .formatted(
                  file,
                  String.join(", ", left.subList(0, Math.min(left.size(), MOST_TOLD))),
                  more));
    }
  }

  private static String shortened(JsonNode value) {
    String text = value.toString();
    return text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) + "..." : text;
  }

  private JsonNode required(String field) throws DataException {
    if (!has(field)) {
      throw new DataException("%s: the option %s%s is missing".formatted(file, prefix, field));
    }
    return json.get(field);
  }

  /// @param expected in words
  public DataException wrong(String field, String expected) {
    if (json.path(field).isMissingNode()) {
      return new DataException(
          "%s: the option %s%s is missing, expected %s".formatted(file, prefix, field, expected));
    }
    return new DataException(
        "%s: the option %s%s is %s, expected %s"
            .formatted(file, prefix, field, shortened(json.path(field)), expected));
  }
}
