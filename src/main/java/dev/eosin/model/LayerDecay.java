package dev.eosin.model;

import dev.eosin.nn.LowRank;
import dev.eosin.nn.Part;
import dev.eosin.nn.Weight;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Learning rates that fall from a tower's head to its input. In a tower of L blocks what stands
/// above the blocks (norm, pooler, projection) has factor 1, block i (from 0) d^(L-i), what stands
/// below them d^(L+1). Weights outside the towers have factor 1.
///
/// Source: BEiT (arXiv 2106.08254), `get_num_layer_for_vit` of its code, and timm's
/// `param_groups_layer_decay`.
public final class LayerDecay {
  private LayerDecay() {}

  /// Factors of the learning rate by weight, adapters as the weights that they adapt; none where
  /// nothing decays.
  ///
  /// @param parts whose blocks are counted
  /// @param decay d, from a layer to the one below it
  public static Map<String, Double> scales(List<? extends Part> parts, double decay) {
    if (decay == 1) {
      return Map.of();
    }
    Map<String, Double> scales = new HashMap<>();
    for (Part part : parts) {
      part.blocks()
          .ifPresent(
              blocks -> scale(part.prefix(), part.weights(), blocks.layers(), decay, scales));
    }
    return Map.copyOf(scales);
  }

  /// @param weights in the order of the forward pass
  private static void scale(
      String tower, List<Weight> weights, int layers, double decay, Map<String, Double> scales) {
    int below = 0;
    for (Weight weight : weights) {
      if (weight.name().startsWith(tower + ".blocks.")) {
        below = 1 + PartGroups.layer(tower, weight.name());
      } else if (below == layers) {
        below = layers + 1;
      }
      double scale = Math.pow(decay, layers + 1 - below);
      scales.put(weight.name(), scale);
      if (weight.name().endsWith(".weight")) {
        scales.put(LowRank.down(weight.name()), scale);
        scales.put(LowRank.up(weight.name()), scale);
      }
    }
  }
}
