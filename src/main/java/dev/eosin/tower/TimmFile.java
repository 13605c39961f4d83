package dev.eosin.tower;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Weight;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A file of nothing but a vision transformer of timm's, as timm's `state_dict()` names it: UNI,
/// DINOv2 and others without a text tower. Only what leads to the state behind the last block is
/// read; the norms behind it and the head are passed over.
///
/// Source: timm 1.0.29 `vision_transformer.py`.
public final class TimmFile {
  private static final List<String> NAMES =
      List.of("cls_token", "pos_embed", "patch_embed.proj.weight", "blocks.0.attn.qkv.weight");
  private static final Set<String> BEHIND = Set.of("norm.", "fc_norm.", "head.");
  private static final Set<String> BESIDE_NORM = Set.of("fc_norm.", "head.");

  private TimmFile() {}

  /// Whether a path holds such a tower; what is wrong with it otherwise is not said.
  public static boolean is(Path path) {
    try (StoredTensors file = StoredTensors.open(path)) {
      return file.names().containsAll(NAMES);
    } catch (DataException e) {
      return false;
    }
  }

  /// The tower's weights under Eosin's names.
  ///
  /// @param file closed with what is returned
  /// @param prefix of Eosin's names
  /// @throws DataException naming every tensor that is missing, too many or of another shape
  public static StoredTensors weights(StoredTensors file, String prefix, TimmImage image)
      throws DataException {
    Layout layout = layout(prefix, image, false);
    List<String> read = layout.rules().stream().map(rule -> rule.name()).toList();
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (Weight weight : ImageTower.of(prefix, image, 1, Activation.GELU).weights()) {
      if (read.contains(weight.name())) {
        shapes.put(weight.name(), Arrays.stream(weight.shape()).boxed().toList());
      }
    }
    return layout.read(file, shapes);
  }

  /// What such a file calls the tower's weights, those of a projection left out, which it has none
  /// of.
  ///
  /// @param prefix of Eosin's names
  /// @param norm whether the norm behind the last block is read, too
  public static Layout layout(String prefix, TimmImage image, boolean norm) {
    TimmImage.Trunk trunk = image.trunk();
    var names =
        new TowerNames.Timm(
            trunk.layers(), trunk.registers() > 0, trunk.layerScale().isPresent(), false, 0, false);
    var table = new NameTable();
    TowerLayouts.timmTrunk(table, prefix, "", names);
    if (norm) {
      table.copyAffine(prefix + ".final-norm", "norm");
    }
    return new Layout(
        "timm's " + image.name(), table.rules(), Set.of(), norm ? BESIDE_NORM : BEHIND);
  }
}
