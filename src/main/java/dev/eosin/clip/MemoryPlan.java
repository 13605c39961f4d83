package dev.eosin.clip;

import dev.eosin.data.BatchLoader;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/// What training a CLIP model needs of one process's memory, from sizes alone: no weight is loaded
/// and no data read. All sizes are bytes.
///
/// Weights, moments and gradients are counted; activations follow from what each block's kernel
/// keeps; three terms were measured on a CPU: the Java machine with libtorch, its heap at work, and
/// the share of freed memory that is not used again (docs/results.md).
///
/// @param load what is trained
/// @param parameters the weights in the compute type
/// @param masters fp32 copies beside narrower weights
/// @param moments of AdamW
/// @param image the image tower's activations
/// @param text the text tower's activations at the longest caption that the recipe allows
/// @param step the most that activations, gradients and loss need at the same time
public record MemoryPlan(
    Load load,
    long parameters,
    long masters,
    long moments,
    TowerMemory image,
    TowerMemory text,
    long step) {
  /// What decides how much is needed.
  ///
  /// @param spec the architecture with the recipe's input sizes
  /// @param compute the type of weights and activations
  /// @param execution how blocks are computed
  /// @param pairs in a step
  /// @param atOnce pairs that go through the towers together
  public record Load(
      ClipSpec spec, DType compute, BlockExecution execution, int pairs, int atOnce) {
    /// The same with so many pairs at once.
    public Load withAtOnce(int fewer) {
      return new Load(spec, compute, execution, pairs, fewer);
    }
  }

  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final int FLOAT_BYTES = 4;

  /// The Java machine, its smallest heap and libtorch, before a model is there: measured.
  static final long BASE = 380 * MIB;

  /// Java's heap while rows are read, decoded and handed over, besides the ring: measured.
  static final long DECODING = 80 * MIB;

  /// Memory that was freed and does not fit what is needed next, as a share of the step: measured.
  /// libtorch aligns large tensors to 2 MiB, and glibc then passes over pieces of the right size.
  static final double FRAGMENTS = 0.25;

  /// How far a plan may be off.
  public static final double ERROR = 0.15;

  /// Logits, their scaled copy, and log probabilities of both directions with their gradients.
  private static final int COPIES_OF_LOGITS = 6;

  /// Of both towers: features and their gradients.
  private static final int FEATURES = 4;

  public static MemoryPlan of(Load load) {
    List<Weight> weights = Clip.weights(load.spec);
    int bytes = load.compute.bytes();
    long parameters = 0;
    long masters = 0;
    long elements = 0;
    for (Weight weight : weights) {
      long size = LongStream.of(weight.shape()).reduce(1, Math::multiplyExact);
      boolean narrow = bytes < FLOAT_BYTES && !weight.fullPrecision();
      parameters += size * (narrow ? bytes : FLOAT_BYTES);
      masters += narrow ? size * FLOAT_BYTES : 0;
      elements += size;
    }
    var image = TowerMemory.image(load.spec, load.execution, load.atOnce, bytes);
    var text =
        TowerMemory.text(load.spec, load.execution, load.atOnce, load.spec.text().context(), bytes);
    long moments = 2 * elements * FLOAT_BYTES;
    return new MemoryPlan(load, parameters, masters, moments, image, text, step(load, image, text));
  }

  /// As [WholeStep] and [CachedStep] go: the text tower is differentiated while the image tower
  /// waits; or part by part, the image tower's gradients staying while the text tower's are summed.
  private static long step(Load load, TowerMemory image, TowerMemory text) {
    if (load.atOnce >= load.pairs) {
      long kept = image.kept() + text.kept();
      return LongStream.of(
              kept + loss(load),
              image.kept() + text.backwardPeak(false),
              text.weights() * FLOAT_BYTES + image.backwardPeak(false))
          .max()
          .orElseThrow();
    }
    long waiting = image.weights() * FLOAT_BYTES;
    return features(load)
        + LongStream.of(loss(load), image.backwardPeak(true), waiting + text.backwardPeak(true))
            .max()
            .orElseThrow();
  }

  /// The loss at work, see [PairLoss].
  private static long loss(Load load) {
    long b = load.pairs;
    return switch (PairLoss.Form.fastest(b)) {
      case PLAIN -> COPIES_OF_LOGITS * b * b * FLOAT_BYTES;
      case ROWS -> PairLoss.logitsInBlocks(b) * FLOAT_BYTES;
    };
  }

  /// What a gradient cache keeps of every pair; nothing where all go through the towers at once.
  private static long features(Load load) {
    return load.atOnce >= load.pairs
        ? 0
        : (long) FEATURES * load.pairs * load.spec.embedSize() * FLOAT_BYTES;
  }

  /// Gradients of all weights, fp32.
  public long gradients() {
    return (image.weights() + text.weights()) * FLOAT_BYTES;
  }

  /// Batches in the making, see [BatchLoader].
  public long ring() {
    ClipSpec spec = load.spec;
    long pixels = 3L * spec.image().height() * spec.image().width();
    return BatchLoader.RING * load.pairs * (pixels + (long) spec.text().context() * Integer.BYTES);
  }

  /// Freed memory that is not used again.
  public long fragments() {
    return Math.round(step * FRAGMENTS);
  }

  /// Everything that is needed at the same time.
  public long total() {
    return parameters + masters + moments + step + fragments() + ring() + DECODING + BASE;
  }

  /// The largest number of pairs at once whose plan stays within `bytes`: the step's pairs halved
  /// as often as needed; 1 where even that needs more.
  public MemoryPlan within(long bytes) {
    MemoryPlan plan = this;
    while (plan.total() > bytes && plan.load.atOnce > 1) {
      plan = of(load.withAtOnce(Math.ceilDiv(plan.load.atOnce, 2)));
    }
    return plan;
  }

  /// For a person to read; ends with the total.
  public List<String> lines() {
    var lines = new ArrayList<String>();
    line(lines, "parameters", parameters, "%s", load.compute.name().toLowerCase(Locale.ROOT));
    line(lines, "masters", masters, masters == 0 ? "parameters are fp32 themselves" : "fp32");
    line(lines, "optimiser", moments, "two moments of every weight, fp32");
    line(lines, "step", step, "the most that is alive at the same time of:");
    line(lines, "  gradients", gradients(), "fp32");
    line(lines, "  image tower", image.kept(), "%d rows of %s", load.atOnce, image.explain());
    line(lines, "  text tower", text.kept(), "%d rows of %s", load.atOnce, text.explain());
    line(lines, "  loss", loss(load), "of %d pairs", load.pairs);
    line(lines, "  feature cache", features(load), "batch.micro's");
    line(lines, "fragments", fragments(), "freed, but of no use for what comes next (measured)");
    line(lines, "input ring", ring(), "%d batches of %d pairs", BatchLoader.RING, load.pairs);
    line(lines, "decoding", DECODING, "Java's heap at work (measured)");
    line(lines, "base", BASE, "Java and libtorch (measured)");
    line(lines, "total", total(), "of one process, within %.0f %%", 100 * ERROR);
    return lines;
  }

  private static void line(
      List<String> lines, String what, long bytes, String detail, Object... arguments) {
    String explained = String.format(Locale.ROOT, detail, arguments);
    lines.add(String.format(Locale.ROOT, "%-16s %9s  %s", what, size(bytes), explained));
  }

  /// In the unit that a person would use.
  public static String size(long bytes) {
    return bytes >= GIB
        ? String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB)
        : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) MIB);
  }
}
