package dev.eosin.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedUnitsTest {
  /// As many numbers as the unit's own, none of unit 0.
  private static double[] numbers(int unit) {
    return DoubleStream.iterate(Math.sqrt(unit), x -> x / 3).limit(unit).toArray();
  }

  @ParameterizedTest
  @CsvSource({"1,5", "2,5", "3,5", "3,6", "4,3", "7,2", "3,0", "2,1"})
  void eachIsDoneOnceAndToldToAllInOrder(int ranks, int count) throws Exception {
    List<Integer> done = Collections.synchronizedList(new ArrayList<>());
    List<List<double[]>> all =
        LocalRanks.run(
            ranks,
            group ->
                new SharedUnits(group, () -> false)
                    .all(
                        count,
                        (unit, stop) -> {
                          done.add(unit);
                          return Optional.of(numbers(unit));
                        })
                    .orElseThrow());
    assertThat(done)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, count).boxed().toList());
    for (List<double[]> told : all) {
      assertThat(told)
          .usingRecursiveComparison()
          .isEqualTo(IntStream.range(0, count).mapToObj(SharedUnitsTest::numbers).toList());
    }
  }

  @Test
  void whatARankKeepsOfAUnitComesFromTheOneThatDidIt() throws Exception {
    for (int unit = 0; unit < 5; unit++) {
      int of = unit;
      List<double[]> told =
          LocalRanks.run(
              3,
              group ->
                  new SharedUnits(group, () -> false)
                      .kept(of, () -> new double[] {group.rank(), 0.1, Double.NaN}));
      assertThat(told)
          .hasSize(3)
          .allSatisfy(each -> assertThat(each).containsExactly(of % 3, 0.1, Double.NaN));
    }
    assertThat(SharedUnits.ALONE.kept(4, () -> new double[] {7})).containsExactly(7);
  }

  /// Longer than ranks wait between meetings, so that they meet amid it.
  @Test
  void aRankThatIsAskedToStopStopsAll() throws Exception {
    var asked = new AtomicBoolean();
    List<Boolean> stopped =
        LocalRanks.run(
            3,
            group ->
                new SharedUnits(group, () -> group.rank() == 1 && asked.get())
                    .all(
                        9,
                        (unit, stop) -> {
                          asked.set(true);
                          while (unit >= 3 && !stop.getAsBoolean()) {
                            Thread.onSpinWait();
                          }
                          return unit < 3 ? Optional.of(new double[0]) : Optional.empty();
                        })
                    .isEmpty());
    assertThat(stopped).containsExactly(true, true, true);
  }

  @Test
  void whatAUnitThrowsEndsAll() {
    assertThatThrownBy(
            () ->
                LocalRanks.run(
                    3,
                    group ->
                        new SharedUnits(group, () -> false)
                            .all(
                                4,
                                (unit, stop) -> {
                                  if (unit == 1) {
                                    throw new DataException("unit 1 has no data");
                                  }
                                  while (unit == 2 && !stop.getAsBoolean()) {
                                    Thread.onSpinWait();
                                  }
                                  return Optional.of(new double[] {1});
                                })))
        .isInstanceOf(DataException.class)
        .hasMessage("unit 1 has no data");
  }

  @Test
  void aProcessAloneStopsBeforeTheNext() throws Exception {
    List<Integer> done = new ArrayList<>();
    assertThat(
            new SharedUnits(Group.ALONE, () -> done.size() == 2)
                .all(
                    4,
                    (unit, stop) -> {
                      done.add(unit);
                      return Optional.of(new double[0]);
                    }))
        .isEmpty();
    assertThat(done).containsExactly(0, 1);
  }
}
