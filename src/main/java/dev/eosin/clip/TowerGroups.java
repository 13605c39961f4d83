package dev.eosin.clip;

import dev.eosin.nn.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A tower's weights in the groups that a lock counts, the one nearest the input first. Of a tower
/// of L blocks:
///
/// - CLIP's own: embeddings (with the image tower's pre-norm), each block, the last one with the
///   norm above it, the projection; L + 2 groups.
/// - timm's: embeddings, each block, the final norm; L + 2 groups. No lock holds the projection.
/// - BERT's: embeddings, each layer, the last one with the pooler; L + 1 groups. No lock holds the
///   projection.
///
/// Source: open_clip 3.3.0 `transformer.py` (`VisionTransformer.lock`, `lock_text_tower`),
/// `timm_model.py` and `hf_model.py` (`lock`); timm's register tokens are in its top group there,
/// and among the embeddings here.
///
/// @param groups names of weights
record TowerGroups(List<List<String>> groups) {
  private static final int NEVER_LOCKED = -1;

  TowerGroups {
    groups = List.copyOf(groups);
  }

  static TowerGroups image(ClipSpec spec) {
    List<Weight> weights = ImageTower.of(spec).weights();
    int layers = spec.image().layers();
    return switch (spec.image()) {
      case ClipSpec.Vit vit -> grouped("image", weights, layers, layers, layers + 1);
      case TimmImage timm -> grouped("image", weights, layers, layers + 1, NEVER_LOCKED);
    };
  }

  static TowerGroups text(ClipSpec spec) {
    List<Weight> weights = TextTower.of(spec).weights();
    int layers = spec.text().layers();
    return switch (spec.text()) {
      case ClipSpec.Causal causal -> grouped("text", weights, layers, layers, layers + 1);
      case BertText bert -> grouped("text", weights, layers, layers, NEVER_LOCKED);
    };
  }

  /// @param weights in the order of the forward pass
  /// @param above the group of what stands between blocks and projection
  /// @param projection the group of the projection
  private static TowerGroups grouped(
      String tower, List<Weight> weights, int layers, int above, int projection) {
    List<List<String>> groups = new ArrayList<>();
    for (int i = 0; i <= Math.max(above, projection); i++) {
      groups.add(new ArrayList<>());
    }
    int last = 0;
    for (Weight weight : weights) {
      String name = weight.name();
      if (name.startsWith(tower + ".projection")) {
        last = projection;
      } else if (name.startsWith(tower + ".blocks.")) {
        last = 1 + Integer.parseInt(name.split("\\.")[2]);
      } else if (last == layers) {
        last = above;
      }
      if (last != NEVER_LOCKED) {
        groups.get(last).add(name);
      }
    }
    return new TowerGroups(groups);
  }

  int size() {
    return groups.size();
  }

  /// The weights below the `unlocked` top groups.
  Set<String> below(int unlocked) {
    return groups.subList(0, Math.max(0, size() - unlocked)).stream()
        .flatMap(List::stream)
        .collect(Collectors.toUnmodifiableSet());
  }
}
