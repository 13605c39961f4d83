package dev.eosin.train.optimisers;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// Muon: the momentum of a matrix, made nearly orthogonal by five Newton-Schulz steps in bf16, as
/// torch's Muon computes it (Keller Jordan 2024, kellerjordan.github.io/posts/muon; scaling for
/// AdamW's rates: Liu et al. 2025, arXiv 2502.16982). What is no hidden matrix is AdamW's.
public final class Muon extends Optimiser {
  private final MuonSettings settings;
  private final OptimiserState first;
  private final OptimiserState second;

  /// @param layerScales factors of the learning rate by name of a weight; 1 for those that it lacks
  public Muon(ParameterSet set, MuonSettings settings, Map<String, Double> layerScales) {
    this(set, settings, layerScales, Shards.WHOLE);
  }

  /// As above, with a state of the weights that this rank updates.
  public Muon(
      ParameterSet set, MuonSettings settings, Map<String, Double> layerScales, Shards shards) {
    super(set, settings, layerScales, shards);
    this.settings = settings;
    this.first = OptimiserState.zeros(engine(), owned());
    this.second =
        OptimiserState.zeros(engine(), owned().stream().filter(each -> !isHidden(each)).toList());
  }

  private boolean isHidden(Parameter parameter) {
    return parameter.data().shape().length == 2 && settings.isHidden(parameter.name());
  }

  @Override
  public Map<String, Tensor> state(Parameter parameter) {
    String name = parameter.name();
    return isHidden(parameter)
        ? Map.of(Checkpoint.firstMoment(name), first.of(parameter))
        : Map.of(
            Checkpoint.firstMoment(name),
            first.of(parameter),
            Checkpoint.secondMoment(name),
            second.of(parameter));
  }

  @Override
  List<String> stateNames(Parameter parameter) {
    String name = parameter.name();
    return isHidden(parameter)
        ? List.of(Checkpoint.firstMoment(name))
        : List.of(Checkpoint.firstMoment(name), Checkpoint.secondMoment(name));
  }

  @Override
  void update(Received received, double rate, double decay, Tensor divisor) {
    Received hidden = received.only(this::isHidden);
    for (Parameter matrix : hidden.parameters()) {
      updateMatrix(hidden.only(matrix::equals), rate, decay, divisor);
    }
    Received others = received.only(parameter -> !isHidden(parameter));
    if (!others.parameters().isEmpty()) {
      updateOthers(others, rate, decay, divisor);
    }
  }

  private void updateMatrix(Received matrix, double rate, double decay, Tensor divisor) {
    long[] shape = matrix.masters().getFirst().shape();
    engine()
        .kernels()
        .run(
            "muon",
            matrix.masters(),
            matrix.gradients(),
            first.of(matrix.parameters()),
            matrix.shadows(),
            matrix.shadowed(),
            divisor,
            rate,
            settings.scale().of(shape[0], shape[1]),
            settings.momentum(),
            settings.nesterov(),
            decay);
  }

  private void updateOthers(Received others, double rate, double decay, Tensor divisor) {
    List<Tensor> masters = others.masters();
    engine()
        .kernels()
        .run(
            "adamw",
            masters,
            others.gradients(),
            first.of(others.parameters()),
            second.of(others.parameters()),
            Collections.nCopies(masters.size(), count()),
            others.shadows(),
            others.shadowed(),
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
