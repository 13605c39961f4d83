package dev.eosin.clip;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.model.BlockMemory.Rows;
import dev.eosin.model.PartMemory;
import dev.eosin.model.StepLoad;
import dev.eosin.nn.Weight;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Causal;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.TextSpec;
import dev.eosin.tower.TextTower;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.Vit;
import dev.eosin.train.machine.MemoryPlan;
import dev.eosin.train.machine.Phase;
import dev.eosin.train.machine.WeightMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The memory of a CLIP training: what its towers keep, in which order its step goes, and what its
/// loss needs.
public final class ClipMemoryPlan {
  private static final int FLOAT_BYTES = Float.BYTES;

  /// Logits, their scaled copy, and log probabilities of both directions with their gradients.
  private static final int COPIES_OF_LOGITS = 6;

  /// Of both towers: features and their gradients.
  private static final int FEATURES = 4;

  private ClipMemoryPlan() {}

  /// The plan, with its activations at the longest caption that the recipe allows.
  public static MemoryPlan plan(ClipLoad load) {
    StepLoad step = load.step();
    PartMemory image = image(load);
    PartMemory text = text(load);
    int pairs = load.batch().own();
    return MemoryPlan.of(
        step,
        new MemoryPlan.Rows("pairs", pairs, rowBytes(load.spec())),
        WeightMemory.of(load.weights(), step, load.averaged()),
        teacher(load),
        List.of(image, text),
        phases(load, image, text),
        taught(load));
  }

  private static long rowBytes(ClipSpec spec) {
    return pixels(spec) + (long) spec.text().context() * Integer.BYTES;
  }

  private static List<MemoryPlan.Item> teacher(ClipLoad load) {
    return load.teacher().stream()
        .map(spec -> WeightMemory.forwardOnly(Clip.weights(spec), load.step()))
        .map(bytes -> new MemoryPlan.Item("teacher", bytes, "its parameters"))
        .toList();
  }

  /// As [WholeStep] and [CachedStep] go: the text tower is differentiated while the image tower
  /// waits; or part by part, the image tower's gradients staying while the text tower's are summed.
  /// Both begin with a forward pass, which is the most that a locked tower does.
  private static List<Phase> phases(ClipLoad load, PartMemory image, PartMemory text) {
    boolean whole = !load.batch().inParts();
    List<Phase> phases = new ArrayList<>();
    phases.add(new Phase.Holds(new MemoryPlan.Item("features", features(load), featuresOf(load))));
    phases.add(
        new Phase.Holds(new MemoryPlan.Item("pixels", keptPixels(load), "bytes of own pairs")));
    phases.add(new Phase.Forward(image, whole));
    phases.add(new Phase.Forward(text, whole));
    String pairs = "of %d pairs".formatted(load.batch().all());
    phases.add(new Phase.Work(new MemoryPlan.Item("loss", loss(load), pairs)));
    phases.addAll(
        whole
            ? List.of(new Phase.Backward(text), new Phase.Backward(image))
            : List.of(new Phase.Again(image), new Phase.Again(text)));
    return phases;
  }

  /// Images that stay on a GPU, see [ClipInputs#keptRows].
  static long keptPixels(ClipLoad load) {
    boolean stays =
        ClipLearner.looksTwice(load.device(), load.batch().inParts(), load.teacher().isPresent());
    return stays ? load.batch().own() * pixels(load.spec()) : 0;
  }

  private static long pixels(ClipSpec spec) {
    return 3L * spec.image().height() * spec.image().width();
  }

  /// A teacher embeds every pair before the model does, without keeping anything.
  private static long taught(ClipLoad load) {
    return load.teacher()
        .map(
            spec ->
                new ClipLoad(
                    spec,
                    load.device(),
                    load.compute(),
                    load.execution().adapted(Map.of()),
                    load.batch()))
        .map(
            teacher ->
                Math.max(image(teacher).forwardPeak(false), text(teacher).forwardPeak(false)))
        .orElse(0L);
  }

  /// The loss at work, see [PairLoss]; over ranks in blocks of own rows, and of a teacher's.
  private static long loss(ClipLoad load) {
    long b = load.batch().all();
    if (load.batch().own() < b) {
      long logits = PairLoss.logitsOfRank(load.batch().own(), b);
      return (load.teacher().isPresent() ? 2 : 1) * logits * FLOAT_BYTES;
    }
    PairLoss.Form form = load.teacher().isPresent() ? PairLoss.Form.ROWS : PairLoss.Form.fastest(b);
    return switch (form) {
      case PLAIN -> COPIES_OF_LOGITS * b * b * FLOAT_BYTES;
      case ROWS -> PairLoss.logitsInBlocks(b) * FLOAT_BYTES;
    };
  }

  private static String featuresOf(ClipLoad load) {
    return load.batch().own() < load.batch().all() ? "own and gathered" : "batch.micro's";
  }

  /// What a gradient cache keeps of every own pair, nothing where all go through the towers at
  // once;
  /// and over ranks the features of all pairs, a teacher's too.
  private static long features(ClipLoad load) {
    ClipLoad.Pairs batch = load.batch();
    long cached = batch.inParts() ? (long) FEATURES * batch.own() : 0;
    boolean ranked = batch.own() < batch.all();
    long gathered = ranked ? 2L * batch.all() : 0;
    long taught =
        load.teacher().filter(spec -> ranked).map(ClipSpec::embedSize).orElse(0)
            * 2L
            * (batch.own() + batch.all());
    return ((cached + gathered) * load.spec().embedSize() + taught) * FLOAT_BYTES;
  }

  static PartMemory image(ClipLoad load) {
    StepLoad step = load.step();
    ImageSpec image = load.spec().image();
    ImageTower tower = Clip.image(load.spec());
    int all = image.tokens();
    int kept = load.patchDropout() == 0 ? all : 1 + PatchDropout.kept(all - 1, load.patchDropout());
    var whole = Rows.of(step, all);
    long pixels = whole.imageBytes(3L * image.height() * image.width());
    long before = pixels;
    if (tower.weights().stream().anyMatch(embeds("image").and(step::isTrained))) {
      // Once more sorted into patches; the norm before the first block keeps its input, and the
      // tokens stay of which some are picked.
      before += pixels;
      before += image instanceof Vit ? whole.normed(image.hiddenSize()) : 0;
      before += kept < all ? whole.bytes(image.hiddenSize()) : 0;
    }
    boolean pooled =
        switch (image) {
          case Vit vit -> true;
          case TimmImage timm -> timm.pool() == TimmImage.Pool.CLASS_TOKEN;
        };
    return PartMemory.of(
        step,
        "image tower",
        tower.transformer(),
        tower.weights(),
        embeds("image"),
        whole.of(kept),
        before,
        pooled);
  }

  /// At the longest caption that the recipe allows.
  static PartMemory text(ClipLoad load) {
    StepLoad step = load.step();
    TextSpec text = load.spec().text();
    TextTower tower = Clip.text(load.spec());
    var shape = Rows.of(step, text.context());
    boolean embeds = tower.weights().stream().anyMatch(embeds("text").and(step::isTrained));
    long before =
        switch (text) {
          case Causal causal -> 0;
          // The norm of the embeddings keeps its input.
          case BertText bert -> embeds ? shape.normed(bert.hiddenSize()) : 0;
        };
    boolean pooled =
        switch (text) {
          case Causal causal -> true;
          case BertText bert -> bert.pool() != BertText.Pool.MEAN;
        };
    return PartMemory.of(
        step,
        "text tower",
        tower.transformer(),
        tower.weights(),
        embeds("text"),
        shape,
        before,
        pooled);
  }

  /// Weights of a tower that stand before its blocks.
  private static Predicate<Weight> embeds(String tower) {
    return weight ->
        Stream.of("embedding", "class-token", "register-tokens", "pre-norm")
            .anyMatch(
                part -> weight.name().startsWith(tower + ".") && weight.name().contains(part));
  }
}
