package dev.eosin.albef;

import dev.eosin.features.ImageFeatures;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Vit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// CLIP's vision transformer whose last norm every token goes through: all of them are what texts
/// look at. b images, m tokens, e hidden size.
///
/// @param vit its sizes
/// @param images all blocks, with the class token
public record ImageEncoder(Vit vit, ImageFeatures images) implements Part {
  private static final Kernel NORM = new Kernel("norm");

  static ImageEncoder of(String prefix, Vit vit, Activation activation) {
    ImageTower tower = ImageTower.of(prefix, vit, 1, activation);
    return new ImageEncoder(vit, new ImageFeatures(tower, vit.layers(), true));
  }

  @Override
  public String prefix() {
    return images.prefix();
  }

  @Override
  public String title() {
    return images.title();
  }

  /// Names of the last norm's weights.
  public List<String> lastNorm() {
    return List.of(norm("weight"), norm("bias"));
  }

  /// e
  public int width() {
    return images.width();
  }

  private String norm(String part) {
    return prefix() + ".post-norm." + part;
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>(images.weights());
    weights.add(Weight.ones(norm("weight"), width()));
    weights.add(Weight.zeros(norm("bias"), width()));
    return weights;
  }

  @Override
  public Optional<Transformer> blocks() {
    return images.blocks();
  }

  @Override
  public List<List<String>> lockGroups() {
    List<List<String>> groups = new ArrayList<>(images.lockGroups());
    groups.add(lastNorm());
    return groups;
  }

  /// States of all tokens. [b,m,e]
  ///
  /// @param pixels [b,3,h,w], normalised
  public Value states(Pass pass, Tensor pixels) {
    Value last = images.of(pass, pixels);
    Value normed = pass.one(NORM, List.of(last), pass.named(norm("weight"), norm("bias")));
    pass.release(last);
    return normed;
  }
}
