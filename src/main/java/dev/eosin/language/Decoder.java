package dev.eosin.language;

import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;

/// A language model that continues its own input. b rows, n columns, c hidden size, v vocabulary, s
/// tokens that are asked for.
///
/// Training: [#embed], [#through], [#rows] at the tokens whose successors are asked for, then
/// [#loss]. What stands between text and blocks (features of images among the tokens) is whoever
/// calls.
public sealed interface Decoder extends Part permits Llama {
  /// A chunk's logits in training: more gain no speed, and cost memory.
  int CHUNK_ELEMENTS = 16 << 20;

  Kernel EMBED = new Kernel("token_embedding", 1, Kernel.Gradient.OWN);
  Kernel ROWS = new Kernel("rows_at");
  Kernel LOGITS = new Kernel("token_logits");
  Kernel LOSS = new Kernel("linear_cross_entropy", 1, Kernel.Gradient.OWN);

  LanguageSpec spec();

  /// The name of the token table [v,c].
  String table();

  /// The name of the head [v,c]; the table's where they are tied.
  String head();

  /// The names of every linear's weight, in the order of the forward pass: what adapters may name.
  List<String> linears();

  /// What stands beside its linears.
  Adapters adapters();

  /// Adapters' own weights, in the order of the forward pass; not among [#weights].
  List<Weight> adapterWeights();

  /// The same model with adapters beside its linears.
  Decoder with(Adapters adapters);

  /// What the last block gave, through the last norm. [s,c] or [b,n,c]
  Value normed(Pass pass, Value states);

  /// The state of every token behind each of the blocks, the last before its norm. [b,n,c] each
  List<Value> states(Pass pass, Value tokens, Columns columns);

  /// The last block's state of every token, before the last norm. [b,n,c]
  ///
  /// @param tokens [b,n,c]; released
  Value through(Pass pass, Value tokens, Columns columns);

  /// Continues rows token by token.
  ///
  /// @param most columns that there will ever be, those of the prompt included
  RowMemory remember(Pass pass, int rows, int most);

  /// Rows of the table [b,n,c]; fp32 on a CPU, where everything but products is, else in the
  /// table's type.
  ///
  /// @param ids int64 [b,n]
  default Value embed(Pass pass, Tensor ids) {
    return pass.one(EMBED, List.of(pass.graph().constant(ids)), pass.named(table()), wide(pass));
  }

  /// Whether activations are fp32 whatever the weights are.
  default boolean wide(Pass pass) {
    return pass.engine().device() instanceof dev.eosin.tensor.Device.Cpu;
  }

  /// Some tokens of all rows [s,c].
  ///
  /// @param places int64 [s] among all b n
  default Value rows(Pass pass, Value states, Tensor places) {
    return pass.one(ROWS, List.of(states, pass.graph().constant(places)), List.of());
  }

  /// Scores of what comes next, fp32 [s,v].
  ///
  /// @param rows through the last norm [s,c]
  default Value logits(Pass pass, Value rows) {
    return pass.one(LOGITS, List.of(rows), pass.named(head()));
  }

  /// The summed cross entropy of some tokens divided by `weight`, without ever holding more logits
  /// than a chunk's. []
  ///
  /// @param rows through the last norm [s,c]
  /// @param targets int64 [s]
  default Value loss(Pass pass, Value rows, Tensor targets, double weight) {
    boolean wanted = pass.graph().differentiates(List.of(rows), pass.named(head()));
    boolean trained = pass.parameters().get(head()).trainable();
    return pass.one(
        LOSS,
        List.of(rows, pass.graph().constant(targets)),
        pass.named(head()),
        chunk(spec().vocabulary()),
        weight,
        wanted,
        wanted && trained);
  }

  /// The natural logarithm of each target's probability, fp32 [s]; the caller closes it.
  ///
  /// @param rows through the last norm [s,c]
  /// @param targets int64 [s]
  default Tensor likelihoods(Pass pass, Value rows, Tensor targets) {
    return pass.engine()
        .kernels()
        .one(
            "token_likelihoods",
            List.of(rows.data(), targets),
            List.of(pass.parameters().get(head()).data()),
            chunk(spec().vocabulary()));
  }

  /// Rows of a chunk of logits.
  static int chunk(int vocabulary) {
    return Math.clamp(CHUNK_ELEMENTS / vocabulary, 16, 128);
  }

  /// Nothing here is a stack of CLIP's blocks.
  @Override
  default Optional<Transformer> blocks() {
    return Optional.empty();
  }
}
