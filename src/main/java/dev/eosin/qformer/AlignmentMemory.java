package dev.eosin.qformer;

import dev.eosin.features.ImageFeatures;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.language.TokenPart;
import dev.eosin.model.BlockMemory;
import dev.eosin.model.PartMemory;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Device;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.Vit;
import dev.eosin.train.machine.MemoryPlan;
import dev.eosin.train.machine.Phase;
import dev.eosin.train.machine.WeightMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// What a first stage's step needs of memory, derived from what its kernels keep: everything as
/// long as it may be. Passes that judge pairs and tell captions come one after the other, see
/// [AlignmentPasses]; the widest of them counts. b rows at once of B, t words, m tokens of an
/// image, c hidden size, f the MLPs'.
///
/// @param model that is trained
/// @param tower whose tokens it reads
/// @param words t
public record AlignmentMemory(Alignment model, ImageFeatures tower, int words) {
  private static final int CHANNELS = 3;

  /// @param towerBytes of the tower's weights
  /// @param towerElement bytes of an element that it computes with
  /// @param size of the images
  /// @param global B, whose features all ranks have
  /// @param own rows of them that this rank has
  /// @param averaged whether a moving average of the trained weights is kept
  public MemoryPlan plan(
      StepLoad load,
      long towerBytes,
      int towerElement,
      InputSize size,
      int global,
      int own,
      boolean averaged) {
    PartMemory alone = alone(load);
    PartMemory judged = judged(load);
    long states = (long) global * tower.tokens() * tower.width() * towerElement;
    List<Phase> phases = new ArrayList<>();
    phases.add(holds("features", states, "of %d images".formatted(global)));
    phases.add(holds("keys, values", 2 * seen(load), "of images, with their gradients"));
    phases.add(new Phase.Forward(alone, true));
    phases.add(new Phase.Forward(judged, true));
    phases.add(new Phase.Backward(judged));
    phases.add(new Phase.Work(scores(load)));
    phases.add(new Phase.Backward(alone));
    long row = (long) CHANNELS * size.height().value() * size.width().value();
    return MemoryPlan.of(
        load,
        new MemoryPlan.Rows("pairs", own, row + (long) words * Integer.BYTES),
        WeightMemory.of(weights(), load, averaged),
        List.of(new MemoryPlan.Item("image tower", towerBytes, "frozen, in no checkpoint")),
        List.of(alone, judged),
        phases,
        states + towerWork(load, towerElement, size));
  }

  private static Phase holds(String what, long bytes, String detail) {
    return new Phase.Holds(new MemoryPlan.Item(what, bytes, detail));
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

  private BlockMemory.Rows tokens(StepLoad load, int tokens) {
    return new BlockMemory.Rows(load.rows(), tokens, load.compute().bytes(), false);
  }

  /// Keys and values of the own images in all layers that look at them.
  private long seen(StepLoad load) {
    QFormerSpec spec = model.qformer().spec();
    long layers = IntStream.range(0, spec.layers()).filter(spec::crosses).count();
    return layers * tokens(load, tower.tokens()).bytes(2L * spec.width());
  }

  /// Images alone and texts alone, which are kept until the end of a step. Gradients come first
  /// from what is judged: they are counted there.
  private PartMemory alone(StepLoad load) {
    QFormerSpec spec = model.qformer().spec();
    BlockMemory.Rows shape = tokens(load, spec.queries() + words);
    long shares = (long) spec.queries() * spec.queries() + (long) words * words;
    List<BlockMemory> blocks = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      // What words see of the queries is kept with its gradients.
      long remembered = tokens(load, spec.queries()).bytes(4L * spec.width());
      blocks.add(block(load, shape, layer, shares, remembered, 0));
    }
    long image = 2L * tokens(load, tower.tokens()).bytes(tower.width());
    return new PartMemory(
        "images, texts", shape, image + shape.bytes(3L * spec.width()), blocks, 0, load.isNarrow());
  }

  /// Queries and words together, of one kind of pairs at a time.
  private PartMemory judged(StepLoad load) {
    QFormerSpec spec = model.qformer().spec();
    long both = spec.queries() + words;
    BlockMemory.Rows shape = tokens(load, (int) both);
    List<BlockMemory> blocks = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      List<Weight> own = model.qformer().layer(layer).weights();
      long trained = elements(own.stream().filter(load::isTrained).toList());
      blocks.add(block(load, shape, layer, both * both, 0, trained));
    }
    long trained = elements(weights().stream().filter(load::isTrained).toList());
    return new PartMemory(
        "pairs",
        shape,
        seen(load) + shape.bytes(2L * spec.width()),
        blocks,
        trained,
        load.isNarrow());
  }

  /// @param shares of one head's attention in a row
  /// @param more kept besides
  /// @param counted elements whose gradients are counted here
  private BlockMemory block(
      StepLoad load, BlockMemory.Rows shape, int layer, long shares, long more, long counted) {
    QFormerSpec spec = model.qformer().spec();
    long c = spec.width();
    long f = spec.mlpWidth();
    boolean own = lean(load);
    boolean crosses = spec.crosses(layer);
    // Input, queries keys values, two sums, the MLP before its activation; autograd keeps besides
    // attention, its product, both norms, the MLP's activation and its product.
    long self = shape.bytes(own ? 6 * c + f : 11 * c + 2 * f);
    long looks = crosses ? shape.of(spec.queries()).bytes(own ? 2 * c : 6 * c) : 0;
    long looked = crosses ? (long) spec.queries() * tower.tokens() : 0;
    long kept = self + looks + more + dropped(spec, shape, shares + looked, own);
    long forward = shape.bytes(4 * c + 2 * f);
    long keys = crosses ? tokens(load, tower.tokens()).bytes(2 * c) : 0;
    long probabilities = shape.rows() * spec.heads() * (shares + looked) * shape.elementBytes();
    long work = shape.bytes(8 * c + 2 * f) + keys + 2 * probabilities;
    return load.execution().recomputes(layer)
        ? new BlockMemory(
            BlockMemory.Kind.RECOMPUTED, shape.bytes(c) + more, kept + work, forward, counted)
        : new BlockMemory(
            own ? BlockMemory.Kind.OWN_BACKWARD : BlockMemory.Kind.AUTOGRAD,
            kept,
            work,
            forward + probabilities,
            counted);
  }

  /// A byte for each element that dropout may leave out; with autograd the shares before and after
  /// it as well.
  private static long dropped(QFormerSpec spec, BlockMemory.Rows shape, long shares, boolean own) {
    if (spec.dropout().attention() == 0) {
      return 0;
    }
    long each = own ? 1 : 2L * shape.elementBytes() + 1;
    return shape.rows() * spec.heads() * shares * each + shape.masks(2L * spec.width());
  }

  /// Scores of words, their logarithms and their gradient: of a chunk, or of all.
  private MemoryPlan.Item scores(StepLoad load) {
    int vocabulary = model.qformer().spec().words().orElseThrow().vocabulary();
    long all = (long) load.rows() * words;
    long some = lean(load) ? Math.min(all, TokenPart.chunk(vocabulary)) : all;
    return new MemoryPlan.Item(
        "words", 3 * some * vocabulary * Float.BYTES, "scores of %d at once".formatted(some));
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
