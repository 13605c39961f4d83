package dev.eosin.features;

import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.ImageTower;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An image tower up to one of its blocks, all of whose tokens are read; it has no weights that
/// come later.
///
/// @param tower of any kind
/// @param count of its blocks
public record ImageStates(ImageTower tower, int count) implements Part {
  /// @throws IllegalArgumentException when the tower has not as many blocks
  public ImageStates {
    if (count < 1 || count > tower.transformer().layers()) {
      throw new IllegalArgumentException(
          "the %s has %d blocks, not %d"
              .formatted(tower.title(), tower.transformer().layers(), count));
    }
  }

  @Override
  public String prefix() {
    return tower.prefix();
  }

  @Override
  public String title() {
    return tower.title();
  }

  @Override
  public List<Weight> weights() {
    List<Weight> blocks = tower.transformer().weights();
    String first = blocks.getFirst().name();
    List<Weight> weights = new ArrayList<>();
    for (Weight weight : tower.weights()) {
      if (weight.name().equals(first)) {
        break;
      }
      weights.add(weight);
    }
    weights.addAll(blocks.subList(0, blocks.size() / tower.transformer().layers() * count));
    return weights;
  }

  /// [b,m,e], without a norm behind the last block.
  ///
  /// @param pixels [b,3,h,w], normalised
  public Value states(Pass pass, Tensor pixels) {
    return tower.states(pass, pixels, count);
  }

  @Override
  public Optional<Transformer> blocks() {
    return tower.blocks();
  }

  @Override
  public List<List<String>> lockGroups() {
    List<String> there = weights().stream().map(Weight::name).toList();
    return tower.lockGroups().stream()
        .map(group -> group.stream().filter(there::contains).toList())
        .filter(group -> !group.isEmpty())
        .toList();
  }
}
