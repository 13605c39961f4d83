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

/// The text tower of a [Clip] as computation: its weights and its forward pass. b batch, n tokens,
/// c hidden size, e embedding size.
sealed interface TextTower permits CausalTower, BertTower {
  static TextTower of(ClipSpec spec) {
    return switch (spec.text()) {
      case ClipSpec.Causal causal -> CausalTower.of(causal, spec);
      case BertText bert -> BertTower.of(bert, spec);
    };
  }

  /// The tower's blocks.
  Transformer blocks();

  /// Names, shapes and initial values, in the tower's order.
  List<Weight> weights();

  /// What enters the first block. [b,n,c]
  ///
  /// @param ids int64 [b,n]
  Value tokens(Graph graph, ParameterSet parameters, Tensor ids);

  /// Every block's output [b,n,c], the last one included.
  ///
  /// @param ids int64 [b,n], those of the tokens
  List<Value> hiddenStates(
      Graph graph, ParameterSet parameters, Value tokens, Tensor ids, BlockExecution execution);

  /// The parameters after the last block.
  List<Parameter> head(ParameterSet parameters);

  /// Unit vectors [b,e] fp32.
  ///
  /// @param ids int64 [b,n], n at most the context
  /// @param seeds of dropout, int64 [b,s]; none where nothing is left out
  /// @throws IllegalArgumentException when the tower has no dropout
  Value features(
      Graph graph,
      ParameterSet parameters,
      Tensor ids,
      Optional<Tensor> seeds,
      BlockExecution execution);
}
