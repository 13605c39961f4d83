package dev.eosin.data.parquet;

import dev.eosin.config.DataException;
import dev.eosin.data.OneLine;
import dev.eosin.data.settings.ParquetSettings;
import dev.eosin.data.settings.QuestionFields;
import dev.eosin.data.settings.RowFields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/// Where a Parquet file has the columns that the settings name, as indices into its schema.
///
/// @param embedded whether the image column holds encoded images, not paths
/// @param weight of each caption
/// @param id the column that lists of samples name
/// @param questions where rows are questions
record ParquetLayout(
    int image,
    boolean embedded,
    Optional<Integer> caption,
    Optional<Integer> weight,
    Optional<Integer> label,
    Optional<Integer> group,
    Optional<Integer> id,
    Map<String, Integer> where,
    Optional<Questions> questions) {
  /// The columns of a question.
  record Questions(
      QuestionFields names,
      int question,
      int answer,
      Optional<Integer> closedAnswer,
      List<Integer> options,
      Optional<Integer> type,
      Optional<Integer> fact) {
    Questions {
      options = List.copyOf(options);
    }

    private Set<Integer> columns() {
      Set<Integer> columns = new TreeSet<>(options);
      columns.addAll(List.of(question, answer));
      List.of(closedAnswer, type, fact).forEach(column -> column.ifPresent(columns::add));
      return columns;
    }
  }

  ParquetLayout {
    where = Map.copyOf(where);
  }

  /// @throws DataException naming every column that is missing or of a kind that does not fit, and
  ///   those there are
  static ParquetLayout of(ParquetFile file, ParquetSettings settings) throws DataException {
    ParquetSchema schema = file.schema();
    Finder finder = new Finder(schema);
    RowFields names = settings.columns();
    int image = finder.image(names.image());
    Optional<Integer> weight =
        names
            .caption()
            .flatMap(
                name ->
                    schema.find(name, "text").isPresent()
                        ? schema.find(name, "weight")
                        : Optional.empty());
    Optional<Integer> caption = names.caption().map(finder::caption);
    Optional<Integer> label = names.label().map(name -> finder.single("columns.label", name));
    Optional<Integer> group = names.group().map(name -> finder.single("columns.group", name));
    Optional<Integer> id = settings.id().map(name -> finder.single("id", name));
    Map<String, Integer> where = new HashMap<>();
    settings.where().keySet().forEach(name -> where.put(name, finder.single("where", name)));
    Optional<Questions> questions = names.questions().map(finder::questions);
    if (!finder.problems.isEmpty()) {
      throw new DataException(
          "%s: %s; the columns are: %s"
              .formatted(
                  file.path(), String.join(", ", finder.problems), OneLine.of(schema.names())));
    }
    boolean embedded = !schema.leaves().get(image).text();
    return new ParquetLayout(image, embedded, caption, weight, label, group, id, where, questions);
  }

  /// Every column whose pages must be found.
  Set<Integer> columns() {
    Set<Integer> columns = new TreeSet<>(where.values());
    columns.add(image);
    List.of(caption, weight, label, group, id).forEach(column -> column.ifPresent(columns::add));
    questions.ifPresent(found -> columns.addAll(found.columns()));
    return columns;
  }

  private static final class Finder {
    private final ParquetSchema schema;
    private final List<String> problems = new ArrayList<>();

    Finder(ParquetSchema schema) {
      this.schema = schema;
    }

    int image(String name) {
      int column = schema.find(name, "bytes").orElseGet(() -> found("columns.image", name));
      return checked("columns.image", name, column, false);
    }

    int caption(String name) {
      int column = schema.find(name, "text").orElseGet(() -> found("columns.caption", name));
      return checked("columns.caption", name, column, true);
    }

    Questions questions(QuestionFields names) {
      List<Integer> options =
          names.options().size() == 1
              ? List.of(list("columns.options", names.options().getFirst()))
              : names.options().stream().map(name -> single("columns.options", name)).toList();
      return new Questions(
          names,
          single("columns.question", names.question()),
          single("columns.answer", names.answer()),
          names.closedAnswer().map(name -> single("columns.closed-answer", name)),
          options,
          names.type().map(name -> single("columns.question-type", name)),
          names.fact().map(name -> single("columns.fact", name)));
    }

    private int list(String key, String name) {
      return checked(key, name, found(key, name), true);
    }

    int single(String key, String name) {
      return checked(key, name, found(key, name), false);
    }

    private int found(String key, String name) {
      return schema
          .find(name)
          .orElseGet(
              () -> {
                problems.add("no column '%s' (%s)".formatted(name, key));
                return 0;
              });
    }

    private int checked(String key, String name, int column, boolean mayRepeat) {
      ParquetSchema.Leaf leaf = schema.leaves().get(column);
      PrimitiveTypeName type = leaf.type();
      if (leaf.isRepeated() && !mayRepeat) {
        problems.add("column '%s' (%s) holds lists".formatted(name, key));
      } else if (type == PrimitiveTypeName.INT96
          || type == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY
          || key.equals("columns.image") && !leaf.isBytes()) {
        problems.add("column '%s' (%s) is of type %s".formatted(name, key, type));
      }
      return column;
    }
  }
}
