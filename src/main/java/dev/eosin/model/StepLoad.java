package dev.eosin.model;

import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import java.util.Map;
import java.util.Set;

/// What decides how much memory a step of any model needs, besides the model itself.
///
/// @param device that computes
/// @param compute the type of weights and activations
/// @param execution how blocks are computed, adapters included
/// @param rows that go through the model at once
/// @param locked names of the weights that stay as they begin
/// @param mapped bytes of the weights that are used in place in their files, by name
/// @param early whether gradients are applied as they come
/// @param stateShards ranks that share the optimiser's state
public record StepLoad(
    Device device,
    DType compute,
    BlockExecution execution,
    int rows,
    Set<String> locked,
    Map<String, Long> mapped,
    boolean early,
    int stateShards) {
  public StepLoad {
    locked = Set.copyOf(locked);
    mapped = Map.copyOf(mapped);
  }

  /// Gradients are applied together, by an optimiser whose state is whole.
  public StepLoad(
      Device device,
      DType compute,
      BlockExecution execution,
      int rows,
      Set<String> locked,
      Map<String, Long> mapped) {
    this(device, compute, execution, rows, locked, mapped, false, 1);
  }

  /// Of a model whose weights are all allocated.
  public StepLoad(
      Device device, DType compute, BlockExecution execution, int rows, Set<String> locked) {
    this(device, compute, execution, rows, locked, Map.of());
  }

  /// @param applied whether gradients are applied as they come
  public StepLoad early(boolean applied) {
    return new StepLoad(device, compute, execution, rows, locked, mapped, applied, stateShards);
  }

  /// @param shards ranks that share the optimiser's state
  public StepLoad sharded(int shards) {
    return new StepLoad(device, compute, execution, rows, locked, mapped, early, shards);
  }

  public boolean isTrained(Weight weight) {
    return !locked.contains(weight.name()) && !mapped.containsKey(weight.name());
  }

  /// Whether weights are narrower than their fp32 masters.
  public boolean isNarrow() {
    return compute.bytes() < Float.BYTES;
  }

  /// Whether norms are differentiated in fp32 beside narrower tokens (`machinery.py`).
  public boolean isNarrowOnCpu() {
    return switch (device) {
      case Device.Cpu() -> isNarrow();
      case Device.Cuda cuda -> false;
    };
  }
}
