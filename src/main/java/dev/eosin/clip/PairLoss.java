package dev.eosin.clip;

import dev.eosin.data.batches.RowMarks;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The loss of a batch of pairs from its features. b pairs, e embedding size.
///
/// A loss has a plain form over the logits [b,b] and one in blocks of their rows, whose memory
/// grows with b; they differ by rounding. [#of] takes whichever is faster.
///
/// Positives beyond the own caption and a teacher come in blocks only.
///
/// @param settings what the batch is trained for
/// @param teacher a model that stays as it is, where the settings name one
public record PairLoss(LossSettings settings, Optional<Clip> teacher) implements AutoCloseable {
  /// CLIP's own loss.
  public static final PairLoss CONTRASTIVE = new PairLoss(new LossSettings.Contrastive(0));

  /// A loss without a teacher.
  public PairLoss(LossSettings settings) {
    this(settings, Optional.empty());
  }

  /// How logits are computed.
  public enum Form {
    /// All at once.
    PLAIN,
    /// Block by block, with an own backward.
    ROWS;

    /// Batches from here on are faster in blocks (`eosin bench loss`, docs/results.md).
    private static final long FIRST_IN_BLOCKS = 1024;

    /// The faster form for b pairs.
    public static Form fastest(long b) {
      return b < FIRST_IN_BLOCKS ? PLAIN : ROWS;
    }
  }

  /// Logits in one block: 8 MiB in fp32 stay in a cache.
  private static final long BLOCK_LOGITS = 1 << 21;

  /// Fewer rows would starve the matrix product.
  private static final long FEWEST_ROWS = 256;

  /// Up to this many logits, 256 MiB, a contrastive loss keeps its blocks for the backward pass;
  /// beyond, it computes them again.
  private static final long KEPT_LOGITS = 1 << 26;

  private static final Kernel CONTRASTIVE_PLAIN = new Kernel("contrastive");
  private static final Kernel CONTRASTIVE_ROWS =
      new Kernel("contrastive_rows", 1, Kernel.Gradient.OWN);
  private static final Kernel SIGLIP_PLAIN = new Kernel("siglip");
  private static final Kernel SIGLIP_ROWS = new Kernel("siglip_rows", 1, Kernel.Gradient.OWN);

  /// What the loss needs of a step's rows besides their features: classes of captions, and a
  /// teacher's features. Nothing for most losses.
  ///
  /// @param atOnce rows that go through a tower of the teacher together
  public List<Value> beside(Engine engine, Graph graph, StepRows rows, int atOnce) {
    List<Value> beside = new ArrayList<>();
    Optional<RowMarks> marks = rows.marks(settings.positives());
    marks.ifPresent(known -> beside.add(graph.adopt(classes(engine, known))));
    if (marks.isEmpty()) {
      teacher.ifPresent(clip -> beside.add(graph.adopt(engine.zeros(DType.INT64, 0))));
    }
    teacher.ifPresent(
        clip -> {
          try (Tensor image = Tower.IMAGE.embed(clip, rows.whole(), atOnce)) {
            Tensor scale = clip.logits().getFirst().data();
            beside.add(graph.adopt(clip.engine().kernels().one("times_exp", image, scale)));
          }
          beside.add(graph.adopt(Tower.TEXT.embed(clip, rows, atOnce)));
        });
    return beside;
  }

  /// For each row the first one of its class, int64 [b].
  static Tensor classes(Engine engine, RowMarks marks) {
    long[] classes = Arrays.stream(marks.classes()).asLongStream().toArray();
    return engine.of(classes, classes.length);
  }

  /// The mean over the batch, [] fp32, in the faster form.
  ///
  /// @param logits of the model, see [Clip#logits]
  /// @param image unit vectors [b,e] fp32
  /// @param text unit vectors [b,e] fp32, row i belongs to image i
  /// @param beside see [#beside]
  public Value of(
      Graph graph, List<Parameter> logits, Value image, Value text, List<Value> beside) {
    Form form = beside.isEmpty() ? Form.fastest(image.data().size(0)) : Form.ROWS;
    return of(graph, logits, image, text, beside, form);
  }

  /// As above, in the form asked for; what stands beside needs [Form#ROWS].
  public Value of(
      Graph graph, List<Parameter> logits, Value image, Value text, List<Value> beside, Form form) {
    List<Value> x = new ArrayList<>(List.of(image, text));
    x.addAll(beside);
    return switch (form) {
      case PLAIN -> plain(graph, logits, x);
      case ROWS -> rows(graph, logits, x);
    };
  }

  private Value plain(Graph graph, List<Parameter> logits, List<Value> x) {
    return switch (settings) {
      case LossSettings.Contrastive contrastive ->
          graph.one(CONTRASTIVE_PLAIN, x, logits.subList(0, 1), contrastive.labelSmoothing());
      case LossSettings.SigLip siglip -> graph.one(SIGLIP_PLAIN, x, logits);
    };
  }

  private Value rows(Graph graph, List<Parameter> logits, List<Value> x) {
    long b = x.getFirst().data().size(0);
    long rows = rowsOfBlock(b);
    return switch (settings) {
      case LossSettings.Contrastive contrastive ->
          graph.one(
              CONTRASTIVE_ROWS,
              x,
              logits.subList(0, 1),
              contrastive.labelSmoothing(),
              contrastive.distillation().map(DistillationSettings::weight).orElse(0.0),
              rows,
              b * b <= KEPT_LOGITS);
      case LossSettings.SigLip siglip -> graph.one(SIGLIP_ROWS, x, logits, rows);
    };
  }

  /// Rows in one block of logits of b columns.
  static long rowsOfBlock(long b) {
    return Math.max(FEWEST_ROWS, BLOCK_LOGITS / b);
  }

  /// Elements that the form in blocks holds at once: all logits where they are kept, else one
  /// block's; and three more of a block to work in.
  static long logitsInBlocks(long b) {
    long block = Math.min(b, rowsOfBlock(b)) * b;
    return (b * b <= KEPT_LOGITS ? b * b : block) + 3 * block;
  }

  /// As above, of one rank with so many own rows among b: a block, and two more to work in.
  static long logitsOfRank(long own, long b) {
    return 3 * Math.min(own, rowsOfBlock(b)) * b;
  }

  /// Closes the teacher.
  @Override
  public void close() {
    teacher.ifPresent(Clip::close);
  }

  /// The same without label smoothing: what tells whether a batch was learned.
  public PairLoss withoutSmoothing() {
    return switch (settings) {
      case LossSettings.Contrastive contrastive ->
          new PairLoss(
              new LossSettings.Contrastive(0, contrastive.positives(), contrastive.distillation()),
              teacher);
      case LossSettings.SigLip siglip -> this;
    };
  }

  /// The same without what only helps training: the loss that a validation reports.
  public PairLoss forValidation() {
    return switch (settings) {
      case LossSettings.Contrastive contrastive -> CONTRASTIVE;
      case LossSettings.SigLip siglip -> new PairLoss(new LossSettings.SigLip());
    };
  }
}
