package dev.eosin.clip;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What decides how much memory training a CLIP model needs.
///
/// @param spec the architecture with the recipe's input sizes
/// @param device that computes
/// @param compute the type of weights and activations
/// @param execution how blocks are computed, adapters included
/// @param batch how many pairs
/// @param locked names of the weights that stay as they begin
/// @param patchDropout share of the patches that a step leaves out
/// @param averaged whether a moving average of the trained weights is kept
/// @param teacher the architecture that is distilled from, where there is one
/// @param early whether gradients are applied as they come
/// @param stateShards ranks that share the optimiser's state
public record ClipLoad(
    ClipSpec spec,
    Device device,
    DType compute,
    BlockExecution execution,
    Pairs batch,
    Set<String> locked,
    double patchDropout,
    boolean averaged,
    Optional<ClipSpec> teacher,
    boolean early,
    int stateShards) {
  /// How many pairs make a step.
  ///
  /// @param all in a step
  /// @param own of them that this rank has
  /// @param atOnce that go through the towers together
  public record Pairs(int all, int own, int atOnce) {
    /// All are this process's own.
    public Pairs(int all, int atOnce) {
      this(all, all, atOnce);
    }

    boolean inParts() {
      return atOnce < own;
    }
  }

  public ClipLoad {
    locked = Set.copyOf(locked);
  }

  /// A whole model, trained on every patch, alone.
  public ClipLoad(
      ClipSpec spec, Device device, DType compute, BlockExecution execution, Pairs batch) {
    this(spec, device, compute, execution, batch, Set.of(), 0, false, Optional.empty(), false, 1);
  }

  /// The same with so many pairs at once.
  public ClipLoad withAtOnce(int pairs) {
    return new ClipLoad(
        spec,
        device,
        compute,
        execution,
        new Pairs(batch.all, batch.own, pairs),
        locked,
        patchDropout,
        averaged,
        teacher,
        early,
        stateShards);
  }

  /// The same in another type.
  public ClipLoad withCompute(DType other) {
    return new ClipLoad(
        spec,
        device,
        other,
        execution,
        batch,
        locked,
        patchDropout,
        averaged,
        teacher,
        early,
        stateShards);
  }

  /// The same with blocks computed otherwise, and other weights locked.
  public ClipLoad withExecution(BlockExecution other, Set<String> otherLocked) {
    return new ClipLoad(
        spec,
        device,
        compute,
        other,
        batch,
        otherLocked,
        patchDropout,
        averaged,
        teacher,
        early,
        stateShards);
  }

  /// What decides it besides the model.
  StepLoad step() {
    return new StepLoad(device, compute, execution, batch.atOnce, locked)
        .early(early)
        .sharded(stateShards);
  }

  /// The model's weights and those of its adapters.
  List<Weight> weights() {
    List<Weight> weights = new ArrayList<>(Clip.weights(spec));
    weights.addAll(Clip.adapters(spec, execution.adapters()));
    return weights;
  }
}
