package dev.eosin.qformer;

import dev.eosin.model.BlockMemory;
import dev.eosin.model.PartMemory;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.Part;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Device;
import java.util.ArrayList;
import java.util.List;

/// What one way through a Q-Former needs of a training step's memory, with the norm before it.
public final class QFormerMemory {
  private QFormerMemory() {}

  /// Queries that look at an image, and words beside them.
  ///
  /// @param parts norm, Q-Former and what stands behind it, in the order of the forward pass
  /// @param words t of each row
  /// @param imageTokens m of each row
  public static PartMemory of(
      QFormer model, List<Part> parts, StepLoad load, int words, int imageTokens) {
    QFormerSpec spec = model.spec();
    // Activations are fp32 on a CPU whatever the weights are.
    var shape = new BlockMemory.Rows(load.rows(), spec.queries() + words, Float.BYTES, false);
    List<BlockMemory> blocks = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      blocks.add(
          block(
              spec,
              shape,
              spec.crosses(layer) ? imageTokens : 0,
              load.execution().recomputes(layer),
              lean(load),
              elements(model.layer(layer).weights())));
    }
    long image = (long) load.rows() * imageTokens * spec.imageWidth() * Float.BYTES;
    long trained = parts.stream().mapToLong(part -> elements(part.weights())).sum();
    return new PartMemory(
        model.title(),
        shape,
        2 * image + shape.bytes(2L * spec.width()),
        blocks,
        trained,
        load.isNarrow());
  }

  private static boolean lean(StepLoad load) {
    return load.execution().ownBackward()
        && load.device() instanceof Device.Cpu
        && load.compute().bytes() == Float.BYTES;
  }

  private static BlockMemory block(
      QFormerSpec spec,
      BlockMemory.Rows shape,
      int imageTokens,
      boolean again,
      boolean own,
      long trained) {
    long c = spec.width();
    long f = spec.mlpWidth();
    // Input, queries keys values, two sums, the MLP before its activation; autograd keeps besides
    // attention, its product, both norms, the MLP's activation and its product.
    long self = shape.bytes(own ? 6 * c + f : 11 * c + 2 * f);
    long looks = imageTokens == 0 ? 0 : shape.of(spec.queries()).bytes(own ? 2 * c : 6 * c);
    long shares = shares(spec, shape, imageTokens, own);
    // Keys and values of the image are computed once for the whole pass, and stay.
    long image = (long) shape.rows() * imageTokens * 2 * c * Float.BYTES;
    long kept = self + looks + shares;
    long work = shape.bytes(8 * c + 2 * f) + image;
    long forward = shape.bytes(4 * c + 2 * f);
    BlockMemory.Kind kind = own ? BlockMemory.Kind.OWN_BACKWARD : BlockMemory.Kind.AUTOGRAD;
    return again
        ? new BlockMemory(
            BlockMemory.Kind.RECOMPUTED, shape.bytes(c) + image, kept + work, forward, trained)
        : new BlockMemory(kind, kept + image, work, forward, trained);
  }

  /// What dropout of attention keeps: a byte for each share, and with autograd the shares before
  /// and after it.
  private static long shares(
      QFormerSpec spec, BlockMemory.Rows shape, int imageTokens, boolean own) {
    if (spec.dropout().attention() == 0) {
      return 0;
    }
    long self = (long) shape.tokens() * shape.tokens();
    long looked = (long) spec.queries() * imageTokens;
    long each = own ? 1 : 2L * shape.elementBytes() + 1;
    return shape.rows() * spec.heads() * (self + looked) * each + shape.masks(2L * spec.width());
  }

  private static long elements(List<Weight> weights) {
    return weights.stream().mapToLong(Weight::elements).sum();
  }
}
