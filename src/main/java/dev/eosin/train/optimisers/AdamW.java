package dev.eosin.train.optimisers;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// AdamW as torch's fused kernel computes it, in open_clip's two groups: tensors of at least two
/// dimensions decay, gains, biases, the class token and the logit scale do not.
public final class AdamW extends Optimiser {
  /// The moments of one parameter, fp32, of its shape.
  public record Moments(Tensor first, Tensor second) {}

  private final AdamWSettings settings;
  private final OptimiserState first;
  private final OptimiserState second;

  public AdamW(ParameterSet set, AdamWSettings settings) {
    this(set, settings, Map.of());
  }

  /// @param layerScales factors of the learning rate by name of a weight; 1 for those that it lacks
  public AdamW(ParameterSet set, AdamWSettings settings, Map<String, Double> layerScales) {
    this(set, settings, layerScales, Shards.WHOLE);
  }

  /// As above, with a state of the weights that this rank updates.
  public AdamW(
      ParameterSet set, AdamWSettings settings, Map<String, Double> layerScales, Shards shards) {
    super(set, settings, layerScales, shards);
    this.settings = settings;
    this.first = OptimiserState.zeros(engine(), owned());
    this.second = OptimiserState.zeros(engine(), owned());
  }

  public Moments moments(Parameter parameter) {
    return new Moments(first.of(parameter), second.of(parameter));
  }

  @Override
  public Map<String, Tensor> state(Parameter parameter) {
    return Map.of(
        Checkpoint.firstMoment(parameter.name()),
        first.of(parameter),
        Checkpoint.secondMoment(parameter.name()),
        second.of(parameter));
  }

  @Override
  List<String> stateNames(Parameter parameter) {
    String name = parameter.name();
    return List.of(Checkpoint.firstMoment(name), Checkpoint.secondMoment(name));
  }

  @Override
  void update(Received received, double rate, double decay, Tensor divisor) {
    List<Tensor> masters = received.masters();
    engine()
        .kernels()
        .run(
            "adamw",
            masters,
            received.gradients(),
            first.of(received.parameters()),
            second.of(received.parameters()),
            Collections.nCopies(masters.size(), count()),
            received.shadows(),
            received.shadowed(),
            divisor,
            rate,
            settings.betas().get(0),
            settings.betas().get(1),
            settings.eps(),
            decay);
  }

  @Override
  void closeState() {
    first.close();
    second.close();
  }
}
