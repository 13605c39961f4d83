package dev.eosin.clip.spec;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.config.DataException;
import dev.eosin.tower.Causal;
import dev.eosin.tower.TowerNames;
import dev.eosin.tower.Vit;
import java.util.List;

/// What the names and shapes of a CLIP model's tensors tell of its architecture. They do not tell
/// the number of heads, the activation, the pooling and the end-of-text rule, and of an image that
/// is not square not how many patches are a row.
///
/// @param towers their kinds
/// @param embedSize length of the shared embedding
/// @param positions rows of the image tower's position table: one more than patches in CLIP's own
///   tower; in a timm trunk class token and registers may have one or not
/// @param registers tokens of a timm trunk that are neither class nor patch
/// @param patch side of a patch in pixels
/// @param context longest caption in tokens, of a BERT the most there can be
/// @param vocabulary number of token ids
public record ClipSizes(
    TowerNames towers,
    long embedSize,
    long positions,
    long registers,
    long patch,
    long context,
    long vocabulary,
    Tower image,
    Tower text) {
  private static final String POSITIONS = "image.position-embedding";

  /// @param width of the tokens
  /// @param mlp width between the two linear layers of a block's MLP
  /// @param gated whether the first of them has twice as many rows, for a gate
  public record Tower(long width, long layers, long mlp, boolean gated) {}

  /// @param own a model's tensors under Eosin's names
  /// @throws DataException when a tensor has not the number of dimensions that it has in a CLIP
  ///   model
  public static ClipSizes of(StoredTensors own) throws DataException {
    TowerNames towers = ClipFormat.EOSIN.towers(own.names()).orElseThrow();
    List<Long> kernel = shape(own, "image.patch-embedding.weight", 4);
    List<Long> table = shape(own, "text.token-embedding", 2);
    String registers = "image.register-tokens";
    return new ClipSizes(
        towers,
        embedSize(own, towers.image(), kernel.get(0)),
        switch (towers.image()) {
          case TowerNames.Vit _ -> shape(own, POSITIONS, 2).get(0);
          case TowerNames.Timm _ -> shape(own, POSITIONS, 3).get(1);
        },
        own.names().contains(registers) ? shape(own, registers, 3).get(1) : 0,
        kernel.get(3),
        shape(own, "text.position-embedding", 2).get(0),
        table.get(0),
        tower(own, "image", kernel.get(0)),
        tower(own, "text", table.get(1)));
  }

  private static long embedSize(StoredTensors own, TowerNames.Image image, long width)
      throws DataException {
    return switch (image) {
      case TowerNames.Vit _ -> shape(own, "image.projection", 2).get(1);
      case TowerNames.Timm timm ->
          timm.matrices() == 0
              ? width
              : shape(own, "image.projection.%d.weight".formatted(timm.matrices() - 1), 2).get(0);
    };
  }

  private static Tower tower(StoredTensors own, String tower, long width) throws DataException {
    String block = tower + ".blocks.0.mlp.";
    long layers =
        own.names().stream()
            .filter(name -> name.startsWith(tower) && name.endsWith(".mlp.up.weight"))
            .count();
    long mlp = shape(own, block + "down.weight", 2).get(1);
    return new Tower(width, layers, mlp, shape(own, block + "up.weight", 2).get(0) == 2 * mlp);
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

  /// What tells architectures apart, before any tensor is named.
  public String words() {
    return words(image.layers, image.width, patch, text.layers, text.width, embedSize);
  }

  /// The same of an architecture.
  public static String words(ClipSpec spec) {
    return words(
        spec.image().layers(),
        spec.image().hiddenSize(),
        spec.image().patch(),
        spec.text().layers(),
        spec.text().hiddenSize(),
        spec.embedSize());
  }

  private static String words(
      long layers, long width, long patch, long textLayers, long textWidth, long embedSize) {
    return "an image tower of %d layers of width %d, patches of %d px, a text tower of %d layers of width %d, embeddings of %d"
        .formatted(layers, width, patch, textLayers, textWidth, embedSize);
  }

  /// Patches of an image, where the towers are CLIP's own.
  public long patches() {
    return positions - 1;
  }

  /// The height and width in pixels of a square input of CLIP's own tower, 0 where the patches make
  /// no square.
  public long squareInput() {
    long side = Math.round(Math.sqrt((double) patches()));
    return side * side == patches() ? side * patch : 0;
  }

  /// Whether a model of CLIP's own towers has these sizes.
  public boolean fit(ClipSpec spec) {
    return towers.areClips()
        && spec.image() instanceof Vit vit
        && spec.text() instanceof Causal causal
        && embedSize == spec.embedSize()
        && positions == vit.tokens()
        && patch == vit.patch()
        && context == causal.context()
        && vocabulary == causal.vocabulary()
        && image.equals(new Tower(vit.hiddenSize(), vit.layers(), vit.mlpSize(), false))
        && text.equals(new Tower(causal.hiddenSize(), causal.layers(), causal.mlpSize(), false));
  }
}
