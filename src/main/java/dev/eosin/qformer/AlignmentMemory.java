package dev.eosin.qformer;

import dev.eosin.features.ImageFeatures;
import dev.eosin.image.InputSize;
import dev.eosin.model.BlockMemory;
import dev.eosin.model.PartMemory;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Device;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.Vit;
import dev.eosin.train.MemoryPlan;
import dev.eosin.train.Phase;
import dev.eosin.train.WeightMemory;
import java.util.ArrayList;
import java.util.List;

/// What a first stage's step needs of memory, derived from what its kernels keep: everything as
/// long as it may be. b rows at once of B, q queries, t words, m tokens of an image, c hidden size,
/// f the MLPs'.
///
/// @param model that is trained
/// @param tower whose tokens it reads
/// @param words t
public record AlignmentMemory(Alignment model, ImageFeatures tower, int words) {
  private static final int CHANNELS = 3;

  /// Passes in which queries and words see each other: own pairs, and both kinds of wrong ones.
  private static final int JUDGED = 3;

  /// @param towerBytes of the tower's weights
  /// @param towerElement bytes of an element that it computes with
  /// @param size of the images
  /// @param global B
  /// @param averaged whether a moving average of the trained weights is kept
  public MemoryPlan plan(
      StepLoad load,
      long towerBytes,
      int towerElement,
      InputSize size,
      int global,
      boolean averaged) {
    boolean whole = load.rows() >= global;
    PartMemory part = part(load, whole);
    long states = (long) global * tower.tokens() * tower.width() * towerElement;
    List<Phase> phases = new ArrayList<>();
    phases.add(
        new Phase.Holds(new MemoryPlan.Item("features", states, "of %d images".formatted(global))));
    phases.add(new Phase.Forward(part, whole));
    phases.add(whole ? new Phase.Backward(part) : new Phase.Again(part));
    long row = (long) CHANNELS * size.height().value() * size.width().value();
    return MemoryPlan.of(
        load,
        new MemoryPlan.Rows("pairs", global, row + (long) words * Integer.BYTES),
        WeightMemory.of(weights(), load, averaged),
        List.of(new MemoryPlan.Item("image tower", towerBytes, "frozen, in no checkpoint")),
        List.of(part),
        phases,
        states + towerWork(load, towerElement, size));
  }

  private List<Weight> weights() {
    return model.parts().stream().flatMap(part -> part.weights().stream()).toList();
  }

  /// Pixels, and what a block makes of the tokens.
  private long towerWork(StepLoad load, int element, InputSize size) {
    long pixels = (long) CHANNELS * size.height().value() * size.width().value();
    long mlp = mlp(tower.tower().spec());
    long tokens = (long) tower.tower().spec().tokens() * (8L * tower.width() + 2 * mlp);
    return load.rows() * (pixels + tokens) * element;
  }

  private static long mlp(ImageSpec spec) {
    return switch (spec) {
      case Vit vit -> vit.mlpSize();
      case TimmImage timm -> timm.trunk().mlpSize();
    };
  }

  private PartMemory part(StepLoad load, boolean whole) {
    QFormer qformer = model.qformer();
    QFormerSpec spec = qformer.spec();
    int tokens = (1 + JUDGED) * spec.queries() + (2 + JUDGED) * words;
    var shape = new BlockMemory.Rows(load.rows(), tokens, load.compute().bytes(), false);
    List<BlockMemory> blocks = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      blocks.add(block(load, spec, shape, spec.crosses(layer), layer));
    }
    long trained = elements(weights().stream().filter(load::isTrained).toList());
    return new PartMemory(
        qformer.title(), shape, before(load, shape, whole), blocks, trained, load.isNarrow());
  }

  /// Tokens of images with their norm, twice where wrong images are read anew; words before the
  /// first layer; what scores words.
  private long before(StepLoad load, BlockMemory.Rows shape, boolean whole) {
    QFormerSpec spec = model.qformer().spec();
    long image = 2L * shape.rows() * tower.tokens() * tower.width() * load.compute().bytes();
    int vocabulary = spec.words().orElseThrow().vocabulary();
    // Scores, their logarithms and their gradient.
    long scores = 3L * shape.rows() * words * vocabulary * Float.BYTES;
    return (whole ? 1 : 2) * image + shape.bytes(2L * spec.width()) + scores;
  }

  private BlockMemory block(
      StepLoad load, QFormerSpec spec, BlockMemory.Rows shape, boolean crosses, int layer) {
    long c = spec.width();
    long f = spec.mlpWidth();
    int queries = (1 + JUDGED) * spec.queries();
    boolean again = load.execution().recomputes(layer);
    boolean own = lean(load);
    // Input, queries keys values, two sums, the MLP before its activation; autograd keeps besides
    // attention, its product, both norms, the MLP's activation and its product.
    long self = shape.bytes(own ? 6 * c + f : 11 * c + 2 * f);
    long looks = crosses ? shape.of(queries).bytes(own ? 2 * c : 6 * c) : 0;
    // Of own images and of wrong ones.
    long image = crosses ? 2 * shape.of(tower.tokens()).bytes(2 * c) : 0;
    long kept = self + looks + shares(spec, shape, crosses, own);
    long widest = shape.of(spec.queries() + words).bytes(8 * c + 2 * f);
    long work = widest + image / 2;
    long trained =
        elements(model.qformer().layer(layer).weights().stream().filter(load::isTrained).toList());
    return again
        ? new BlockMemory(
            BlockMemory.Kind.RECOMPUTED,
            shape.bytes(c) + image,
            kept / JUDGED + work,
            widest,
            trained)
        : new BlockMemory(
            own ? BlockMemory.Kind.OWN_BACKWARD : BlockMemory.Kind.AUTOGRAD,
            kept + image,
            work,
            widest,
            trained);
  }

  /// What dropout of attention keeps: a byte for each share, and with autograd the shares before
  /// and after it.
  private long shares(QFormerSpec spec, BlockMemory.Rows shape, boolean crosses, boolean own) {
    if (spec.dropout().attention() == 0) {
      return 0;
    }
    long q = spec.queries();
    long both = q + words;
    long self = q * q + (long) words * words + JUDGED * both * both + words * both;
    long looked = crosses ? (1 + JUDGED) * q * tower.tokens() : 0;
    long each = own ? 1 : 2L * shape.elementBytes() + 1;
    return shape.rows() * spec.heads() * (self + looked) * each + shape.masks(2L * spec.width());
  }

  private static boolean lean(StepLoad load) {
    return load.execution().ownBackward()
        && load.device() instanceof Device.Cpu
        && load.compute().bytes() == Float.BYTES;
  }

  private static long elements(List<Weight> weights) {
    return weights.stream().mapToLong(Weight::elements).sum();
  }
}
