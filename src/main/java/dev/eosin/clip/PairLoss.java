package dev.eosin.clip;

import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Value;
import java.util.List;

/// The loss of a batch of pairs from its features. b pairs, e embedding size.
///
/// A loss has a plain form over the logits [b,b] and one in blocks of their rows, whose memory
/// grows with b; they differ by rounding. [#of] takes whichever is faster.
///
/// @param settings what the batch is trained for
public record PairLoss(LossSettings settings) {
  /// CLIP's own loss.
  public static final PairLoss CONTRASTIVE = new PairLoss(new LossSettings.Contrastive(0));

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

  /// The mean over the batch, [] fp32.
  ///
  /// @param logits of the model, see [Clip#logits]
  /// @param image unit vectors [b,e] fp32
  /// @param text unit vectors [b,e] fp32, row i belongs to image i
  public Value of(Graph graph, List<Parameter> logits, Value image, Value text) {
    return of(graph, logits, image, text, Form.fastest(image.data().size(0)));
  }

  /// As above, in the form asked for.
  public Value of(Graph graph, List<Parameter> logits, Value image, Value text, Form form) {
    List<Value> x = List.of(image, text);
    long b = image.data().size(0);
    long rows = Math.max(FEWEST_ROWS, BLOCK_LOGITS / b);
    return switch (settings) {
      case LossSettings.Contrastive(double smoothing) ->
          switch (form) {
            case PLAIN -> graph.one(CONTRASTIVE_PLAIN, x, logits.subList(0, 1), smoothing);
            case ROWS ->
                graph.one(
                    CONTRASTIVE_ROWS,
                    x,
                    logits.subList(0, 1),
                    smoothing,
                    rows,
                    b * b <= KEPT_LOGITS);
          };
      case LossSettings.SigLip() ->
          switch (form) {
            case PLAIN -> graph.one(SIGLIP_PLAIN, x, logits);
            case ROWS -> graph.one(SIGLIP_ROWS, x, logits, rows);
          };
    };
  }

  /// The same without what only helps training: the loss that a validation reports.
  public PairLoss forValidation() {
    return switch (settings) {
      case LossSettings.Contrastive contrastive -> CONTRASTIVE;
      case LossSettings.SigLip siglip -> this;
    };
  }
}
