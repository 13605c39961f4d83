package dev.eosin.clip;

import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;

/// The image tower of a [Clip] as computation: its weights and its forward pass. b batch, n tokens,
/// c hidden size, e embedding size.
sealed interface ImageTower permits VitTower, TimmTower {
  static ImageTower of(ClipSpec spec) {
    return switch (spec.image()) {
      case ClipSpec.Vit vit -> VitTower.of(vit, spec);
      case TimmImage timm -> TimmTower.of(timm, spec);
    };
  }

  /// The tower's blocks.
  Transformer blocks();

  /// Names, shapes and initial values, in the tower's order.
  List<Weight> weights();

  /// What enters the first block. [b,n,c]
  ///
  /// @param pixels [b,3,h,w], normalised
  Value tokens(Graph graph, ParameterSet parameters, Tensor pixels);

  /// Every block's output [b,n,c], the last one included.
  List<Value> hiddenStates(
      Graph graph, ParameterSet parameters, Value tokens, BlockExecution execution);

  /// The parameters after the last block: final norm, then projection.
  List<Parameter> head(ParameterSet parameters);

  /// Unit vectors [b,e] fp32.
  ///
  /// @param pixels [b,3,h,w], normalised
  /// @param kept int64 [b,k], the tokens that enter the first block, its first place among them;
  ///   all tokens where there is none
  /// @throws IllegalArgumentException when the tower can leave no token out
  Value features(
      Graph graph,
      ParameterSet parameters,
      Tensor pixels,
      Optional<Tensor> kept,
      BlockExecution execution);
}
