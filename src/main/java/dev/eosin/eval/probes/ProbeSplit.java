package dev.eosin.eval.probes;

import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Which rows a probe learns from, which choose its strength, and which judge it; and what their
/// classes are.
///
/// The column `split` decides where there is one: train or training, validation, val, valid or dev,
/// test or testing, or blank; another word is an error, since such rows would be learnt from in
/// silence. A side that it does not name is drawn, which is said. A draw is a function of the seed
/// and of the row's group, or of its path where it has none, so that no group is on two sides that
/// were drawn; a side that would be empty gets the group that came closest.
///
/// @param labels of the classes; of whole numbers in their order, otherwise in that of letters
/// @param classes of all rows, -1 where a row has no label `[n]`
/// @param train rows that it learns from
/// @param validation rows that choose
/// @param test rows that judge
/// @param notes what a user should know, one line each
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record ProbeSplit(
    List<String> labels,
    int[] classes,
    int[] train,
    int[] validation,
    int[] test,
    List<String> notes) {
  private static final Set<String> TRAIN = Set.of("train", "training");
  private static final Set<String> TEST = Set.of("test", "testing");
  private static final Set<String> VALIDATION = Set.of("validation", "val", "valid", "dev");
  private static final int SHOWN = 8;
  private static final long FNV_OFFSET = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;

  /// What is known of a row.
  ///
  /// @param path names it
  /// @param group slide, patient or the like
  /// @param label its class
  /// @param split the part of the data that it belongs to
  /// @param centre hospital, scanner or the like
  public record Row(
      String path,
      Optional<String> group,
      Optional<String> label,
      Optional<String> split,
      Optional<String> centre) {
    /// Of stored states.
    public static Row of(ActivationRow row) {
      return new Row(row.path(), row.group(), row.label(), row.split(), row.centre());
    }
  }

  private enum Side {
    TRAIN,
    VALIDATION,
    TEST
  }

  public ProbeSplit {
    labels = List.copyOf(labels);
    notes = List.copyOf(notes);
  }

  /// Divides rows.
  ///
  /// @param name of the states, for messages
  /// @param validation share of what is not for testing, where no row is named as for validation
  /// @param test share of all, where no row is named as for testing
  /// @throws DataException when fewer than two classes are there, a path comes twice, a side is
  ///   empty, or a class is not among the rows that are learnt from
  public static ProbeSplit of(
      String name, List<Row> rows, RandomKey key, double validation, double test)
      throws DataException {
    List<String> labels = labels(name, rows);
    requireDistinct(name, rows);
    return of(name, rows, labels, key, validation, test);
  }

  /// As above, of classes that are known; a row of another label is left out.
  ///
  /// @param labels of the classes, at least two
  /// @param validation 0 where nothing is chosen: then no row needs to be for it
  /// @throws DataException when a side is empty, a class is not among the rows that are learnt
  ///   from, or a part of the data has another name
  public static ProbeSplit of(
      String name,
      List<Row> rows,
      List<String> labels,
      RandomKey key,
      double validation,
      double test)
      throws DataException {
    requireKnown(name, rows);
    int[] classes =
        rows.stream().mapToInt(row -> row.label().map(labels::indexOf).orElse(-1)).toArray();
    Side[] sides = sides(rows, key, validation, test);
    int[][] found = new int[Side.values().length][];
    for (Side side : Side.values()) {
      found[side.ordinal()] =
          IntStream.range(0, classes.length)
              .filter(row -> classes[row] >= 0 && sides[row] == side)
              .toArray();
      boolean needed = side != Side.VALIDATION || validation > 0;
      if (needed && found[side.ordinal()].length == 0) {
        throw new DataException(
            "%s: no row is left for %s; of %d rows %d have labels"
                .formatted(
                    name,
                    side.name().toLowerCase(Locale.ROOT),
                    classes.length,
                    IntStream.of(classes).filter(label -> label >= 0).count()));
      }
    }
    requireLearnt(name, labels, classes, found[0]);
    return new ProbeSplit(
        labels,
        classes,
        found[0],
        found[1],
        found[2],
        notes(rows, labels, classes, found, validation, test));
  }

  /// Whether a part of the data is for testing.
  public static boolean isTest(Optional<String> split) {
    return part(split).filter(TEST::contains).isPresent();
  }

  private static Optional<String> part(Optional<String> split) {
    return split.map(part -> part.strip().toLowerCase(Locale.ROOT));
  }

  /// Refuses rows of a part that is none of the known ones, such as `holdout`.
  ///
  /// @throws DataException with the names and how many rows have each
  public static void requireKnown(String name, List<Row> rows) throws DataException {
    SortedMap<String, Long> unknown = new TreeMap<>();
    for (Row row : rows) {
      part(row.split())
          .filter(
              part ->
                  !part.isEmpty()
                      && !TRAIN.contains(part)
                      && !VALIDATION.contains(part)
                      && !TEST.contains(part))
          .ifPresent(_ -> unknown.merge(row.split().orElseThrow(), 1L, Long::sum));
    }
    if (!unknown.isEmpty()) {
      throw new DataException(
          ("%s: the split of %d rows is none of train, val and test: %s; rename them, leave the"
                  + " rows out, or name another column of splits")
              .formatted(
                  name,
                  unknown.values().stream().mapToLong(Long::longValue).sum(),
                  unknown.entrySet().stream()
                      .limit(SHOWN)
                      .map(each -> "'%s' (%d)".formatted(each.getKey(), each.getValue()))
                      .collect(Collectors.joining(", "))));
    }
  }

  /// Refuses rows of the same path.
  ///
  /// @throws DataException with the places of the first two
  public static void requireDistinct(String name, List<Row> rows) throws DataException {
    Map<String, Integer> seen = new HashMap<>();
    for (int row = 0; row < rows.size(); row++) {
      Integer before = seen.put(rows.get(row).path(), row);
      if (before != null) {
        throw new DataException(
            "%s: rows %d and %d are the same tile, %s; a tile that is counted twice distorts every figure: remove one"
                .formatted(name, before + 1, row + 1, rows.get(row).path()));
      }
    }
  }

  private static List<String> labels(String name, List<Row> rows) throws DataException {
    List<String> labels =
        LabelOrder.classes(name, rows.stream().flatMap(row -> row.label().stream()));
    if (labels.size() < 2) {
      throw new DataException(
          "%s: a probe tells classes apart; its rows have the labels %s".formatted(name, labels));
    }
    return labels;
  }

  private static Side[] sides(List<Row> rows, RandomKey key, double validation, double test) {
    List<Optional<String>> said = rows.stream().map(row -> part(row.split())).toList();
    boolean tests = names(rows, TEST);
    boolean chooses = names(rows, VALIDATION);
    Side[] sides = new Side[rows.size()];
    double[] forTest = new double[rows.size()];
    double[] forChoice = new double[rows.size()];
    for (int row = 0; row < sides.length; row++) {
      String unit = rows.get(row).group().orElse(rows.get(row).path());
      RandomStream drawn = key.stream(Purpose.VALIDATION_SPLIT, 0, hash(unit));
      forTest[row] = drawn.nextDouble();
      forChoice[row] = drawn.nextDouble();
      Optional<String> part = said.get(row);
      if (tests ? part.filter(TEST::contains).isPresent() : forTest[row] < test) {
        sides[row] = Side.TEST;
      } else if (chooses
          ? part.filter(VALIDATION::contains).isPresent()
          : forChoice[row] < validation) {
        sides[row] = Side.VALIDATION;
      } else {
        sides[row] = Side.TRAIN;
      }
    }
    // Of few groups a draw may leave a side empty: it gets the one that came closest.
    if (!tests) {
      fill(sides, Side.TEST, forTest);
    }
    if (!chooses && validation > 0) {
      fill(sides, Side.VALIDATION, forChoice);
    }
    return sides;
  }

  private static boolean names(List<Row> rows, Set<String> part) {
    return rows.stream().anyMatch(row -> part(row.split()).filter(part::contains).isPresent());
  }

  /// Rows of a group have the same draw, so that they come over together.
  private static void fill(Side[] sides, Side empty, double[] drawn) {
    if (Arrays.asList(sides).contains(empty)) {
      return;
    }
    double least =
        IntStream.range(0, sides.length)
            .filter(row -> sides[row] == Side.TRAIN)
            .mapToDouble(row -> drawn[row])
            .min()
            .orElse(1);
    for (int row = 0; row < sides.length; row++) {
      sides[row] = sides[row] == Side.TRAIN && drawn[row] == least ? empty : sides[row];
    }
  }

  private static long hash(String name) {
    long hash = FNV_OFFSET;
    for (byte letter : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (letter & 0xFF)) * FNV_PRIME;
    }
    return hash;
  }

  private static void requireLearnt(String name, List<String> labels, int[] classes, int[] train)
      throws DataException {
    for (int label = 0; label < labels.size(); label++) {
      int wanted = label;
      if (IntStream.of(train).noneMatch(row -> classes[row] == wanted)) {
        throw new DataException(
            "%s: no row of the class '%s' is among the %d that are learnt from"
                .formatted(name, labels.get(label), train.length));
      }
    }
  }

  private static List<String> notes(
      List<Row> rows,
      List<String> labels,
      int[] classes,
      int[][] found,
      double validation,
      double test) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "%d rows to learn from, %d to choose with, %d to judge by"
            .formatted(found[0].length, found[1].length, found[2].length));
    if (!names(rows, TEST)) {
      notes.add(drawn("judge", test));
    }
    if (!names(rows, VALIDATION) && validation > 0) {
      notes.add(drawn("choose", validation));
    }
    without(labels, classes, found[Side.VALIDATION.ordinal()]).ifPresent(notes::add);
    long unlabelled = IntStream.of(classes).filter(label -> label < 0).count();
    if (unlabelled > 0) {
      notes.add("%d rows have no label and are left out".formatted(unlabelled));
    }
    long alone = rows.stream().filter(row -> row.group().isEmpty()).count();
    if (alone == rows.size()) {
      notes.add(
          "no row has a group (slide, patient): rows of one may be on several sides, and intervals take each row for itself");
      return notes;
    }
    if (alone > 0) {
      notes.add(
          "%d of %d rows have no group (slide, patient); each is taken for itself"
              .formatted(alone, rows.size()));
    }
    overlap(rows, found).ifPresent(notes::add);
    return notes;
  }

  /// Classes of which none chooses; nothing is said where nothing is chosen.
  private static Optional<String> without(List<String> labels, int[] classes, int[] validation) {
    List<String> missing =
        IntStream.range(0, labels.size())
            .filter(label -> IntStream.of(validation).noneMatch(row -> classes[row] == label))
            .mapToObj(labels::get)
            .toList();
    return validation.length == 0 || missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "the %d rows that choose have none of %s: what is chosen does not look at them"
                .formatted(validation.length, String.join(", ", missing)));
  }

  private static String drawn(String what, double share) {
    return String.format(
        Locale.ROOT,
        "the data does not say which rows %s: %.3g %% of the groups were drawn (of the rows, where they have none)",
        what,
        100 * share);
  }

  /// Groups on several sides, each pair of which leaks.
  private static Optional<String> overlap(List<Row> rows, int[][] found) {
    SortedMap<String, Set<Side>> sidesOf = new TreeMap<>();
    for (Side side : Side.values()) {
      for (int row : found[side.ordinal()]) {
        rows.get(row)
            .group()
            .ifPresent(
                group -> sidesOf.computeIfAbsent(group, _ -> EnumSet.noneOf(Side.class)).add(side));
      }
    }
    List<Map.Entry<String, Set<Side>>> several =
        sidesOf.entrySet().stream().filter(each -> each.getValue().size() > 1).toList();
    return several.isEmpty()
        ? Optional.empty()
        : Optional.of(
            ("%d groups are on several sides (train and validation %d, train and test %d,"
                    + " validation and test %d), for example %s: figures may be too good")
                .formatted(
                    several.size(),
                    count(several, Side.TRAIN, Side.VALIDATION),
                    count(several, Side.TRAIN, Side.TEST),
                    count(several, Side.VALIDATION, Side.TEST),
                    several.getFirst().getKey()));
  }

  private static long count(List<Map.Entry<String, Set<Side>>> groups, Side one, Side other) {
    return groups.stream()
        .filter(each -> each.getValue().contains(one) && each.getValue().contains(other))
        .count();
  }
}
