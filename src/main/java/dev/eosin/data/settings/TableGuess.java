package dev.eosin.data.settings;

import dev.eosin.config.DataException;
import dev.eosin.data.Names;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Which column of a table holds what, guessed from names and from the first rows; every guess says
/// why.
///
/// @param separator of the fields; none for JSON lines
/// @param image the column of the image files
/// @param images the folder that its paths start from, where it is not the table's own
/// @param caption the column of captions
/// @param label the column of classes
/// @param group the column of slides or patients
/// @param groups how many there are in the first rows
/// @param split the column that tells training from validation
/// @param reasons one line for each guess
public record TableGuess(
    Optional<Character> separator,
    String image,
    Optional<Path> images,
    Optional<String> caption,
    Optional<String> label,
    Optional<String> group,
    OptionalInt groups,
    Optional<Split> split,
    List<String> reasons) {
  private static final Pattern IMAGE =
      Pattern.compile("(?i).+\\.(png|jpe?g|tiff?|webp|bmp|gif|jp2)");
  private static final Pattern CAPTION =
      Pattern.compile("(?i)(caption|title|text|description|report|sentence|findings)s?");
  private static final Pattern LABEL =
      Pattern.compile(
          "(?i)(label|class|cat|category|diagnosis|tissue|target|y)([_-]?(name|text|id))?");
  private static final Pattern GROUP =
      Pattern.compile("(?i)(patient|case|subject|specimen|slide|wsi|group|donor).*");
  private static final Pattern CENTRE =
      Pattern.compile(
          "(?i)(medical[_-]?)?(centre|center|hospital|site|institution|scanner)([_-]?(name|id))?");
  private static final Pattern SPLIT = Pattern.compile("(?i)(split|set|subset|partition|fold)");
  private static final Pattern TEST_FLAG = Pattern.compile("(?i)is[_-]?test");
  private static final Set<String> FOR_TEST = Set.of("true", "1", "1.0", "yes");
  private static final Set<String> TRAINING = Set.of("train", "training", "trn");
  private static final List<String> VALIDATION =
      List.of("validation", "val", "valid", "dev", "test", "testing");
  private static final int MOST_CLASSES = 200;
  private static final int SHORTEST_CAPTION = 15;

  /// A column that tells training from validation, and its two values.
  public record Split(String column, String train, String validation) {}

  public TableGuess {
    reasons = List.copyOf(reasons);
  }

  /// Reads the first rows and guesses.
  ///
  /// @throws DataException when the table cannot be read or no column holds image files
  public static TableGuess of(Path file) throws DataException {
    return of(file, true);
  }

  /// As above, whether the images are there or not.
  ///
  /// @throws DataException when the table cannot be read or no column names image files
  public static TableGuess named(Path file) throws DataException {
    return of(file, false);
  }

  private static TableGuess of(Path file, boolean there) throws DataException {
    TableSample table = TableSample.read(file);
    List<String> reasons = new ArrayList<>();
    String image = imageColumn(table);
    reasons.add("image '%s': its values end like image files".formatted(image));
    Optional<Path> images = there ? folder(table, image, reasons) : Optional.empty();
    Optional<Split> split = split(table);
    split.ifPresent(
        found ->
            reasons.add(
                "split '%s': '%s' to train on, '%s' to validate with"
                    .formatted(found.column(), found.train(), found.validation())));
    List<String> taken = new ArrayList<>(List.of(image));
    split.ifPresent(found -> taken.add(found.column()));
    Optional<String> label = label(table, taken);
    label.ifPresent(
        name ->
            reasons.add("label '%s': %d different values".formatted(name, table.distinct(name))));
    label.ifPresent(taken::add);
    Optional<String> group = first(table, taken, GROUP, name -> table.distinct(name) > 1);
    group.ifPresent(
        name ->
            reasons.add(
                "group '%s': named like a slide or patient; no group may be on both sides"
                    .formatted(name)));
    group.ifPresent(taken::add);
    Optional<String> caption = caption(table, taken);
    caption.ifPresent(
        name ->
            reasons.add(
                "caption '%s': text of %.0f characters on average"
                    .formatted(name, table.meanLength(name))));
    OptionalInt groups =
        group.map(name -> OptionalInt.of(table.distinct(name))).orElseGet(OptionalInt::empty);
    return new TableGuess(
        table.separator(), image, images, caption, label, group, groups, split, reasons);
  }

  /// Whether a text ends like the name of an image.
  public static boolean namesImage(String text) {
    return IMAGE.matcher(text).matches();
  }

  private static String imageColumn(TableSample table) throws DataException {
    return table.columns().stream()
        .filter(name -> table.share(name, IMAGE.asMatchPredicate()) > 0.5)
        .max(Comparator.comparingDouble(name -> table.share(name, IMAGE.asMatchPredicate())))
        .orElseThrow(
            () ->
                new DataException(
                    "%s: no column holds image files (.png, .jpg, .tif, .webp); the columns are %s"
                        .formatted(table.file(), Names.of(table.columns()))));
  }

  private static Optional<Path> folder(TableSample table, String image, List<String> reasons)
      throws DataException {
    Path own = table.file().toAbsolutePath().normalize().getParent();
    List<Path> candidates = own == null ? List.of(Path.of("")) : candidates(own);
    for (Path folder : candidates) {
      Predicate<String> exists = name -> isFile(folder, name);
      double share = table.share(image, exists);
      int rows = table.rows().size();
      if (share > 0) {
        reasons.add(
            "images: the files of %d of the first %d rows are in %s"
                .formatted(Math.round(share * rows), rows, folder));
        return folder.equals(own) ? Optional.empty() : Optional.of(folder);
      }
    }
    throw new DataException(
        "%s: none of the images named in '%s' is there, for example '%s'; looked in %s"
            .formatted(
                table.file(), image, table.rows().getFirst().getOrDefault(image, ""), candidates));
  }

  private static boolean isFile(Path folder, String name) {
    try {
      return Files.isRegularFile(folder.resolve(name));
    } catch (InvalidPathException noPath) {
      return false;
    }
  }

  private static List<Path> candidates(Path own) {
    return Stream.concat(
            Stream.of(own, Path.of("").toAbsolutePath()),
            Stream.of("images", "tiles", "patches", "..").map(own::resolve))
        .map(Path::normalize)
        .distinct()
        .toList();
  }

  private static Optional<Split> split(TableSample table) {
    return table.columns().stream()
        .filter(SPLIT.asMatchPredicate())
        .flatMap(name -> split(table, name).stream())
        .findFirst()
        .or(() -> flag(table));
  }

  /// Whether a column is named as one that only tells rows for testing from others.
  public static boolean flagsTest(String column) {
    return TEST_FLAG.matcher(column).matches();
  }

  /// A column that is named as one of classes, whatever the first rows hold.
  public static Optional<String> namedLabel(List<String> columns) {
    return columns.stream().filter(LABEL.asMatchPredicate()).findFirst();
  }

  /// The same of one of slides or patients.
  public static Optional<String> namedGroup(List<String> columns) {
    return columns.stream().filter(GROUP.asMatchPredicate()).findFirst();
  }

  /// The same of one of hospitals or scanners.
  public static Optional<String> namedCentre(List<String> columns) {
    return columns.stream().filter(CENTRE.asMatchPredicate()).findFirst();
  }

  /// The same of one that tells the parts of the data.
  public static Optional<String> namedSplit(List<String> columns) {
    return columns.stream()
        .filter("split"::equalsIgnoreCase)
        .findFirst()
        .or(() -> columns.stream().filter(TableGuess::flagsTest).findFirst());
  }

  private static Optional<Split> flag(TableSample table) {
    return table.columns().stream()
        .filter(TableGuess::flagsTest)
        .flatMap(name -> flag(name, table.values(name)).stream())
        .findFirst();
  }

  private static Optional<Split> flag(String column, Set<String> values) {
    Predicate<String> tests = value -> FOR_TEST.contains(value.toLowerCase(Locale.ROOT));
    Optional<String> train = values.stream().filter(tests.negate()).findFirst();
    return values.size() == 2
        ? values.stream()
            .filter(tests)
            .findFirst()
            .flatMap(test -> train.map(other -> new Split(column, other, test)))
        : Optional.empty();
  }

  private static Optional<Split> split(TableSample table, String column) {
    Set<String> values = table.values(column);
    Optional<String> train =
        values.stream()
            .filter(value -> TRAINING.contains(value.toLowerCase(Locale.ROOT)))
            .findFirst();
    return VALIDATION.stream()
        .flatMap(word -> values.stream().filter(word::equalsIgnoreCase))
        .findFirst()
        .flatMap(other -> train.map(value -> new Split(column, value, other)));
  }

  /// Of several, the one whose classes read most like text.
  private static Optional<String> label(TableSample table, List<String> taken) {
    return table.columns().stream()
        .filter(name -> !taken.contains(name) && LABEL.matcher(name).matches())
        .filter(name -> table.distinct(name) > 1 && table.distinct(name) <= MOST_CLASSES)
        .max(
            Comparator.comparing(
                    (String name) -> table.share(name, value -> value.strip().contains(" ")))
                .thenComparing(table::meanLength));
  }

  private static Optional<String> first(
      TableSample table, List<String> taken, Pattern name, Predicate<String> accepts) {
    return table.columns().stream()
        .filter(each -> !taken.contains(each) && name.matcher(each).matches())
        .filter(accepts)
        .findFirst();
  }

  private static Optional<String> caption(TableSample table, List<String> taken) {
    return first(table, taken, CAPTION, name -> table.share(name, text -> !text.isBlank()) > 0.5)
        .or(
            () ->
                table.columns().stream()
                    .filter(name -> !taken.contains(name))
                    .filter(name -> table.meanLength(name) >= SHORTEST_CAPTION)
                    .filter(name -> table.share(name, text -> text.strip().contains(" ")) > 0.5)
                    .max(Comparator.comparingDouble(table::meanLength)));
  }

  /// What each column holds, as the keys of `columns` in a recipe.
  public Map<String, String> columns() {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put("image", image);
    caption.ifPresent(name -> columns.put("caption", name));
    label.ifPresent(name -> columns.put("label", name));
    group.ifPresent(name -> columns.put("group", name));
    return columns;
  }
}
