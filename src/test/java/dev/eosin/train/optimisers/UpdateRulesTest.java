package dev.eosin.train.optimisers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UpdateRulesTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final double RATE = 0.01;

  private static AdamWSettings settings(OptimizerGroup... groups) {
    return new AdamWSettings(
        RATE,
        List.of(0.9, 0.98),
        1e-6,
        0.5,
        Optional.empty(),
        List.of(groups),
        1,
        UpdateTiming.TOGETHER);
  }

  private static OptimizerGroup group(String match, double scale, Optional<Double> decay) {
    return new OptimizerGroup(match, scale, decay);
  }

  private static ParameterSet parameters() {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    for (String tower : List.of("image", "text")) {
      specs.add(new ParameterSet.Spec(tower + ".a.weight", new long[] {2, 2}, true, false));
      specs.add(new ParameterSet.Spec(tower + ".a.bias", new long[] {2}, true, false));
    }
    ParameterSet set = ParameterSet.allocate(ENGINE, specs, DType.FLOAT32);
    set.all().forEach(parameter -> set.fill(parameter.name(), () -> 0.75));
    return set;
  }

  /// The weights after three updates with the same gradients everywhere.
  private static Map<String, float[]> trained(AdamWSettings settings, double rate) {
    Map<String, float[]> values = new LinkedHashMap<>();
    try (ParameterSet set = parameters();
        AdamW optimiser = new AdamW(set, settings)) {
      for (int step = 1; step <= 3; step++) {
        for (Parameter parameter : set.all()) {
          float[] gradient = new float[(int) parameter.data().elements()];
          Arrays.fill(gradient, 1);
          optimiser.accept(
              List.of(parameter), List.of(ENGINE.of(gradient, parameter.data().shape())));
        }
        optimiser.update(rate);
      }
      set.all().forEach(parameter -> values.put(parameter.name(), parameter.master().toFloats()));
    }
    return values;
  }

  @Test
  void theRateOfAGroupIsTheOptimisersTimesItsScale() {
    Map<String, float[]> plain = trained(settings(), RATE);
    Map<String, float[]> quarter = trained(settings(), RATE / 4);
    OptimizerGroup text = group("text.**", 0.25, Optional.empty());
    trained(settings(text), RATE)
        .forEach(
            (name, values) ->
                assertThat(values)
                    .as(name)
                    .isEqualTo((name.startsWith("text.") ? quarter : plain).get(name)));
    assertThat(quarter.get("text.a.weight")).isNotEqualTo(plain.get("text.a.weight"));
  }

  @Test
  void theFirstGroupThatMatchesCountsAndBiasesNeverDecay() {
    AdamWSettings settings =
        settings(
            group("image.*.weight", 1, Optional.of(0.0)),
            group("image.**", 0.5, Optional.of(0.25)),
            group("**.weight", 2, Optional.of(0.125)));
    try (ParameterSet set = parameters()) {
      Map<String, UpdateRules.Rule> rules = new LinkedHashMap<>();
      UpdateRules.of(settings, set.trainable(), Map.of("text.a.weight", 0.25))
          .members()
          .forEach((rule, members) -> members.forEach(member -> rules.put(member.name(), rule)));
      assertThat(rules)
          .containsEntry("image.a.weight", new UpdateRules.Rule(1, 0))
          .containsEntry("image.a.bias", new UpdateRules.Rule(0.5, 0))
          .containsEntry("text.a.weight", new UpdateRules.Rule(0.5, 0.125))
          .containsEntry("text.a.bias", new UpdateRules.Rule(1, 0))
          .hasSize(4);
    }
  }

  @Test
  void theDecayOfAGroupTakesItsPartOfMatricesAndNothingOfBiases() {
    Map<String, float[]> without = trained(settings(group("**", 1, Optional.of(0.0))), RATE);
    Map<String, float[]> with = trained(settings(), RATE);
    // Each update takes rate * decay of the weight, then moves by the rate: the gradient is 1.
    double taken = 0;
    double weight = 0.75;
    for (int step = 0; step < 3; step++) {
      taken += weight * RATE * 0.5;
      weight = weight * (1 - RATE * 0.5) - RATE;
    }
    float lost =
        Objects.requireNonNull(without.get("image.a.weight"))[0]
            - Objects.requireNonNull(with.get("image.a.weight"))[0];
    assertThat(lost).isEqualTo((float) taken, within(1e-5f));
    assertThat(without.get("image.a.bias")).isEqualTo(with.get("image.a.bias"));
  }

  @Test
  void starsStandForPartsOfNames() {
    OptimizerGroup one = group("image.blocks.*.mlp.up.weight", 1, Optional.empty());
    assertThat(one.matches("image.blocks.11.mlp.up.weight")).isTrue();
    assertThat(one.matches("image.blocks.1.x.mlp.up.weight")).isFalse();
    assertThat(group("**.bias", 1, Optional.empty()).matches("text.final-norm.bias")).isTrue();
    assertThat(group("text.**", 1, Optional.empty()).matches("texts.a")).isFalse();
    assertThat(group("logit-scale", 1, Optional.empty()).matches("logit-scale")).isTrue();
  }

  @Test
  void aPatternWithoutWeightsIsAnError() {
    List<String> found = new ArrayList<>();
    settings(group("text.**", 1, Optional.empty()), group("texts.**", 1, Optional.empty()))
        .check(
            List.of("image.a.weight", "text.a.weight", "text.a.bias"),
            (key, message) -> found.add(key + " " + message));
    assertThat(found)
        .containsExactly(
            "groups.1.match 'texts.**' is the name of no trained weight; names near it: text.a.weight, text.a.bias, image.a.weight");
  }
}
