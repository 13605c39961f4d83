package dev.eosin.data.tables;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.Names;
import dev.eosin.data.settings.CsvColumns;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.QuestionFields;
import dev.eosin.text.CaptionText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Where a table has the columns that the settings name.
///
/// @param width number of columns
/// @param captions columns that hold a caption each
/// @param lists whether these columns hold lists of captions
/// @param id the column that lists of samples name
/// @param where the columns that choose rows, by name
/// @param questions where rows are questions
record CsvLayout(
    int width,
    int image,
    List<Integer> captions,
    OptionalInt label,
    OptionalInt group,
    boolean lists,
    OptionalInt id,
    Map<String, Integer> where,
    Optional<Questions> questions) {
  /// The columns of a question; -1 where the settings name none.
  record Questions(
      QuestionFields names,
      int question,
      int answer,
      int closedAnswer,
      List<Integer> options,
      int type,
      int fact) {
    Questions {
      options = List.copyOf(options);
    }
  }

  CsvLayout {
    captions = List.copyOf(captions);
    where = Map.copyOf(where);
  }

  /// @throws DataException naming every column that is missing or there twice, and those there are
  static CsvLayout of(CsvTable table, CsvSettings settings) throws DataException {
    Finder finder = new Finder(table.columns());
    CsvColumns names = settings.columns();
    int image = finder.find("columns.image", names.image());
    List<Integer> captions = new ArrayList<>();
    names.caption().ifPresent(name -> captions.add(finder.find("columns.caption", name)));
    names.moreCaptions().forEach(name -> captions.add(finder.find("columns.more-captions", name)));
    OptionalInt label = finder.find("columns.label", names.label());
    OptionalInt group = finder.find("columns.group", names.group());
    OptionalInt id = finder.find("id", settings.id());
    Map<String, Integer> where = new HashMap<>();
    settings.where().keySet().forEach(name -> where.put(name, finder.find("where", name)));
    Optional<Questions> questions = names.questions().map(finder::questions);
    finder.throwIfMissing(table);
    return new CsvLayout(
        table.columns().size(),
        image,
        captions,
        label,
        group,
        settings.captionLists(),
        id,
        where,
        questions);
  }

  /// @param problem is told of captions or options that are no list where they should be
  TableRow read(CsvRecord row, Consumer<String> problem) {
    if (questions.isPresent()) {
      return question(row, questions.get(), problem);
    }
    List<String> texts =
        captions.stream()
            .map(row::getField)
            .flatMap(text -> lists ? listed(text, problem) : Stream.of(text))
            .filter(text -> !CaptionText.isEmpty(text))
            .map(CaptionText::of)
            .toList();
    return new TableRow(
        row.getField(image), Caption.equal(texts), field(row, label), field(row, group));
  }

  private TableRow question(CsvRecord row, Questions columns, Consumer<String> problem) {
    RowQuestion read =
        new RowQuestion(
            columns.names(),
            row.getField(columns.question()),
            row.getField(columns.answer()),
            text(row, columns.closedAnswer()),
            RowOptions.of(columns.options().stream().map(row::getField).toList(), problem),
            text(row, columns.type()),
            text(row, columns.fact()));
    return TableRow.of(
        TableRow.named(row.getField(image)),
        read.about(row.getField(image)),
        field(row, label),
        field(row, group));
  }

  private static String text(CsvRecord row, int column) {
    return column < 0 ? "" : row.getField(column);
  }

  private static Stream<String> listed(String text, Consumer<String> problem) {
    Optional<List<String>> texts = text.isBlank() ? Optional.of(List.of()) : PythonList.parse(text);
    if (texts.isEmpty()) {
      problem.accept("whose caption is no list such as ['A.', 'B.'] (caption-lists)");
    }
    return texts.orElse(List.of()).stream();
  }

  private static Optional<String> field(CsvRecord row, OptionalInt column) {
    return column.isEmpty()
        ? Optional.empty()
        : Optional.of(row.getField(column.getAsInt())).filter(text -> !text.isBlank());
  }

  private static final class Finder {
    private final List<String> columns;
    private final List<String> problems = new ArrayList<>();

    Finder(List<String> columns) {
      this.columns = columns;
    }

    int find(String key, String name) {
      int index = columns.indexOf(name);
      if (index < 0) {
        problems.add("no column '%s' (%s)".formatted(name, key));
      } else if (columns.lastIndexOf(name) != index) {
        problems.add("two columns '%s' (%s)".formatted(name, key));
      }
      return index;
    }

    OptionalInt find(String key, Optional<String> name) {
      return name.isEmpty() ? OptionalInt.empty() : OptionalInt.of(find(key, name.get()));
    }

    Questions questions(QuestionFields names) {
      return new Questions(
          names,
          find("columns.question", names.question()),
          find("columns.answer", names.answer()),
          find("columns.closed-answer", names.closedAnswer()).orElse(-1),
          names.options().stream().map(name -> find("columns.options", name)).toList(),
          find("columns.question-type", names.type()).orElse(-1),
          find("columns.fact", names.fact()).orElse(-1));
    }

    void throwIfMissing(CsvTable table) throws DataException {
      if (!problems.isEmpty()) {
        throw new DataException(
            "%s: %s; the columns are: %s%s"
                .formatted(
                    table.file(),
                    String.join(", ", problems),
                    Names.of(columns),
                    Separator.hint(columns)));
      }
    }
  }

  /// A character that usually separates fields.
  private enum Separator {
    COMMA(",", "\",\""),
    TAB("\t", "\"\\t\""),
    SEMICOLON(";", "\";\""),
    BAR("|", "\"|\"");

    private final String text;
    private final String written;

    Separator(String text, String written) {
      this.text = text;
      this.written = written;
    }

    /// The cure for a header that was read as one column because its separator is another one.
    static String hint(List<String> columns) {
      if (columns.size() != 1) {
        return "";
      }
      return Arrays.stream(values())
          .filter(separator -> columns.getFirst().contains(separator.text))
          .findFirst()
          .map(separator -> "; the header looks like one with separator: " + separator.written)
          .orElse("");
    }
  }
}
