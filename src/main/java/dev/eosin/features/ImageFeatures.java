package dev.eosin.features;

import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.ImageTower;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a model takes of an image tower: the tokens of one of its layers. Blocks above that layer,
/// the last norm and the projection are no part of the model. b images, n tokens, c hidden size.
///
/// @param tower whose blocks compute them
/// @param layer number of blocks; a negative one counts from the end as transformers counts hidden
///   layers: -1 is the state after the last block, -2 (LLaVA's) the one before it
/// @param everyToken whether the class token and registers are among them, or the patches alone
public record ImageFeatures(ImageTower tower, int layer, boolean everyToken) implements Part {
  private static final Kernel AFTER = new Kernel("tokens_after");

  /// @throws IllegalArgumentException when the tower has no such layer
  public ImageFeatures {
    int layers = tower.spec().layers();
    if (layer < -layers - 1 || layer > layers) {
      throw new IllegalArgumentException(
          "the image tower has %d blocks, their state %d was asked for".formatted(layers, layer));
    }
  }

  /// How many blocks are computed.
  public int blockCount() {
    return layer < 0 ? tower.spec().layers() + 1 + layer : layer;
  }

  /// Tokens before those of the patches.
  int leading() {
    ImageSpec spec = tower.spec();
    return spec.tokens() - (spec.height() / spec.patch()) * (spec.width() / spec.patch());
  }

  /// n
  public int tokens() {
    return tower.spec().tokens() - (everyToken ? 0 : leading());
  }

  /// c
  public int width() {
    return tower.spec().hiddenSize();
  }

  /// The features of images. [b,n,c]
  ///
  /// @param pixels [b,3,h,w], normalised
  public Value of(Pass pass, Tensor pixels) {
    Value states = tower.states(pass, pixels, layer);
    if (everyToken || leading() == 0) {
      return states;
    }
    Value patches = pass.one(AFTER, List.of(states), List.of(), leading());
    pass.release(states);
    return patches;
  }

  @Override
  public String prefix() {
    return tower.prefix();
  }

  @Override
  public String title() {
    return tower.title();
  }

  /// The tower lists its weights in the order of the forward pass: those up to the last block that
  /// is computed.
  @Override
  public List<Weight> weights() {
    String first = "%s.blocks.%d.".formatted(prefix(), blockCount());
    String last = "%s.blocks.%d.".formatted(prefix(), blockCount() - 1);
    List<Weight> used = new ArrayList<>();
    boolean within = false;
    for (Weight weight : tower.weights()) {
      boolean inLast = weight.name().startsWith(last);
      if (weight.name().startsWith(first) || (within && !inLast)) {
        break;
      }
      within = inLast;
      used.add(weight);
    }
    return used;
  }

  /// Weights of the tower that the model does not read.
  public List<String> unused() {
    List<String> names = new ArrayList<>(tower.weights().stream().map(Weight::name).toList());
    names.removeAll(weights().stream().map(Weight::name).toList());
    return names;
  }

  @Override
  public Optional<Transformer> blocks() {
    return tower.blocks();
  }

  @Override
  public List<List<String>> lockGroups() {
    List<String> used = weights().stream().map(Weight::name).toList();
    return tower.lockGroups().stream()
        .map(group -> group.stream().filter(used::contains).toList())
        .filter(group -> !group.isEmpty())
        .toList();
  }
}
