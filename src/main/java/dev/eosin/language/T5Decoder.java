package dev.eosin.language;

import dev.eosin.language.spec.T5Spec;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The decoder of a [T5], with the head. b rows, m columns, n of the encoder, c hidden size, v
/// vocabulary.
///
/// @param model that it belongs to
public record T5Decoder(T5 model) implements TokenPart {
  @Override
  public String prefix() {
    return model.prefix() + ".decoder";
  }

  @Override
  public String title() {
    return "text decoder";
  }

  @Override
  public T5Spec spec() {
    return model.spec();
  }

  @Override
  public String table() {
    return model.table();
  }

  @Override
  public String head() {
    return spec().tied() ? table() : prefix() + ".head.weight";
  }

  /// The biases of distances [buckets,heads], which all blocks share.
  public String distances() {
    return prefix() + ".distances.weight";
  }

  public String norm() {
    return prefix() + ".norm.weight";
  }

  /// What the head's input is multiplied by.
  public double factor() {
    return spec().tied() ? Math.pow(spec().width(), -0.5) : 1;
  }

  List<Weight> blockWeights(int layer) {
    String block = "%s.blocks.%d.".formatted(prefix(), layer);
    List<Weight> weights = new ArrayList<>(T5.attention(block + "attention", spec()));
    weights.addAll(T5.attention(block + "cross-attention", spec()));
    weights.addAll(T5.mlp(block + "mlp", spec()));
    return weights;
  }

  public List<String> names(int layer) {
    return blockWeights(layer).stream().map(Weight::name).toList();
  }

  @Override
  public List<Weight> weights() {
    T5Spec spec = spec();
    List<Weight> weights = new ArrayList<>();
    weights.add(T5.distances(distances(), spec));
    IntStream.range(0, spec.layers()).forEach(layer -> weights.addAll(blockWeights(layer)));
    weights.add(Weight.ones(norm(), spec.width()));
    if (!spec.tied()) {
      weights.add(Weight.normal(head(), 1, spec.vocabulary(), spec.width()));
    }
    return weights;
  }

  @Override
  public Value normed(Pass pass, Value states) {
    return T5Blocks.normed(this, pass, states);
  }

  /// The last block's state of every token, before the last norm. [b,m,c]
  ///
  /// @param tokens what [T5#shifted] says [b,m,c], rows that begin in their first column; released
  /// @param read what the encoder gave [b,n,c]; not released
  /// @param mask which tokens the encoder read
  /// @throws IllegalArgumentException where states would be fp16
  public Value through(Pass pass, Value tokens, Value read, TokenMask mask) {
    model.requireRange(pass);
    var blocks = T5Blocks.answering(this, pass, tokens, read, mask);
    Value x = tokens;
    for (int layer = 0; layer < spec().layers(); layer++) {
      Value next = blocks.apply(x, names(layer), layer);
      pass.release(x);
      x = next;
    }
    blocks.release();
    return x;
  }

  /// Answers token by token. Begin it with [#starts] and one column.
  ///
  /// @param read what the encoder gave [b,n,c]; the caller's, and not needed any more afterwards
  /// @param mask which tokens the encoder read
  /// @param most columns that there will ever be, that of the start included
  /// @throws IllegalArgumentException where states would be fp16
  public RowMemory remember(Pass pass, Tensor read, TokenMask mask, int most) {
    model.requireRange(pass);
    return T5Memory.begin(this, pass, read, mask, most);
  }

  /// The start token of some rows [b,1,c]; the caller closes it.
  public Tensor starts(Pass pass, int rows) {
    long[] ids = new long[rows];
    Arrays.fill(ids, spec().start());
    return looked(pass, ids, rows);
  }

  @Override
  public List<List<String>> lockGroups() {
    List<List<String>> groups = new ArrayList<>();
    groups.add(List.of(distances()));
    IntStream.range(0, spec().layers()).forEach(layer -> groups.add(names(layer)));
    groups.add(spec().tied() ? List.of(norm()) : List.of(norm(), head()));
    return groups;
  }
}
