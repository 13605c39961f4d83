package dev.eosin.eval.probes;

import dev.eosin.group.SharedUnits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/// What a unit of work that ranks share says of the rows that judge: a run, a draw, a fold.
///
/// @param said of the unit besides, any number of numbers
/// @param scores of the rows `[n][classes]`
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record SharedScores(double[] said, double[][] scores) {
  /// A unit of them.
  @FunctionalInterface
  public interface Unit {
    /// @param number from 0
    SharedScores done(int number) throws IOException;
  }

  /// With one number said.
  public SharedScores(double said, double[][] scores) {
    this(new double[] {said}, scores);
  }

  /// All units, shared by ranks.
  ///
  /// @param rows n of unit 0, of unit 1, ...
  /// @throws StoppedException when they were asked to stop
  public static List<SharedScores> all(SharedUnits units, int[] rows, Unit unit)
      throws IOException {
    List<double[]> all =
        units
            .all(rows.length, (number, _) -> Optional.of(unit.done(number).numbers()))
            .orElseThrow(StoppedException::new);
    List<SharedScores> scores = new ArrayList<>();
    for (int number = 0; number < rows.length; number++) {
      scores.add(of(all.get(number), rows[number]));
    }
    return scores;
  }

  /// As above, where each unit says something of the same rows.
  ///
  /// @param count of units
  /// @param rows n
  public static List<SharedScores> all(SharedUnits units, int count, int rows, Unit unit)
      throws IOException {
    int[] each = new int[count];
    Arrays.fill(each, rows);
    return all(units, each, unit);
  }

  private double[] numbers() {
    DoubleStream before = DoubleStream.concat(DoubleStream.of(said.length), Arrays.stream(said));
    return DoubleStream.concat(before, Arrays.stream(flat(scores))).toArray();
  }

  private static SharedScores of(double[] numbers, int rows) {
    int from = 1 + (int) numbers[0];
    return new SharedScores(
        Arrays.copyOfRange(numbers, 1, from),
        rows(Arrays.copyOfRange(numbers, from, numbers.length), rows));
  }

  /// One row behind the other.
  public static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  /// As many rows of one width.
  public static double[][] rows(double[] flat, int count) {
    double[][] rows = new double[count][];
    int width = count == 0 ? 0 : flat.length / count;
    Arrays.setAll(rows, row -> Arrays.copyOfRange(flat, row * width, (row + 1) * width));
    return rows;
  }
}
