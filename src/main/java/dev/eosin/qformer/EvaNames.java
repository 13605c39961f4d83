package dev.eosin.qformer;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.features.ImageFeatures;
import dev.eosin.nn.Activation;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/// EVA's image towers, as BLIP-2 uses them: timm's blocks whose keys have no biases.
///
/// Source: LAVIS `eva_vit.py`.
public final class EvaNames {
  /// What the file of a whole model has behind the blocks.
  private static final List<String> BEHIND = List.of("norm.", "fc_norm.", "head.");

  private EvaNames() {}

  /// EVA-ViT-g/14 up to the block that BLIP-2 reads, the last but one of 40.
  ///
  /// @param size of its pictures in pixels
  public static ImageFeatures giant(String prefix, int size) {
    return states(
        prefix,
        image(
            new TimmImage.Trunk(
                size, size, 14, 1408, 39, 16, 6144, false, OptionalDouble.empty(), 0, false)));
  }

  /// A tower of EVA's kind, of which all blocks are read.
  static ImageFeatures states(String prefix, TimmImage image) {
    return new ImageFeatures(
        ImageTower.of(prefix, image, 1, Activation.GELU), image.layers(), true);
  }

  static TimmImage image(TimmImage.Trunk trunk) {
    return new TimmImage(
        "eva_giant_patch14_224", trunk, TimmImage.Pool.CLASS_TOKEN, Projection.NONE, false);
  }

  /// The tower of which a model of BLIP-2 has all blocks but the last.
  public static TimmImage withLastBlock(TimmImage image) {
    TimmImage.Trunk trunk = image.trunk();
    return image(
        new TimmImage.Trunk(
            trunk.height(),
            trunk.width(),
            trunk.patch(),
            trunk.hiddenSize(),
            trunk.layers() + 1,
            trunk.heads(),
            trunk.mlpSize(),
            trunk.gated(),
            trunk.layerScale(),
            trunk.registers(),
            trunk.patchPositionsOnly()));
  }

  /// A tower's file of its own, `eva_vit_g.pth`.
  ///
  /// @param blocks that the file has
  public static Layout file(ImageFeatures tower, int blocks) {
    NameTable table = new NameTable();
    add(table, tower, "");
    Set<String> unused = new HashSet<>(BEHIND);
    for (int i = tower.blockCount(); i < blocks; i++) {
      unused.add("blocks.%d.".formatted(i));
    }
    return new Layout("an EVA image tower", table.rules(), Set.of(), unused);
  }

  static void add(NameTable table, ImageFeatures tower, String before) {
    String own = tower.prefix();
    table.copy(own + ".class-token", before + "cls_token");
    table.copy(own + ".position-embedding", before + "pos_embed");
    table.copyAffine(own + ".patch-embedding", before + "patch_embed.proj");
    for (int i = 0; i < tower.blockCount(); i++) {
      String block = own + ".blocks." + i;
      String theirs = "%sblocks.%d.".formatted(before, i);
      String attention = theirs + "attn.";
      table.copyAffine(block + ".attention-norm", theirs + "norm1");
      table.copy(block + ".attention.query-key-value.weight", attention + "qkv.weight");
      table.stackAroundZeros(
          block + ".attention.query-key-value.bias", attention + "q_bias", attention + "v_bias");
      table.copyAffine(block + ".attention.output", attention + "proj");
      table.copyAffine(block + ".mlp-norm", theirs + "norm2");
      table.copyAffine(block + ".mlp.up", theirs + "mlp.fc1");
      table.copyAffine(block + ".mlp.down", theirs + "mlp.fc2");
    }
  }
}
