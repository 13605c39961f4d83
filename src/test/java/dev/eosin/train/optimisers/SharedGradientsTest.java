package dev.eosin.train.optimisers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.group.LocalRanks;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SharedGradientsTest {
  private static final AdamWSettings SETTINGS =
      new AdamWSettings(1e-3, List.of(0.9, 0.98), 1e-6, 0, Optional.empty());

  /// The sums must not depend on what the first step made the ranks expect.
  @Test
  void gradientsThatComeLateOrNotAtAllAreSummedNevertheless() throws Exception {
    List<List<Double>> all =
        LocalRanks.run(
            2,
            group -> {
              Engine engine = Engine.start(Device.CPU, 1);
              var a = new ParameterSet.Spec("a", new long[] {3}, true, false);
              var b = new ParameterSet.Spec("b", new long[] {2}, true, false);
              try (var set = ParameterSet.allocate(engine, List.of(a, b), DType.FLOAT32);
                  var optimiser = new AdamW(set, SETTINGS)) {
                var shared = new SharedGradients(group, optimiser, true);
                boolean second = group.rank() == 1;
                return List.of(
                    norm(shared, optimiser, set, "a=1", "b=1"),
                    norm(shared, optimiser, set, "a=1", "b=1", second ? "a=2" : "a=0"),
                    norm(shared, optimiser, set, "a=1", second ? "a=0" : "b=1"));
              }
            });
    assertThat(all.get(1)).isEqualTo(all.get(0));
    double[] expected = {Math.sqrt(3 * 4 + 2 * 4), Math.sqrt(3 * 16 + 2 * 4), Math.sqrt(3 * 4 + 2)};
    for (int step = 0; step < expected.length; step++) {
      assertThat(all.getFirst().get(step)).isCloseTo(expected[step], within(1e-5));
    }
  }

  /// @param deliveries name and value of every element, in order
  private static double norm(
      SharedGradients shared, AdamW optimiser, ParameterSet set, String... deliveries) {
    for (String delivery : deliveries) {
      String[] parts = delivery.split("=", -1);
      Parameter parameter = set.get(parts[0]);
      float[] values = new float[Math.toIntExact(parameter.data().elements())];
      Arrays.fill(values, Float.parseFloat(parts[1]));
      shared.accept(List.of(parameter), List.of(set.engine().of(values, parameter.data().shape())));
    }
    shared.finish();
    double norm = optimiser.gradientNorm();
    optimiser.dropGradients();
    shared.drop();
    return norm;
  }
}
