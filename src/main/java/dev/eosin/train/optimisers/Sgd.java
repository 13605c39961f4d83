package dev.eosin.train.optimisers;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// Stochastic gradient descent with momentum, as torch's SGD without dampening: the decay is added
/// to the gradient.
public final class Sgd extends Optimiser {
  private final SgdSettings settings;
  private final OptimiserState momentum;

  /// @param layerScales factors of the learning rate by name of a weight; 1 for those that it lacks
  public Sgd(ParameterSet set, SgdSettings settings, Map<String, Double> layerScales) {
    this(set, settings, layerScales, Shards.WHOLE);
  }

  /// As above, with a state of the weights that this rank updates.
  public Sgd(
      ParameterSet set, SgdSettings settings, Map<String, Double> layerScales, Shards shards) {
    super(set, settings, layerScales, shards);
    this.settings = settings;
    this.momentum = OptimiserState.zeros(engine(), owned());
  }

  @Override
  public Map<String, Tensor> state(Parameter parameter) {
    return Map.of(Checkpoint.firstMoment(parameter.name()), momentum.of(parameter));
  }

  @Override
  List<String> stateNames(Parameter parameter) {
    return List.of(Checkpoint.firstMoment(parameter.name()));
  }

  @Override
  void update(Received received, double rate, double decay, Tensor divisor) {
    engine()
        .kernels()
        .run(
            "sgd",
            received.masters(),
            received.gradients(),
            momentum.of(received.parameters()),
            received.shadows(),
            received.shadowed(),
            divisor,
            rate,
            settings.momentum(),
            settings.nesterov(),
            decay);
  }

  @Override
  void closeState() {
    momentum.close();
  }
}
