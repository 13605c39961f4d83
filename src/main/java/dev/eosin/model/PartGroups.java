package dev.eosin.model;

import dev.eosin.nn.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A part's weights in the groups that a lock counts, the one nearest the input first. Of a tower
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
public final class PartGroups {
  /// The group of weights that are always trained.
  public static final int NEVER_LOCKED = -1;

  private PartGroups() {}

  /// The groups of a part whose blocks are named `<prefix>.blocks.<i>`.
  ///
  /// @param weights in the order of the forward pass
  /// @param above the group of what stands between blocks and projection
  /// @param projection the group of `<prefix>.projection`
  public static List<List<String>> of(
      String prefix, List<Weight> weights, int layers, int above, int projection) {
    List<List<String>> groups = new ArrayList<>();
    for (int i = 0; i <= Math.max(above, projection); i++) {
      groups.add(new ArrayList<>());
    }
    int last = 0;
    for (Weight weight : weights) {
      String name = weight.name();
      if (name.startsWith(prefix + ".projection")) {
        last = projection;
      } else if (name.startsWith(prefix + ".blocks.")) {
        last = 1 + layer(prefix, name);
      } else if (last == layers) {
        last = above;
      }
      if (last != NEVER_LOCKED) {
        groups.get(last).add(name);
      }
    }
    return List.copyOf(groups);
  }

  /// The weights below the `unlocked` top groups.
  public static Set<String> below(List<List<String>> groups, int unlocked) {
    return groups.subList(0, Math.max(0, groups.size() - unlocked)).stream()
        .flatMap(List::stream)
        .collect(Collectors.toUnmodifiableSet());
  }

  /// The block that a weight named `<prefix>.blocks.<i>...` belongs to.
  static int layer(String prefix, String name) {
    String rest = name.substring((prefix + ".blocks.").length());
    return Integer.parseInt(rest.substring(0, rest.indexOf('.')));
  }
}
