package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `type: csv`: a table with one row for each image.
@Doc("A CSV or TSV file with a header and one row for each image.")
public record CsvSettings(
    @Doc("The table, in UTF-8 (with or without a byte order mark).") Path path,
    @Doc("What separates the fields: one character; \"\\t\" for tab.") @OrElse("\",\"")
        String separator,
    @Doc(
            "What a double quote is: double begins and ends a field that may hold separators and"
                + " new lines, and is itself written twice there; none is a character as any other,"
                + " as tools that write raw tables take it.")
        @OrElse("double")
        Quotes quotes,
    @Doc("The folder that image paths start from; without it the table's own folder.")
        Optional<Path> images,
    @Doc("Which column holds what.") CsvColumns columns,
    @Doc("Keeps the rows whose columns have these values, for example { split: train }.")
        @OrElse("{}")
        Map<String, String> where,
    @Doc(
            "What each label shows, in the order of the classes; without it the label is the"
                + " text.")
        @OrElse("{}")
        Map<String, String> classNames,
    @Doc("Captions for tables without a caption column; {} stands for the class text.")
        @OrElse("[]")
        List<String> templates,
    @Doc(
            "Whether the caption columns hold lists as Python writes them, such as ['A.', 'B.'],"
                + " whose texts are captions each.")
        @OrElse("false")
        boolean captionLists,
    @Doc(SampleLists.ONLY_DOC) Optional<Path> only,
    @Doc(SampleLists.WITHOUT_DOC) Optional<Path> without,
    @Doc(SampleLists.ID_DOC) Optional<String> id)
    implements SourceSettings {
  /// What a double quote is.
  public enum Quotes {
    /// The rules of RFC 4180.
    DOUBLE,
    /// A character as any other.
    NONE
  }

  /// Quotes by the rules, one caption a column, all rows.
  public CsvSettings(
      Path path,
      String separator,
      Optional<Path> images,
      CsvColumns columns,
      Map<String, String> where,
      Map<String, String> classNames,
      List<String> templates) {
    this(
        path,
        separator,
        Quotes.DOUBLE,
        images,
        columns,
        where,
        classNames,
        templates,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// @throws IllegalArgumentException for a separator that is not one ASCII character, a template
  ///   without `{}`, a blank class text, templates beside a caption column or without labels
  public CsvSettings {
    where = Collections.unmodifiableMap(new TreeMap<>(where));
    RowRules rules = rules(columns, classNames, templates);
    classNames = rules.classNames();
    templates = rules.templates();
    if (separator.length() != 1 || separator.charAt(0) > 127 || "\"\r\n".contains(separator)) {
      throw new IllegalArgumentException(
          "separator: '%s' is not one ASCII character, such as ',' or ';'".formatted(separator));
    }
  }

  public RowRules rules() {
    return rules(columns, classNames, templates);
  }

  private static RowRules rules(
      CsvColumns columns, Map<String, String> classNames, List<String> templates) {
    RowRules.refuseTemplates("columns", columns.questions(), templates);
    return RowRules.checked(
        "columns",
        columns.caption().isPresent(),
        columns.label().isPresent(),
        columns.group().isPresent(),
        classNames,
        templates);
  }
}
