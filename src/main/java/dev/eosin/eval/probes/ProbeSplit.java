package dev.eosin.eval.probes;

import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Which rows a probe learns from, which choose its strength, and which judge it; and what their
/// classes are.
///
/// The column `split` decides where there is one; what it does not name is drawn. A draw is a
/// function of the seed and of the row's group, or of its path where it has none, so that no group
/// is on two sides that were drawn; a side that would be empty gets the group that came closest.
///
/// @param labels of the classes; of whole numbers in their order, otherwise in that of letters
/// @param classes of all rows, -1 where a row has no label [n]
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
  private static final Set<String> TEST = Set.of("test", "testing");
  private static final Set<String> VALIDATION = Set.of("validation", "val", "valid", "dev");
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
  /// @throws DataException when fewer than two classes are there, a side is empty, or a class is
  ///   not among the rows that are learnt from
  public static ProbeSplit of(
      String name, List<Row> rows, RandomKey key, double validation, double test)
      throws DataException {
    return of(name, rows, labels(name, rows), key, validation, test);
  }

  /// As above, of classes that are known; a row of another label is left out.
  ///
  /// @param labels of the classes, at least two
  /// @param validation 0 where nothing is chosen: then no row needs to be for it
  /// @throws DataException when a side is empty, or a class is not among the rows that are learnt
  ///   from
  public static ProbeSplit of(
      String name,
      List<Row> rows,
      List<String> labels,
      RandomKey key,
      double validation,
      double test)
      throws DataException {
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
        labels, classes, found[0], found[1], found[2], notes(rows, classes, found, sides));
  }

  /// Whether a part of the data is for testing.
  public static boolean isTest(Optional<String> split) {
    return split.map(part -> part.toLowerCase(Locale.ROOT)).filter(TEST::contains).isPresent();
  }

  private static List<String> labels(String name, List<Row> rows) throws DataException {
    List<String> labels = LabelOrder.of(rows.stream().flatMap(row -> row.label().stream()));
    if (labels.size() < 2) {
      throw new DataException(
          "%s: a probe tells classes apart; its rows have the labels %s".formatted(name, labels));
    }
    return labels;
  }

  private static Side[] sides(List<Row> rows, RandomKey key, double validation, double test) {
    List<Optional<String>> said =
        rows.stream().map(row -> row.split().map(part -> part.toLowerCase(Locale.ROOT))).toList();
    boolean tests = said.stream().anyMatch(part -> part.filter(TEST::contains).isPresent());
    boolean chooses = said.stream().anyMatch(part -> part.filter(VALIDATION::contains).isPresent());
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

  private static List<String> notes(List<Row> rows, int[] classes, int[][] found, Side[] sides) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "%d rows to learn from, %d to choose with, %d to judge by"
            .formatted(found[0].length, found[1].length, found[2].length));
    long unlabelled = IntStream.of(classes).filter(label -> label < 0).count();
    if (unlabelled > 0) {
      notes.add("%d rows have no label and are left out".formatted(unlabelled));
    }
    if (rows.stream().noneMatch(row -> row.group().isPresent())) {
      notes.add(
          "no row has a group (slide, patient): rows of one may be on several sides, and intervals take each row for itself");
      return notes;
    }
    Set<String> learnt = new HashSet<>();
    Set<String> judged = new HashSet<>();
    for (int row = 0; row < sides.length; row++) {
      Set<String> side = sides[row] == Side.TEST ? judged : learnt;
      rows.get(row).group().ifPresent(side::add);
    }
    judged.retainAll(learnt);
    if (!judged.isEmpty()) {
      notes.add(
          "%d groups are both learnt from and judged by, for example %s"
              .formatted(judged.size(), judged.stream().sorted().findFirst().orElseThrow()));
    }
    return notes;
  }
}
