package dev.eosin.train.optimisers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.machine.Sharding;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShardsTest {
  private static final List<ParameterSet.Spec> SPECS =
      List.of(spec("a", 8, 4), spec("b", 4, 4), spec("c", 4), spec("d", 3, 5), spec("scale"));

  private static ParameterSet.Spec spec(String name, long... shape) {
    return new ParameterSet.Spec(name, shape, true, shape.length == 0);
  }

  /// Makes an optimiser of some kind.
  private record Kind(String name, OptimizerSettings settings) {
    Optimiser of(ParameterSet set, Shards shards) {
      return switch (settings) {
        case AdamWSettings adamW -> new AdamW(set, adamW, Map.of(), shards);
        case LionSettings lion -> new Lion(set, lion, Map.of(), shards);
        case MuonSettings muon -> new Muon(set, muon, Map.of(), shards);
        case SgdSettings sgd -> new Sgd(set, sgd, Map.of(), shards);
      };
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final Optional<Double> CLIP = Optional.of(0.5);

  static Stream<Kind> kinds() {
    return Stream.of(
        new Kind("adamw", new AdamWSettings(1e-2, List.of(0.9, 0.98), 1e-6, 0.1, CLIP)),
        new Kind(
            "lion",
            new LionSettings(
                1e-2, List.of(0.9, 0.98), 0.1, CLIP, List.of(), 1, UpdateTiming.TOGETHER)),
        new Kind(
            "muon",
            new MuonSettings(
                1e-2,
                0.95,
                true,
                MuonSettings.Scale.MATCH_ADAMW,
                "**",
                List.of(0.9, 0.95),
                1e-8,
                0.1,
                CLIP,
                List.of(),
                1,
                UpdateTiming.TOGETHER)),
        new Kind(
            "sgd",
            new SgdSettings(1e-2, 0.9, true, 0.1, CLIP, List.of(), 1, UpdateTiming.TOGETHER)));
  }

  /// Weights and their narrow copies after three updates.
  private static Map<String, float[]> trained(
      Group group, Kind kind, DType compute, Sharding sharding) {
    Engine engine = Engine.start(Device.CPU, 1);
    Map<String, float[]> found = new LinkedHashMap<>();
    try (ParameterSet set = ParameterSet.allocate(engine, SPECS, compute)) {
      set.all().forEach(parameter -> set.fill(parameter.name(), () -> 0.75));
      Shards shards =
          switch (sharding) {
            case NONE -> Shards.WHOLE;
            case OPTIMIZER -> Shards.over(group, set.trainable(), false);
            case GRADIENTS -> Shards.over(group, set.trainable(), true);
          };
      try (Optimiser optimiser = kind.of(set, shards)) {
        var gradients = new SharedGradients(group, optimiser, true);
        for (int step = 1; step <= 3; step++) {
          for (Parameter parameter : set.all()) {
            gradients.accept(List.of(parameter), List.of(ones(engine, parameter, step)));
          }
          gradients.finish();
          assertThat(optimiser.gradientNorm())
              .isCloseTo(group.size() * step * Math.sqrt(68), within(1e-4));
          optimiser.update(1e-2);
          gradients.drop();
        }
        long kept =
            optimiser.owned().stream()
                .flatMap(parameter -> optimiser.state(parameter).values().stream())
                .mapToLong(Tensor::elements)
                .sum();
        found.put("kept", new float[] {kept});
      }
      for (Parameter parameter : set.all()) {
        found.put(parameter.name(), parameter.master().toFloats());
        found.put(parameter.name() + " narrow", parameter.data().toFloats());
      }
    }
    return found;
  }

  private static Tensor ones(Engine engine, Parameter parameter, int value) {
    float[] values = new float[Math.toIntExact(parameter.data().elements())];
    Arrays.fill(values, value);
    return engine.of(values, parameter.data().shape());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void eachRankKeepsAPartAndAllEndWithTheSameWeights(Kind kind) throws Exception {
    partsAreAlike(kind, Sharding.OPTIMIZER);
    partsAreAlike(kind, Sharding.GRADIENTS);
  }

  private static void partsAreAlike(Kind kind, Sharding sharding) throws Exception {
    for (DType compute : List.of(DType.FLOAT32, DType.BFLOAT16)) {
      List<Map<String, float[]>> whole =
          LocalRanks.run(3, group -> trained(group, kind, compute, Sharding.NONE));
      List<Map<String, float[]>> shared =
          LocalRanks.run(3, group -> trained(group, kind, compute, sharding));
      float all = Objects.requireNonNull(whole.getFirst().get("kept"))[0];
      float sum = 0;
      for (Map<String, float[]> rank : shared) {
        float kept = Objects.requireNonNull(rank.remove("kept"))[0];
        assertThat(kept).isLessThan(0.6f * all);
        sum += kept;
        rank.forEach(
            (name, values) ->
                assertThat(values)
                    .as(name)
                    .containsExactly(
                        Objects.requireNonNull(whole.getFirst().get(name)), within(1e-6f)));
      }
      assertThat(sum).isEqualTo(all);
    }
  }

  @Test
  void largeWeightsComeFirstSoThatPartsAreAlike() throws Exception {
    List<long[]> loads =
        LocalRanks.run(
            4,
            group -> {
              Engine engine = Engine.start(Device.CPU, 1);
              List<ParameterSet.Spec> specs =
                  LongStream.range(0, 40).mapToObj(i -> spec("w" + i, 1 + i)).toList();
              try (ParameterSet set = ParameterSet.allocate(engine, specs, DType.FLOAT32)) {
                Shards shards = Shards.over(group, set.trainable(), false);
                long own =
                    set.trainable().stream()
                        .filter(shards::owns)
                        .mapToLong(parameter -> parameter.data().elements())
                        .sum();
                return new long[] {own};
              }
            });
    assertThat(loads.stream().mapToLong(load -> load[0]).sum()).isEqualTo(820);
    assertThat(loads).allMatch(load -> Math.abs(load[0] - 205) <= 2);
  }

  /// A rank without any weight, and a process alone.
  @Test
  void moreRanksThanWeightsAndOneRankTrain() throws Exception {
    Kind kind = kinds().findFirst().orElseThrow();
    assertThat(LocalRanks.run(6, group -> trained(group, kind, DType.FLOAT32, Sharding.GRADIENTS)))
        .hasSize(6);
    assertThat(trained(Group.ALONE, kind, DType.FLOAT32, Sharding.GRADIENTS).get("a"))
        .isEqualTo(trained(Group.ALONE, kind, DType.FLOAT32, Sharding.NONE).get("a"));
  }
}
