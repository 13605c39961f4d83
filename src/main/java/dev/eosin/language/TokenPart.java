package dev.eosin.language;

import dev.eosin.language.spec.LanguageSpec;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.LargePieces;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;

/// A part of a model that takes in tokens and scores what comes next. b rows, n columns, c hidden
/// size, v vocabulary, s tokens that are asked for.
public sealed interface TokenPart extends Part permits Decoder, T5Decoder {
  /// A chunk's logits in training: more gain no speed, and cost memory.
  int CHUNK_ELEMENTS = 16 << 20;

  Kernel EMBED = new Kernel("token_embedding", 1, Kernel.Gradient.OWN);
  Kernel ROWS = new Kernel("rows_at");
  Kernel LOGITS = new Kernel("token_logits");
  Kernel LOSS = new Kernel("linear_cross_entropy", 1, Kernel.Gradient.OWN);

  Kernel CHOSEN_EMBED = new Kernel("chosen_embedding");
  Kernel CHOSEN_LOGITS = new Kernel("chosen_logits");
  Kernel CHOSEN_LOSS = new Kernel("chosen_cross_entropy", 1, Kernel.Gradient.OWN);

  LanguageSpec spec();

  /// The name of the token table [v,c].
  String table();

  /// The name of the head [v,c]; the table's where they are tied.
  String head();

  /// Ids whose rows of the token table are trained by themselves, in the order of those rows.
  default List<Integer> trainedTokens() {
    return List.of();
  }

  /// Those ids, int64 [k]; the caller closes them.
  private Tensor chosen(Pass pass) {
    long[] ids = trainedTokens().stream().mapToLong(Integer::longValue).toArray();
    return pass.engine().of(ids, ids.length);
  }

  /// Whether rows of the head are trained by themselves: where it is the token table.
  private boolean headIsChosen() {
    return !trainedTokens().isEmpty() && head().equals(table());
  }

  /// The table or head with its trained rows.
  private String[] withRows(String table) {
    return new String[] {table, Adapters.rows(table)};
  }

  /// What the last block gave, through the last norm. [s,c] or [b,n,c]
  Value normed(Pass pass, Value states);

  /// Rows of the table [b,n,c]; fp32 on a CPU, where everything but products is, else in the
  /// table's type.
  ///
  /// @param ids int64 [b,n]
  default Value embed(Pass pass, Tensor ids) {
    if (!trainedTokens().isEmpty()) {
      List<Value> inputs = List.of(pass.graph().constant(ids), pass.graph().adopt(chosen(pass)));
      return pass.one(CHOSEN_EMBED, inputs, pass.named(withRows(table())), wide(pass));
    }
    return pass.one(EMBED, List.of(pass.graph().constant(ids)), pass.named(table()), wide(pass));
  }

  /// Whether activations are fp32 whatever the weights are.
  default boolean wide(Pass pass) {
    return pass.engine().device() instanceof Device.Cpu;
  }

  /// The type of activations, and of what is remembered.
  default DType type(Pass pass) {
    return wide(pass) ? DType.FLOAT32 : pass.parameters().get(table()).data().dtype();
  }

  /// Some tokens of all rows [s,c].
  ///
  /// @param places int64 `[s]` among all b n
  default Value rows(Pass pass, Value states, Tensor places) {
    return pass.one(ROWS, List.of(states, pass.graph().constant(places)), List.of());
  }

  /// Scores of what comes next, fp32 [s,v].
  ///
  /// @param rows through the last norm [s,c]
  default Value logits(Pass pass, Value rows) {
    if (headIsChosen()) {
      List<Value> inputs = List.of(rows, pass.graph().adopt(chosen(pass)));
      return pass.one(CHOSEN_LOGITS, inputs, pass.named(withRows(head())));
    }
    return pass.one(LOGITS, List.of(rows), pass.named(head()));
  }

  /// The summed cross entropy of some tokens divided by `weight`, without ever holding more logits
  /// than a chunk's. []
  ///
  /// @param rows through the last norm [s,c]
  /// @param targets int64 `[s]`
  default Value loss(Pass pass, Value rows, Tensor targets, double weight) {
    if (headIsChosen()) {
      return chosenLoss(pass, rows, targets, weight);
    }
    boolean wanted = pass.graph().differentiates(List.of(rows), pass.named(head()));
    boolean trained = pass.parameters().get(head()).trainable();
    try (var pieces = LargePieces.mapped()) {
      return pass.one(
          LOSS,
          List.of(rows, pass.graph().constant(targets)),
          pass.named(head()),
          chunk(spec().vocabulary()),
          weight,
          wanted,
          wanted && trained);
    }
  }

  private Value chosenLoss(Pass pass, Value rows, Tensor targets, double weight) {
    List<Parameter> weights = pass.named(withRows(head()));
    try (var pieces = LargePieces.mapped()) {
      return pass.one(
          CHOSEN_LOSS,
          List.of(rows, pass.graph().constant(targets), pass.graph().adopt(chosen(pass))),
          weights,
          chunk(spec().vocabulary()),
          weight,
          pass.graph().differentiates(List.of(rows), weights));
    }
  }

  /// The natural logarithm of each target's probability, fp32 `[s]`; the caller closes it.
  ///
  /// @param rows through the last norm [s,c]
  /// @param targets int64 `[s]`
  default Tensor likelihoods(Pass pass, Value rows, Tensor targets) {
    if (headIsChosen()) {
      try (Tensor chosen = chosen(pass)) {
        return pass.engine()
            .kernels()
            .one(
                "chosen_likelihoods",
                List.of(rows.data(), targets, chosen),
                data(pass, withRows(head())),
                chunk(spec().vocabulary()));
      }
    }
    return pass.engine()
        .kernels()
        .one(
            "token_likelihoods",
            List.of(rows.data(), targets),
            List.of(pass.parameters().get(head()).data()),
            chunk(spec().vocabulary()));
  }

  /// Rows of the table outside a graph [b,n,c]; the caller closes them.
  ///
  /// @param ids [b n]
  default Tensor looked(Pass pass, long[] ids, int rows) {
    try (Tensor each = pass.engine().of(ids, rows, ids.length / rows)) {
      if (!trainedTokens().isEmpty()) {
        try (Tensor chosen = chosen(pass)) {
          return pass.engine()
              .kernels()
              .list(
                  "chosen_embedding",
                  List.of(each, chosen),
                  data(pass, withRows(table())),
                  wide(pass))
              .getFirst();
        }
      }
      List<Tensor> entries = List.of(pass.parameters().get(table()).data());
      return pass.engine()
          .kernels()
          .list("token_embedding", List.of(each), entries, wide(pass))
          .getFirst();
    }
  }

  /// Scores of what comes next outside a graph, fp32 [s,v]; the caller closes them.
  ///
  /// @param rows through the last norm [s,c]
  default Tensor scored(Pass pass, Tensor rows) {
    if (headIsChosen()) {
      try (Tensor chosen = chosen(pass)) {
        return pass.engine()
            .kernels()
            .list("chosen_logits", List.of(rows, chosen), data(pass, withRows(head())))
            .getFirst();
      }
    }
    List<Tensor> weights = List.of(pass.parameters().get(head()).data());
    return pass.engine().kernels().list("token_logits", List.of(rows), weights).getFirst();
  }

  private static List<Tensor> data(Pass pass, String... names) {
    return pass.named(names).stream().map(Parameter::data).toList();
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
