package dev.eosin.train.machine;

import dev.eosin.model.StepLoad;
import dev.eosin.nn.Weight;
import java.util.List;
import java.util.stream.LongStream;

/// What the weights of a model need while it trains, in bytes.
///
/// @param parameters in the compute type
/// @param masters fp32 copies beside narrower weights
/// @param moments two of each trained weight, as AdamW has; other optimisers have fewer
/// @param average of the trained weights
/// @param mapped pages of files that are used in place, in the files' types; on a GPU copies of
///   them
public record WeightMemory(long parameters, long masters, long moments, long average, long mapped) {
  /// @param averaged whether a moving average of the trained weights is kept
  public static WeightMemory of(List<Weight> weights, StepLoad load, boolean averaged) {
    long parameters = 0;
    long masters = 0;
    long trained = 0;
    long mapped = 0;
    for (Weight weight : weights) {
      Long pages = load.mapped().get(weight.name());
      if (pages != null) {
        mapped += pages;
        continue;
      }
      long size = elements(weight);
      boolean narrow = load.isNarrow() && !weight.fullPrecision();
      parameters += size * (narrow ? load.compute().bytes() : Float.BYTES);
      masters += narrow ? size * Float.BYTES : 0;
      trained += load.isTrained(weight) ? size : 0;
    }
    return new WeightMemory(
        parameters,
        masters,
        Math.ceilDiv(2 * trained * Float.BYTES, load.stateShards()),
        averaged ? trained * Float.BYTES : 0,
        mapped);
  }

  /// Of a model that serves forward passes only.
  public static long forwardOnly(List<Weight> weights, StepLoad load) {
    return weights.stream().mapToLong(weight -> forwardOnly(weight, load)).sum();
  }

  private static long forwardOnly(Weight weight, StepLoad load) {
    Long pages = load.mapped().get(weight.name());
    int bytes = weight.fullPrecision() ? Float.BYTES : load.compute().bytes();
    return pages != null ? pages : elements(weight) * bytes;
  }

  private static long elements(Weight weight) {
    return LongStream.of(weight.shape()).reduce(1, Math::multiplyExact);
  }

  long total() {
    return parameters + masters + moments + average + mapped;
  }
}
