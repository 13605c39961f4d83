package dev.eosin.data.tables;

import dev.eosin.config.DataException;
import dev.eosin.data.Names;
import dev.eosin.data.Refusals;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SamplePlace;
import dev.eosin.data.settings.ClassTemplates;
import dev.eosin.data.settings.RowRules;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Checks each selected row of a table while it is opened, and says everything at the end.
public final class RowChecks {
  private final String table;
  private final RowRules rules;
  private final String unit;
  private final RowProblems problems;
  // Told with the others, but no reason to stop.
  private final RowProblems accepted;
  private final RowProblems leftOut;
  private final Refusals refusals;
  private final Predicate<String> imageExists;
  private final UnaryOperator<String> place;
  private final Set<String> labels = new TreeSet<>();
  private final BadRowTally bad;
  private long missing;
  private long present;
  private long[] places = new long[256];
  private long[] words = new long[256];
  private boolean captioned = true;
  private int count;
  private boolean unnamed;

  /// @param table names the table
  /// @param unit what rows are counted in, for messages: `line`, `record`, `row`
  /// @param imageExists whether the image that a row names is there
  /// @param place where the image that a row names lies
  public RowChecks(
      String table,
      RowRules rules,
      String unit,
      Predicate<String> imageExists,
      UnaryOperator<String> place) {
    this(table, rules, unit, imageExists, place, Refusals.THROWN);
  }

  /// As above.
  ///
  /// @param refusals hears of rows that cannot be read, which are left out
  RowChecks(
      String table,
      RowRules rules,
      String unit,
      Predicate<String> imageExists,
      UnaryOperator<String> place,
      Refusals refusals) {
    this.refusals = refusals;
    this.table = table;
    this.rules = rules;
    this.bad = new BadRowTally(table, unit, imageExists);
    this.unit = unit;
    this.problems = new RowProblems(unit);
    this.accepted = new RowProblems(unit);
    this.leftOut = new RowProblems(unit);
    this.imageExists = imageExists;
    this.place = place;
  }

  /// Notes a row that the table should not have.
  ///
  /// @param kind completes "3 rows ...", for example "without an image path"
  /// @param place the row's number in the table, from 1
  public void problem(String kind, long place) {
    problems.add(kind, place);
  }

  /// Notes a row of which nothing can be said but this; it is not among the selected ones.
  void unreadable(String kind, long place) {
    leftOut.add(kind, place);
  }

  public void check(TableRow row, long place) {
    if (count == places.length) {
      places = Arrays.copyOf(places, 2 * count);
      words = Arrays.copyOf(words, 2 * count);
    }
    count++;
    if (rules.captions() && row.captions().isEmpty()) {
      accepted.add("with an empty caption", place);
      bad.addEmpty(count - 1, place, row);
    }
    if (rules.groups() && row.group().isEmpty()) {
      problem("with an empty group", place);
    }
    if (rules.labels()) {
      checkLabel(row.label(), place);
    }
    if (row.flaw().isPresent()) {
      accepted.add(row.flaw().get().kind(), place);
      bad.addFlawed(count - 1, place, row.flaw().get());
    }
    checkImages(row, place);
    captioned &= row.content() instanceof SampleContent.Captions;
    words[count - 1] = SamplePlace.of(row.content() + " " + row.label().orElse(""));
  }

  private void checkLabel(Optional<String> label, long place) {
    if (label.isEmpty()) {
      problem("with an empty label", place);
      return;
    }
    labels.add(label.get());
    if (!rules.classNames().isEmpty() && !rules.classNames().containsKey(label.get())) {
      unnamed = true;
      problem(
          "with the label '%s', which class-names lacks".formatted(Names.cut(label.get())), place);
    }
  }

  private void checkImages(TableRow row, long place) {
    if (!row.images().isEmpty()) {
      List<String> absent = new ArrayList<>();
      row.images().forEach(image -> checkImage(image, place, absent));
      missing += absent.size();
      if (!absent.isEmpty()) {
        bad.addMissing(count - 1, place, absent);
      }
    } else if (rules.textAlone() || row.flaw().isPresent()) {
      places[count - 1] = SamplePlace.of(SamplePlace.of(table), place);
    } else {
      problem("without an image path", place);
    }
  }

  private void checkImage(String image, long place, List<String> absent) {
    if (image.chars().anyMatch(Character::isISOControl)) {
      problem("with an image path with control characters", place);
      return;
    }
    try {
      if (!imageExists.test(image)) {
        absent.add(image);
      } else {
        present++;
      }
      long lies = SamplePlace.of(this.place.apply(image));
      long before = places[count - 1];
      places[count - 1] = before == 0 ? lies : SamplePlace.of(before, lies);
    } catch (InvalidPathException e) {
      problem("with an image path with characters that no path may have", place);
    }
  }

  /// Where the rows' images lie, as [dev.eosin.data.Source#place] says.
  long[] places() {
    return Arrays.copyOf(places, count);
  }

  /// Names the table.
  String table() {
    return table;
  }

  /// Rows that come again.
  RepeatedRows repeated() {
    return RepeatedRows.of(places(), Arrays.copyOf(words, count), bad::has);
  }

  /// Whether every row is an image with captions, or with a label to make some of.
  boolean captioned() {
    return captioned;
  }

  /// The labels of the rows, sorted.
  Set<String> labels() {
    return labels;
  }

  /// What a user should know of the texts of labels: those that no row has.
  List<String> notes() {
    return ClassTemplates.strangers(rules.classNames(), labels).stream()
        .map(text -> table + ": " + text)
        .toList();
  }

  /// The rows that are bad, each when its turn comes.
  BadRowTally bad() {
    return bad;
  }

  /// @throws DataException when no row is whole
  public void throwIfAllFlawed() throws DataException {
    bad.throwIfAllFlawed(count);
  }

  /// @throws DataException when no row has a caption
  public void throwIfAllEmpty(Object table) throws DataException {
    bad.throwIfAllEmpty(table, count);
  }

  /// @param table names the table
  /// @throws DataException with every problem; of rows that cannot be read alone, where nobody
  ///   hears of refusals
  public void throwIfFaulty(Object table) throws DataException {
    // A key of class-names that no row has is probably the misspelt one.
    problems.throwIfAny(
        table,
        List.of(leftOut, accepted),
        unnamed ? ClassTemplates.strangers(rules.classNames(), labels) : List.of());
    if (!leftOut.told().isEmpty()) {
      refusals.refuse(table + ": " + String.join("; ", leftOut.told()));
    }
  }

  /// What cannot be read of the table, one line each.
  List<String> unreadable() {
    return leftOut.told();
  }

  /// @param folder what the image paths start from
  /// @throws DataException when no listed image is there
  public void throwIfAllMissing(Object table, Object folder) throws DataException {
    if (missing > 0 && present == 0) {
      throw new DataException(
          "%s: none of the %d images exists under %s, for example %s; set 'images' to the folder"
                  .formatted(table, missing, folder, bad.firstMissing())
              + " that the paths start from");
    }
  }
}
