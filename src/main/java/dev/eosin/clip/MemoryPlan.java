package dev.eosin.clip;

import dev.eosin.data.BatchLoader;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;

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
/// @param average of the trained weights
/// @param teacher weights of the model that is distilled from
/// @param image the image tower's activations
/// @param text the text tower's activations at the longest caption that the recipe allows
/// @param step the most that activations, gradients and loss need at the same time
public record MemoryPlan(
    TrainingLoad load,
    long parameters,
    long masters,
    long moments,
    long average,
    long teacher,
    TowerMemory image,
    TowerMemory text,
    long step) {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final int FLOAT_BYTES = Float.BYTES;

  /// The Java machine, its smallest heap and libtorch, before a model is there: measured.
  static final long BASE = 380 * MIB;

  /// Java's heap while rows are read, decoded and handed over, besides the ring: measured.
  static final long DECODING = 80 * MIB;

  /// Memory that was freed and does not fit what is needed next, as a share of the step: measured.
  /// libtorch aligns large tensors to 2 MiB, and glibc then passes over pieces of the right size.
  static final double FRAGMENTS = 0.25;

  /// How far a plan may be off.
  public static final double ERROR = 0.15;

  /// Where blocks are computed again on a CPU, what is freed and taken anew outweighs what stays,
  /// and more of it is of no use for what comes next: runs took up to so many times their plan
  /// (measured; see docs/results.md).
  static final double RECOMPUTED_EXCESS = 1.5;

  /// Logits, their scaled copy, and log probabilities of both directions with their gradients.
  private static final int COPIES_OF_LOGITS = 6;

  /// Of both towers: features and their gradients.
  private static final int FEATURES = 4;

  public static MemoryPlan of(TrainingLoad load) {
    long parameters = 0;
    long masters = 0;
    long trained = 0;
    for (Weight weight : load.weights()) {
      long size = elements(weight);
      boolean narrow = load.isNarrow() && !weight.fullPrecision();
      parameters += size * (narrow ? load.compute().bytes() : FLOAT_BYTES);
      masters += narrow ? size * FLOAT_BYTES : 0;
      trained += load.isTrained(weight) ? size : 0;
    }
    long teacher =
        load.teacher().stream()
            .flatMap(spec -> Clip.weights(spec).stream())
            .mapToLong(
                weight ->
                    elements(weight)
                        * (weight.fullPrecision() ? FLOAT_BYTES : load.compute().bytes()))
            .sum();
    var image = TowerMemory.image(load);
    var text = TowerMemory.text(load);
    return new MemoryPlan(
        load,
        parameters,
        masters,
        2 * trained * FLOAT_BYTES,
        load.averaged() ? trained * FLOAT_BYTES : 0,
        teacher,
        image,
        text,
        Math.max(step(load, image, text), taught(load)));
  }

  private static long elements(Weight weight) {
    return LongStream.of(weight.shape()).reduce(1, Math::multiplyExact);
  }

  /// As [WholeStep] and [CachedStep] go: the text tower is differentiated while the image tower
  /// waits; or part by part, the image tower's gradients staying while the text tower's are summed.
  /// Both begin with a forward pass, which is the most that a locked tower does.
  private static long step(TrainingLoad load, TowerMemory image, TowerMemory text) {
    if (!load.batch().inParts()) {
      return LongStream.of(
              image.forwardPeak(true),
              image.kept() + text.forwardPeak(true),
              image.kept() + text.kept() + loss(load),
              image.kept() + text.backwardPeak(false),
              text.gradients() + image.backwardPeak(false))
          .max()
          .orElseThrow();
    }
    return features(load)
        + LongStream.of(
                image.forwardPeak(false),
                text.forwardPeak(false),
                loss(load),
                image.backwardPeak(true),
                image.gradients() + text.backwardPeak(true))
            .max()
            .orElseThrow();
  }

  /// A teacher embeds every pair before the model does, without keeping anything.
  private static long taught(TrainingLoad load) {
    return load.teacher()
        .map(
            spec ->
                new TrainingLoad(
                    spec,
                    load.device(),
                    load.compute(),
                    load.execution().adapted(Map.of()),
                    load.batch()))
        .map(
            teacher ->
                Math.max(
                    TowerMemory.image(teacher).forwardPeak(false),
                    TowerMemory.text(teacher).forwardPeak(false)))
        .orElse(0L);
  }

  /// The loss at work, see [PairLoss].
  private static long loss(TrainingLoad load) {
    long b = load.batch().all();
    PairLoss.Form form = load.teacher().isPresent() ? PairLoss.Form.ROWS : PairLoss.Form.fastest(b);
    return switch (form) {
      case PLAIN -> COPIES_OF_LOGITS * b * b * FLOAT_BYTES;
      case ROWS -> PairLoss.logitsInBlocks(b) * FLOAT_BYTES;
    };
  }

  /// What a gradient cache keeps of every pair; nothing where all go through the towers at once.
  private static long features(TrainingLoad load) {
    return load.batch().inParts()
        ? (long) FEATURES * load.batch().all() * load.spec().embedSize() * FLOAT_BYTES
        : 0;
  }

  /// Gradients of all trained weights, fp32.
  public long gradients() {
    return image.gradients() + text.gradients();
  }

  /// Batches in the making, see [BatchLoader].
  public long ring() {
    ClipSpec spec = load.spec();
    long pixels = 3L * spec.image().height() * spec.image().width();
    return BatchLoader.RING
        * load.batch().all()
        * (pixels + (long) spec.text().context() * Integer.BYTES);
  }

  /// Freed memory that is not used again.
  public long fragments() {
    return Math.round(step * FRAGMENTS);
  }

  /// Of the machine's memory whatever computes: Java, libtorch and batches in the making.
  public long host() {
    return ring() + DECODING + BASE;
  }

  /// Everything that is needed at the same time of the memory of the device that computes: on a CPU
  /// with [#host], on a GPU without.
  public long total() {
    long tensors = parameters + masters + moments + average + teacher + step + fragments();
    return switch (load.device()) {
      case Device.Cpu() -> tensors + host();
      case Device.Cuda cuda -> tensors;
    };
  }

  /// What to reckon with where a plan may not be exceeded: [#total], or more where that is known to
  /// be too little.
  public long cautious() {
    return understated() ? Math.round(RECOMPUTED_EXCESS * total()) : total();
  }

  private boolean understated() {
    boolean recomputed =
        Stream.of(image, text)
            .flatMap(tower -> tower.blocks().stream())
            .map(BlockMemory::kind)
            .anyMatch(
                kind ->
                    switch (kind) {
                      case OWN_BACKWARD_RECOMPUTED, RECOMPUTED -> true;
                      case FROZEN, OWN_BACKWARD, AUTOGRAD, ONE_TOKEN, ONE_TOKEN_RECOMPUTED -> false;
                    });
    return switch (load.device()) {
      case Device.Cpu() -> recomputed;
      case Device.Cuda cuda -> false;
    };
  }

  /// The largest number of pairs at once whose plan stays within `bytes`, in parts of about the
  /// same size; 1 where even that needs more.
  public MemoryPlan within(long bytes) {
    int all = load.batch().all();
    int fits = 1;
    int tooMany = all + 1;
    if (of(load.withAtOnce(all)).cautious() <= bytes) {
      return of(load.withAtOnce(all));
    }
    while (tooMany - fits > 1) {
      int middle = (fits + tooMany) >>> 1;
      if (of(load.withAtOnce(middle)).cautious() <= bytes) {
        fits = middle;
      } else {
        tooMany = middle;
      }
    }
    return of(load.withAtOnce(Math.ceilDiv(all, Math.ceilDiv(all, fits))));
  }

  /// For a person to read; ends with the total.
  public List<String> lines() {
    var lines = new ArrayList<String>();
    int pairs = load.batch().all();
    int atOnce = load.batch().atOnce();
    line(lines, "parameters", parameters, "%s", load.compute().name().toLowerCase(Locale.ROOT));
    line(lines, "masters", masters, masters == 0 ? "parameters are fp32 themselves" : "fp32");
    line(lines, "optimiser", moments, "two moments of every trained weight, fp32");
    if (average > 0) {
      line(lines, "average", average, "of every trained weight, fp32");
    }
    if (teacher > 0) {
      line(lines, "teacher", teacher, "its parameters");
    }
    line(lines, "step", step, "the most that is alive at the same time of:");
    line(lines, "  gradients", gradients(), "fp32");
    line(lines, "  image tower", image.kept(), "%d rows of %s", atOnce, image.explain());
    line(lines, "  text tower", text.kept(), "%d rows of %s", atOnce, text.explain());
    line(lines, "  loss", loss(load), "of %d pairs", pairs);
    line(lines, "  feature cache", features(load), "batch.micro's");
    line(lines, "fragments", fragments(), "freed, but of no use for what comes next (measured)");
    switch (load.device()) {
      case Device.Cpu() -> host(lines, pairs);
      case Device.Cuda cuda -> {}
    }
    line(lines, "total", total(), "%s", whose());
    switch (load.device()) {
      case Device.Cpu() -> {}
      case Device.Cuda cuda -> {
        lines.add("Beside it, of the machine's memory:");
        host(lines, pairs);
      }
    }
    return lines;
  }

  private String whose() {
    return switch (load.device()) {
      case Device.Cpu() ->
          understated()
              ? String.format(
                  Locale.ROOT,
                  "of one process; with blocks computed again up to %.2f times that",
                  RECOMPUTED_EXCESS)
              : String.format(Locale.ROOT, "of one process, within %.0f %%", 100 * ERROR);
      case Device.Cuda cuda -> "of the GPU's memory; never measured on one";
    };
  }

  private void host(List<String> lines, int pairs) {
    line(lines, "input ring", ring(), "%d batches of %d pairs", BatchLoader.RING, pairs);
    line(lines, "decoding", DECODING, "Java's heap at work (measured)");
    line(lines, "base", BASE, "Java and libtorch (measured%s)", onCpu());
  }

  private String onCpu() {
    return switch (load.device()) {
      case Device.Cpu() -> "";
      case Device.Cuda cuda -> " without CUDA";
    };
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
