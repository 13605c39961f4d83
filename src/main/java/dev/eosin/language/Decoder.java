package dev.eosin.language;

import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.List;

/// A language model that continues its own input. b rows, n columns, c hidden size.
///
/// Training: [#embed], [#through], [#rows] at the tokens whose successors are asked for, then
/// [#loss]. What stands between text and blocks (features of images among the tokens) is whoever
/// calls.
public sealed interface Decoder extends TokenPart permits Llama, Opt {
  /// The names of every linear's weight, in the order of the forward pass: what adapters may name.
  List<String> linears();

  /// What stands beside its linears.
  Adapters adapters();

  @Override
  default List<Integer> trainedTokens() {
    return adapters().tokens();
  }

  /// Trained rows of the token table, then adapters' own weights, in the order of the forward pass;
  /// not among [#weights].
  List<Weight> adapterWeights();

  /// The same model with adapters beside its linears.
  Decoder with(Adapters adapters);

  /// The state of every token behind each of the blocks, the last before its norm. [b,n,c] each
  List<Value> states(Pass pass, Value tokens, Columns columns);

  /// The state of a row's last token behind each block, that of the last block through the last
  /// norm: transformers' `hidden_states[1:]`. fp32 `[layers][c]`
  ///
  /// @param tokens [1,n,c]
  default float[][] lastStates(Pass pass, Value tokens) {
    int columns = Math.toIntExact(tokens.data().shape()[1]);
    List<Value> states = states(pass, tokens, Columns.whole(columns));
    float[][] found = new float[states.size()][];
    try (Tensor at = pass.engine().of(new long[] {columns - 1}, 1)) {
      for (int layer = 0; layer < found.length; layer++) {
        Value row = rows(pass, states.get(layer), at);
        found[layer] = (layer < found.length - 1 ? row : normed(pass, row)).data().toFloats();
      }
    }
    return found;
  }

  /// The last block's state of every token, before the last norm. [b,n,c]
  ///
  /// @param tokens [b,n,c]; released
  Value through(Pass pass, Value tokens, Columns columns);

  /// Continues rows token by token.
  ///
  /// @param most columns that there will ever be, those of the prompt included
  RowMemory remember(Pass pass, int rows, int most);
}
