package dev.eosin.tower;

import dev.eosin.nn.Activation;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;

/// An image tower as computation: its weights and its forward pass. b batch, n tokens, c hidden
/// size, e embedding size.
public sealed interface ImageTower extends Part permits VitTower, TimmTower {
  /// @param prefix of its weights' names
  /// @param embedSize e, what its projection makes
  /// @param activation of CLIP's own transformer; other kinds bring their own
  public static ImageTower of(String prefix, ImageSpec spec, int embedSize, Activation activation) {
    return switch (spec) {
      case Vit vit -> VitTower.of(prefix, vit, embedSize, activation);
      case TimmImage timm -> TimmTower.of(prefix, timm, embedSize);
    };
  }

  ImageSpec spec();

  /// The tower's blocks.
  Transformer transformer();

  @Override
  default Optional<Transformer> blocks() {
    return Optional.of(transformer());
  }

  @Override
  default String prefix() {
    return transformer().prefix();
  }

  @Override
  default String title() {
    return "image tower";
  }

  /// What enters the first block. [b,n,c]
  ///
  /// @param pixels [b,3,h,w], normalised
  public Value tokens(Pass pass, Tensor pixels);

  /// Every block's output [b,n,c], the last one included.
  public default List<Value> hiddenStates(Pass pass, Value tokens) {
    return transformer().hiddenStates(pass, tokens);
  }

  /// The tokens after so many blocks [b,n,c]; the blocks above are not computed. Neither norm nor
  /// projection follows.
  ///
  /// @param pixels [b,3,h,w], normalised
  /// @param until number of blocks; a negative one counts the states from the end as transformers
  ///   counts hidden layers: -1 is the state after the last block, -2 (LLaVA's) the one before it
  default Value states(Pass pass, Tensor pixels, int until) {
    int layers = transformer().layers();
    int count = until < 0 ? layers + 1 + until : until;
    if (count < 0 || count > layers) {
      throw new IllegalArgumentException(
          "%s has %d blocks, their state %d was asked for".formatted(title(), layers, until));
    }
    return transformer().through(pass, tokens(pass, pixels), count);
  }

  /// The parameters after the last block: final norm, then projection.
  List<Parameter> head(ParameterSet parameters);

  /// What [#features] are before they are brought to length 1. [b,e] fp32
  ///
  /// @param pixels [b,3,h,w], normalised
  Value projections(Pass pass, Tensor pixels);

  /// Unit vectors [b,e] fp32.
  ///
  /// @param pixels [b,3,h,w], normalised
  /// @param kept int64 [b,k], the tokens that enter the first block, its first place among them;
  ///   all tokens where there is none
  /// @throws IllegalArgumentException when the tower can leave no token out
  Value features(Pass pass, Tensor pixels, Optional<Tensor> kept);
}
