package dev.eosin.clip;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.config.DataException;
import java.util.List;

/// What the shapes of a CLIP model's tensors tell of its architecture. They do not tell the number
/// of heads, the activation and the end-of-text rule, and of an image that is not square not how
/// many patches are a row.
///
/// @param embedSize length of the shared embedding
/// @param patches of an image
/// @param patch side of a patch in pixels
/// @param context longest caption in tokens
/// @param vocabulary number of token ids
public record ClipSizes(
    long embedSize,
    long patches,
    long patch,
    long context,
    long vocabulary,
    Tower image,
    Tower text) {
  /// @param width of the tokens
  /// @param mlp width between the two linear layers of a block's MLP
  public record Tower(long width, long layers, long mlp) {}

  /// @param own a model's tensors under Eosin's names
  /// @throws DataException when a tensor has not the number of dimensions that it has in a CLIP
  ///   model
  public static ClipSizes of(StoredTensors own) throws DataException {
    List<Long> kernel = shape(own, "image.patch-embedding.weight", 4);
    List<Long> table = shape(own, "text.token-embedding", 2);
    return new ClipSizes(
        shape(own, "image.projection", 2).get(1),
        shape(own, "image.position-embedding", 2).get(0) - 1,
        kernel.get(3),
        shape(own, "text.position-embedding", 2).get(0),
        table.get(0),
        tower(own, "image", kernel.get(0)),
        tower(own, "text", table.get(1)));
  }

  private static Tower tower(StoredTensors own, String tower, long width) throws DataException {
    String up = tower + ".blocks.0.mlp.up.weight";
    long layers =
        own.names().stream()
            .filter(name -> name.startsWith(tower) && name.endsWith(".mlp.up.weight"))
            .count();
    return new Tower(width, layers, shape(own, up, 2).get(0));
  }

  private static List<Long> shape(StoredTensors own, String name, int dimensions)
      throws DataException {
    TensorHeader header = own.header(name);
    if (header.shape().size() != dimensions) {
      throw new DataException(
          "%s: the tensor for %s has the shape %s, expected %d dimensions"
              .formatted(own.path(), name, header.shape(), dimensions));
    }
    return header.shape();
  }

  /// The height and width in pixels of a square input, 0 where the patches make no square.
  public long squareInput() {
    long side = Math.round(Math.sqrt((double) patches));
    return side * side == patches ? side * patch : 0;
  }

  /// Whether a model of CLIP's own towers has these sizes.
  public boolean fit(ClipSpec spec) {
    return spec.image() instanceof ClipSpec.Vit vit
        && spec.text() instanceof ClipSpec.Causal causal
        && embedSize == spec.embedSize()
        && patches == vit.tokens() - 1
        && patch == vit.patch()
        && context == causal.context()
        && vocabulary == causal.vocabulary()
        && image.equals(new Tower(vit.hiddenSize(), vit.layers(), vit.mlpSize()))
        && text.equals(new Tower(causal.hiddenSize(), causal.layers(), causal.mlpSize()));
  }
}
