package dev.eosin.data.webdataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.Names;
import dev.eosin.data.json.JsonFields;
import dev.eosin.data.settings.WebDatasetFields;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a sample's `.json` says.
///
/// @param captions empty where the fields name none
record WebDatasetRecord(List<Caption> captions, Optional<String> label, Optional<String> group) {
  private static final ObjectReader JSON = new ObjectMapper().reader();

  /// Nothing is said.
  static final WebDatasetRecord NONE =
      new WebDatasetRecord(List.of(), Optional.empty(), Optional.empty());

  /// @throws DataException with the reason alone: no JSON, or a field that is missing or no caption
  static WebDatasetRecord parse(byte[] json, WebDatasetFields fields) throws DataException {
    JsonNode record = tree(json);
    List<Caption> captions = new ArrayList<>();
    for (String field : fields.captions()) {
      captions.addAll(captions(record, field));
    }
    if (captions.isEmpty() && !fields.captions().isEmpty()) {
      throw new DataException("no caption in %s".formatted(fields.captions()));
    }
    return new WebDatasetRecord(
        fields.weights().isPresent()
            ? weighted(captions, at(record, fields.weights().get()), fields.weights().get())
            : captions,
        text(record, fields.label()),
        text(record, fields.group()));
  }

  private static JsonNode tree(byte[] json) throws DataException {
    try {
      JsonNode record = JSON.readTree(json);
      if (record.isObject()) {
        return record;
      }
      throw new DataException("the .json holds no object");
    } catch (JsonProcessingException e) {
      throw new DataException("the .json cannot be read: " + e.getOriginalMessage(), e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("the .json cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static JsonNode at(JsonNode record, String field) throws DataException {
    JsonNode value = JsonFields.at(record, field);
    if (value.isMissingNode()) {
      List<String> present = new ArrayList<>();
      record.fieldNames().forEachRemaining(present::add);
      throw new DataException(
          "the .json has no field '%s'; it has [%s]".formatted(field, Names.of(present)));
    }
    return value;
  }

  private static List<Caption> captions(JsonNode record, String field) throws DataException {
    List<String> problems = new ArrayList<>();
    List<Caption> captions = JsonFields.captions(at(record, field), problems::add);
    if (!problems.isEmpty()) {
      throw new DataException("a .json %s (field '%s')".formatted(problems.getFirst(), field));
    }
    return captions;
  }

  private static List<Caption> weighted(List<Caption> captions, JsonNode weights, String field)
      throws DataException {
    if (!weights.isArray() || weights.size() != captions.size()) {
      throw new DataException(
          "the field '%s' should be a list of %d weights, one for each caption"
              .formatted(field, captions.size()));
    }
    List<Caption> result = new ArrayList<>();
    for (int i = 0; i < captions.size(); i++) {
      double weight = weights.get(i).asDouble(0);
      if (!(weight > 0) || Double.isInfinite(weight)) {
        throw new DataException(
            "the field '%s' holds the weight %s; expected a number above 0"
                .formatted(field, weights.get(i)));
      }
      result.add(new Caption(captions.get(i).text(), weight));
    }
    return result;
  }

  private static Optional<String> text(JsonNode record, Optional<String> field)
      throws DataException {
    if (field.isEmpty()) {
      return Optional.empty();
    }
    JsonNode value = at(record, field.get());
    return Optional.of(
        JsonFields.text(value)
            .orElseThrow(
                () ->
                    new DataException(
                        "the field '%s' is %s; expected a text or a number"
                            .formatted(field.get(), JsonFields.kind(value)))));
  }
}
