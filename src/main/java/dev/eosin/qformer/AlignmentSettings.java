package dev.eosin.qformer;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.util.Optional;

/// `alignment`: what stands around a Q-Former of a first stage, and its losses.
@Doc("What stands around the Q-Former, and its losses.")
public record AlignmentSettings(
    @Doc(
            "Size of the vectors that images and texts are compared by; 256 without it, or that of qformer.path.")
        @Range(min = 1)
        Optional<Integer> embedSize,
    @Doc("Share of the labels of contrast and words that is spread over all answers.")
        @OrElse("0.1")
        @Range(min = 0, below = 1)
        double labelSmoothing,
    @Doc("What becomes of the norm between tower and Q-Former (LAVIS's ln_vision).")
        @OrElse("trained")
        ImageNormTraining imageNorm) {
  /// What becomes of the norm between tower and Q-Former.
  public enum ImageNormTraining {
    TRAINED,
    FROZEN
  }

  private static final int EMBED_SIZE = 256;

  /// The size of vectors where nothing says another.
  int embedSizeOr(int found) {
    return embedSize.orElse(found == 0 ? EMBED_SIZE : found);
  }

  /// The first stage of these settings.
  ///
  /// @param spec of the Q-Former
  /// @param norm epsilon of the norm before it
  /// @param found size of vectors in the weights that it starts from; 0 without any
  /// @param begin id that texts begin with where they are told
  public Alignment model(QFormerSpec spec, double norm, int found, int begin) {
    QFormer qformer = new QFormer(QFormerModel.QFORMER, spec);
    return new Alignment(
        new ImageNorm(QFormerModel.NORM, spec.imageWidth(), norm),
        qformer,
        new AlignmentHeads(qformer, QFormerModel.HEADS, embedSizeOr(found)),
        begin,
        labelSmoothing);
  }
}
