package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.data.settings.QuestionFields;
import dev.eosin.data.tables.RowOptions;
import dev.eosin.data.tables.RowQuestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The question that a JSON record asks.
public final class JsonQuestion {
  private JsonQuestion() {}

  /// @param problem is told of fields of another kind than they should be; completes "3 rows ..."
  public static RowQuestion read(JsonNode record, QuestionFields names, Consumer<String> problem) {
    return new RowQuestion(
        names,
        text(record, Optional.of(names.question()), problem),
        text(record, Optional.of(names.answer()), problem),
        text(record, names.closedAnswer(), problem),
        options(record, names.options(), problem),
        text(record, names.type(), problem),
        text(record, names.fact(), problem));
  }

  private static String text(JsonNode record, Optional<String> name, Consumer<String> problem) {
    if (name.isEmpty()) {
      return "";
    }
    JsonNode value = JsonFields.at(record, name.get());
    if (value.isContainerNode()) {
      problem.accept("whose %s is %s, not a text".formatted(name.get(), JsonFields.kind(value)));
    }
    return JsonFields.text(value).orElse("");
  }

  /// A list of texts, an object whose values are texts (`{"A": ..., "B": ...}`), a text that holds
  /// a list, or a field for each option.
  private static List<String> options(
      JsonNode record, List<String> names, Consumer<String> problem) {
    if (names.size() == 1) {
      JsonNode value = JsonFields.at(record, names.getFirst());
      if (value.isContainerNode()) {
        List<String> texts = new ArrayList<>();
        value.forEach(one -> texts.add(one(one, problem)));
        return texts;
      }
      return RowOptions.of(List.of(JsonFields.text(value).orElse("")), problem);
    }
    return names.stream().map(name -> text(record, Optional.of(name), problem)).toList();
  }

  private static String one(JsonNode option, Consumer<String> problem) {
    if (option.isContainerNode()) {
      problem.accept("with an option that is %s, not a text".formatted(JsonFields.kind(option)));
    }
    return JsonFields.text(option).orElse("");
  }
}
