package dev.eosin.train.optimisers;

import dev.eosin.tensor.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which weights are updated how: the first of `optimizer.groups` that matches a weight's name
/// counts, and the learning rate of its layer. Weights of fewer than two dimensions never decay.
///
/// @param members the parameters of each rule, in their order; decaying ones of the optimiser's own
///   rule come first
record UpdateRules(Map<Rule, List<Parameter>> members) {
  /// How a weight is updated.
  ///
  /// @param rateScale factor of the step's learning rate
  /// @param weightDecay decoupled
  record Rule(double rateScale, double weightDecay) {}

  /// @param layerScales factors of the learning rate by weight; 1 for those that it lacks
  static UpdateRules of(
      OptimizerSettings settings, List<Parameter> parameters, Map<String, Double> layerScales) {
    Map<Rule, List<Parameter>> members = new LinkedHashMap<>();
    members.put(new Rule(1, settings.weightDecay()), new ArrayList<>());
    for (Parameter parameter : parameters) {
      Rule rule = rule(settings, parameter, layerScales.getOrDefault(parameter.name(), 1.0));
      members.computeIfAbsent(rule, none -> new ArrayList<>()).add(parameter);
    }
    return new UpdateRules(members);
  }

  private static Rule rule(OptimizerSettings settings, Parameter parameter, double layerScale) {
    Optional<OptimizerGroup> group =
        settings.groups().stream().filter(one -> one.matches(parameter.name())).findFirst();
    double scale = group.map(OptimizerGroup::lrScale).orElse(1.0) * layerScale;
    double decay = group.flatMap(OptimizerGroup::weightDecay).orElse(settings.weightDecay());
    return new Rule(scale, Optimiser.decays(parameter) ? decay : 0);
  }
}
