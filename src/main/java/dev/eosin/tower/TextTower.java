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

/// A text tower as computation: its weights and its forward pass. b batch, n tokens, c hidden size,
/// e embedding size.
public sealed interface TextTower extends Part permits CausalTower, BertTower {
  /// @param prefix of its weights' names
  /// @param embedSize e, what its projection makes
  /// @param activation of CLIP's own transformer; other kinds bring their own
  static TextTower of(String prefix, TextSpec spec, int embedSize, Activation activation) {
    return switch (spec) {
      case Causal causal -> CausalTower.of(prefix, causal, embedSize, activation);
      case BertText bert -> BertTower.of(prefix, bert, embedSize);
    };
  }

  TextSpec spec();

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
    return "text tower";
  }

  /// What enters the first block. [b,n,c]
  ///
  /// @param ids int64 [b,n]
  public Value tokens(Pass pass, Tensor ids);

  /// Every block's output [b,n,c], the last one included.
  ///
  /// @param ids int64 [b,n], those of the tokens
  public List<Value> hiddenStates(Pass pass, Value tokens, Tensor ids);

  /// The parameters after the last block.
  List<Parameter> head(ParameterSet parameters);

  /// Unit vectors [b,e] fp32.
  ///
  /// @param ids int64 [b,n], n at most the context
  /// @param seeds of dropout, int64 [b,s]; none where nothing is left out
  /// @throws IllegalArgumentException when the tower has no dropout
  Value features(Pass pass, Tensor ids, Optional<Tensor> seeds);
}
