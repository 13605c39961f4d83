package dev.eosin.language;

import dev.eosin.language.spec.T5Spec;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The blocks of a [T5Encoder] or [T5Decoder] on one pass's rows: what all of them are told, once.
///
/// @param spec of the model
/// @param pass where they are recorded
/// @param distances what is added to the scores of attention: biases of distances, and what is not
///   seen
/// @param read of a decoder, what the encoder gave and the mask of it; else empty
public record T5Blocks(T5Spec spec, Pass pass, Value distances, List<Value> read) {
  private static final Kernel DISTANCES = new Kernel("t5_distances");
  private static final Kernel BLOCK = new Kernel("t5_block");
  private static final Kernel NORM = new Kernel("t5_norm");

  static T5Blocks reading(T5Encoder encoder, Pass pass, TokenMask mask) {
    T5Spec spec = encoder.model().spec();
    Value hidden = pass.graph().adopt(orNone(mask.additive(pass.engine()), pass));
    Value biases =
        pass.one(
            DISTANCES,
            List.of(hidden),
            pass.named(encoder.distances()),
            0,
            mask.width(),
            mask.width(),
            span(spec, true),
            true);
    pass.release(hidden);
    return new T5Blocks(spec, pass, biases, List.of());
  }

  static T5Blocks answering(
      T5Decoder decoder, Pass pass, Value tokens, Value read, TokenMask mask) {
    T5Spec spec = decoder.spec();
    int width = Math.toIntExact(tokens.data().size(1));
    Value none = pass.graph().adopt(orNone(Optional.empty(), pass));
    Value biases =
        pass.one(
            DISTANCES,
            List.of(none),
            pass.named(decoder.distances()),
            0,
            width,
            width,
            span(spec, false),
            false);
    pass.release(none);
    Value hidden = pass.graph().adopt(orNone(mask.additive(pass.engine()), pass));
    return new T5Blocks(spec, pass, biases, List.of(read, hidden));
  }

  /// The logarithm of the widest distance that buckets tell apart in those of the narrow ones,
  /// which hold one distance each.
  public static double span(T5Spec spec, boolean bothWays) {
    return Math.log((double) spec.farthest() / (spec.buckets() / (bothWays ? 4 : 2)));
  }

  /// Kernels take an empty tensor for none.
  private static Tensor orNone(Optional<Tensor> tensor, Pass pass) {
    return tensor.orElseGet(() -> pass.engine().of(new float[0], 0));
  }

  /// One block's states [b,n,c]; `x` is not released.
  Value apply(Value x, List<String> names, int layer) {
    BlockExecution execution = pass.execution();
    List<Value> inputs = new ArrayList<>();
    inputs.add(x);
    inputs.add(distances);
    inputs.addAll(read);
    return pass.one(
        execution.recomputes(layer) ? BLOCK.recomputing() : BLOCK,
        inputs,
        pass.named(names.toArray(String[]::new)),
        spec.heads(),
        spec.gated().gates(),
        spec.gated().exact(),
        pass.graph().differentiates(List.of(distances), List.of()),
        spec.normEpsilon());
  }

  /// @param factor of what the norm gives
  Value normed(Value x, String norm, double factor) {
    return pass.one(NORM, List.of(x), pass.named(norm), factor, spec.normEpsilon());
  }

  static Value normed(T5Decoder decoder, Pass pass, Value x) {
    return pass.one(
        NORM,
        List.of(x),
        pass.named(decoder.norm()),
        decoder.factor(),
        decoder.spec().normEpsilon());
  }

  void release() {
    pass.release(distances);
    if (!read.isEmpty()) {
      pass.release(read.getLast());
    }
  }
}
