package dev.eosin.albef;

import dev.eosin.image.transforms.InputSize;
import dev.eosin.model.BlockMemory;
import dev.eosin.model.PartMemory;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Device;
import dev.eosin.train.machine.MemoryPlan;
import dev.eosin.train.machine.Phase;
import dev.eosin.train.machine.WeightMemory;
import java.util.ArrayList;
import java.util.List;

/// What a step needs of memory, derived from what its kernels keep: texts as long as they may be,
/// all passes of a part before any is differentiated. b rows at once of B, t ids, m tokens of an
/// image, c hidden size, f the MLPs', k entries of the queue, d embedding size.
///
/// @param model that is trained
/// @param queue k
/// @param words t
public record AlbefMemory(Albef model, int queue, int words) {
  private static final int CHANNELS = 3;

  /// Passes of texts: one alone, three that look at images.
  private static final int LOOKING = 3;

  /// Similarities, their logarithms, targets and gradients, of both directions.
  private static final int COPIES = 8;

  /// @param load whose locked names are the momentum encoder's
  /// @param size of the images
  /// @param global B
  /// @param own rows of them that this rank has
  /// @param averaged whether a moving average of the trained weights is kept
  public MemoryPlan plan(StepLoad load, InputSize size, int global, int own, boolean averaged) {
    boolean parts = load.rows() < own;
    PartMemory images = images(load, parts ? 2 : 1, size);
    PartMemory texts = texts(load);
    long row = (long) CHANNELS * size.height().value() * size.width().value();
    long d = model.trained().projections().embedSize();
    List<Phase> phases = new ArrayList<>();
    phases.add(holds("pixels", own * row * load.compute().bytes(), own + " images"));
    phases.add(
        holds("features", 2L * (queue + 4L * global) * d * Float.BYTES, "compared with the batch"));
    phases.add(new Phase.Forward(images, true));
    phases.add(new Phase.Forward(texts, true));
    phases.add(holds("similarities", similarities(load, global), "of both directions"));
    phases.add(new Phase.Backward(texts));
    phases.add(new Phase.Backward(images));
    long kept = 2L * queue * d * Float.BYTES;
    return MemoryPlan.of(
        load,
        new MemoryPlan.Rows("pairs", own, row + (long) words * Integer.BYTES),
        WeightMemory.of(model.weights(), load, averaged),
        List.of(new MemoryPlan.Item("queue", kept, "%,d pairs".formatted(queue))),
        List.of(images, texts),
        phases,
        0);
  }

  private static Phase holds(String what, long bytes, String detail) {
    return new Phase.Holds(new MemoryPlan.Item(what, bytes, detail));
  }

  private long similarities(StepLoad load, int global) {
    return COPIES * load.rows() * (long) (queue + global) * Float.BYTES;
  }

  /// @param times images of a row that go through the tower: its own, in parts a negative one, too
  private PartMemory images(StepLoad load, int times, InputSize size) {
    ImageEncoder encoder = model.trained().images();
    var whole = BlockMemory.Rows.of(load, encoder.images().tokens());
    var shape =
        new BlockMemory.Rows(
            times * load.rows(), whole.tokens(), whole.elementBytes(), whole.widensNorms());
    long pixels = shape.imageBytes((long) CHANNELS * size.height().value() * size.width().value());
    return PartMemory.of(
        load,
        "image tower",
        encoder.blocks().orElseThrow(),
        encoder.weights(),
        weight -> !weight.name().contains(".blocks."),
        shape,
        2 * pixels + 3 * shape.normed(encoder.width()),
        false);
  }

  private PartMemory texts(StepLoad load) {
    TextEncoder encoder = model.trained().texts();
    var shape = BlockMemory.Rows.of(load, words);
    List<BlockMemory> blocks = new ArrayList<>();
    for (int layer = 0; layer < encoder.spec().layers(); layer++) {
      long trained = elements(encoder.weights(layer));
      blocks.add(block(load, shape, layer, trained));
    }
    long trained = elements(encoder.weights());
    long before = (1 + LOOKING) * shape.bytes(2L * encoder.spec().width());
    return new PartMemory("text encoder", shape, before, blocks, trained, load.isNarrow());
  }

  /// A layer in all passes: input, queries keys values, two sums, the MLP before its activation;
  /// autograd keeps besides attention, its product, both norms, the MLP's activation and its
  /// product. Own and negative images' keys and values have gradients.
  private BlockMemory block(StepLoad load, BlockMemory.Rows shape, int layer, long trained) {
    TextSpec spec = model.trained().texts().spec();
    boolean own = lean(load);
    long c = spec.width();
    long f = spec.mlpWidth();
    BlockMemory.Rows seen = shape.of(model.trained().images().images().tokens());
    long self = shape.bytes(own ? 6 * c + f : 11 * c + 2 * f);
    long look = shape.bytes(own ? 3 * c : 6 * c);
    long keys = 2 * seen.bytes(2 * c);
    long shares = (long) shape.rows() * spec.heads() * words;
    long looked = shares * seen.tokens() * shape.elementBytes();
    long work = shape.bytes(8 * c + 2 * f) + keys + 2 * looked;
    long forward = shape.bytes(5 * c + 2 * f) + looked;
    long kept = (1 + LOOKING) * self + LOOKING * look + 2 * keys;
    return load.execution().recomputes(layer)
        ? new BlockMemory(
            BlockMemory.Kind.RECOMPUTED,
            (1 + LOOKING) * shape.bytes(c) + 2 * keys,
            self + look + work,
            forward,
            trained)
        : new BlockMemory(
            own ? BlockMemory.Kind.OWN_BACKWARD : BlockMemory.Kind.AUTOGRAD,
            kept,
            work,
            forward,
            trained);
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
