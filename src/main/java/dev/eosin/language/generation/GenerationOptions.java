package dev.eosin.language.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/// Reads options of transformers' `GenerationConfig` strictly: each is read, changes nothing, or is
/// refused by name.
final class GenerationOptions {
  /// transformers draws from so many tokens where sampling is asked for and nothing else is said.
  private static final int TOP_K = 50;

  private static final int TOLD = 20;

  private final String file;
  private final JsonNode node;
  private final Set<String> read = new HashSet<>();

  GenerationOptions(String file, JsonNode node) {
    this.file = file;
    this.node = node;
  }

  GenerationDefaults read() throws DataException {
    if (!node.isObject()) {
      throw new DataException("%s: a JSON object is expected".formatted(file));
    }
    // The first id of a prompt is the tokenizer's affair.
    get("bos_token_id");
    try {
      var defaults =
          new GenerationDefaults(
              search(),
              integer("max_new_tokens"),
              integer("max_length"),
              integer("min_new_tokens").orElse(0),
              number("repetition_penalty", 1),
              integer("no_repeat_ngram_size").orElse(0),
              strings("stop_strings"),
              integers("eos_token_id"),
              integer("pad_token_id"),
              integer("decoder_start_token_id"));
      refuseTheRest();
      return defaults;
    } catch (IllegalArgumentException e) {
      throw new DataException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /// Options of a search that is not asked for change nothing, as in transformers.
  private Search search() throws DataException {
    int beams = integer("num_beams").orElse(1);
    boolean sampling = flag("do_sample");
    int sequences = integer("num_return_sequences").orElse(1);
    Search.EarlyStopping earlyStopping = earlyStopping();
    double lengthPenalty = number("length_penalty", 1);
    double temperature = number("temperature", 1);
    int topK = integer("top_k").orElse(TOP_K);
    double topP = number("top_p", 1);
    if (sampling && beams > 1) {
      throw new DataException(
          "%s: do_sample is true and num_beams %d: beams are never drawn here; set one of them"
              .formatted(file, beams));
    }
    if (sampling) {
      return new Search.Sampling(temperature, topK, topP, sequences, 0);
    }
    if (beams > 1) {
      return new Search.Beams(beams, lengthPenalty, earlyStopping, sequences);
    }
    if (sequences > 1) {
      throw new DataException(
          "%s: num_return_sequences is %d, but a greedy search has one sequence"
              .formatted(file, sequences));
    }
    return new Search.Greedy();
  }

  private Search.EarlyStopping earlyStopping() throws DataException {
    JsonNode value = get("early_stopping");
    if (value.isMissingNode() || value.isNull()) {
      return Search.EarlyStopping.LIKELY;
    }
    if (value.isBoolean()) {
      return value.booleanValue() ? Search.EarlyStopping.FULL : Search.EarlyStopping.LIKELY;
    }
    if (value.asText().equals("never")) {
      return Search.EarlyStopping.NEVER;
    }
    throw wrong("early_stopping", value, "true, false or \"never\"");
  }

  private void refuseTheRest() throws DataException {
    List<String> refused = new ArrayList<>();
    for (Map.Entry<String, JsonNode> option : node.properties()) {
      if (!read.contains(option.getKey())
          && !ForeignOptions.changesNothing(option.getKey(), text(option.getValue()))) {
        refused.add(option.getKey() + " (" + text(option.getValue()) + ")");
      }
    }
    if (!refused.isEmpty()) {
      throw new DataException(
          "%s: options that generation here does not honour: %s%s; take them out of the file if the model may do without them"
              .formatted(
                  file,
                  String.join(", ", refused.subList(0, Math.min(TOLD, refused.size()))),
                  refused.size() > TOLD ? " and %d more".formatted(refused.size() - TOLD) : ""));
    }
  }

  private static String text(JsonNode value) {
    return value.isNumber()
        ? new BigDecimal(value.asText()).stripTrailingZeros().toPlainString()
        : value.toString();
  }

  private JsonNode get(String option) {
    read.add(option);
    return node.path(option);
  }

  private boolean flag(String option) throws DataException {
    JsonNode value = get(option);
    if (value.isMissingNode() || value.isNull()) {
      return false;
    }
    if (!value.isBoolean()) {
      throw wrong(option, value, "true or false");
    }
    return value.booleanValue();
  }

  private OptionalInt integer(String option) throws DataException {
    JsonNode value = get(option);
    if (value.isMissingNode() || value.isNull()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(integer(option, value));
  }

  private int integer(String option, JsonNode value) throws DataException {
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
      throw wrong(option, value, "a whole number from 0 on");
    }
    return value.intValue();
  }

  private double number(String option, double absent) throws DataException {
    JsonNode value = get(option);
    if (value.isMissingNode() || value.isNull()) {
      return absent;
    }
    if (!value.isNumber()) {
      throw wrong(option, value, "a number");
    }
    return value.doubleValue();
  }

  /// One or a list of them.
  private List<Integer> integers(String option) throws DataException {
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode value : several(get(option))) {
      numbers.add(integer(option, value));
    }
    return numbers;
  }

  private List<String> strings(String option) throws DataException {
    List<String> texts = new ArrayList<>();
    for (JsonNode value : several(get(option))) {
      if (!value.isTextual()) {
        throw wrong(option, value, "text");
      }
      texts.add(value.textValue());
    }
    return texts;
  }

  private static List<JsonNode> several(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return List.of();
    }
    List<JsonNode> values = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(values::add);
    } else {
      values.add(value);
    }
    return values;
  }

  private DataException wrong(String option, JsonNode value, String expected) {
    return new DataException(
        "%s: %s is %s; expected %s".formatted(file, option, text(value), expected));
  }
}
