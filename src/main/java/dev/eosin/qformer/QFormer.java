package dev.eosin.qformer;

import dev.eosin.language.TokenMask;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// A Q-Former as computation. b rows, q queries, t words, n = q + t, m tokens of an image, c hidden
/// size, e the image's, s [#dropoutSeeds].
///
/// An image is read once, [#image], and looked at as often as needed: keys and values are most of
/// the work. Queries and words share self-attention, and who sees whom depends on the task:
/// [#queries] and [#text] see their own kind, [#both] everything, [#continued] words see all
/// queries and the words before them. Dropout is where seeds are given.
///
/// Source: LAVIS `blip2_models/Qformer.py`, transformers 5.18 `modeling_blip_2.py`.
///
/// @param prefix of its weights' names
/// @param spec what it is
public record QFormer(String prefix, QFormerSpec spec) implements Part {
  static final double DEVIATION = 0.02;

  private static final Kernel QUERIES = new Kernel("qformer_queries");
  private static final Kernel WORDS = new Kernel("qformer_words");
  private static final Kernel JOINED = new Kernel("qformer_joined");
  private static final Kernel IMAGE = new Kernel("qformer_image");
  private static final Kernel IMAGE_LEAN = new Kernel("qformer_image_lean", 1, Kernel.Gradient.OWN);

  @Override
  public String title() {
    return "Q-Former";
  }

  String queryTokens() {
    return name("query-tokens");
  }

  /// The name of the table of words [v,c].
  String table() {
    return name("token-embedding");
  }

  private String name(String rest) {
    return prefix + "." + rest;
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>();
    long c = spec.width();
    weights.add(Weight.normal(queryTokens(), DEVIATION, 1, spec.queries(), c));
    spec.words()
        .ifPresent(
            words -> {
              weights.add(Weight.normal(table(), DEVIATION, words.vocabulary(), c));
              weights.add(Weight.normal(positions(), DEVIATION, words.positions(), c));
            });
    weights.add(Weight.ones(name("embedding-norm.weight"), c));
    weights.add(Weight.zeros(name("embedding-norm.bias"), c));
    IntStream.range(0, spec.layers()).forEach(i -> weights.addAll(layer(i).weights()));
    return weights;
  }

  String positions() {
    return name("position-embedding");
  }

  QFormerLayer layer(int index) {
    return new QFormerLayer(this, index);
  }

  String[] norm() {
    return new String[] {name("embedding-norm.weight"), name("embedding-norm.bias")};
  }

  @Override
  public Optional<Transformer> blocks() {
    return Optional.empty();
  }

  @Override
  public List<List<String>> lockGroups() {
    List<List<String>> groups = new ArrayList<>();
    List<String> entering = new ArrayList<>(List.of(queryTokens()));
    spec.words().ifPresent(words -> entering.addAll(List.of(table(), positions())));
    entering.addAll(List.of(norm()));
    groups.add(entering);
    IntStream.range(0, spec.layers())
        .forEach(i -> groups.add(layer(i).weights().stream().map(Weight::name).toList()));
    return groups;
  }

  /// Seeds of one row's dropout in one pass.
  public int dropoutSeeds() {
    return 1 + QFormerLayer.SEEDS * spec.layers();
  }

  /// What queries see of images: keys and values [b,m,2c] for each layer that looks at them.
  ///
  /// @param states [b,m,e]; not released
  public List<Value> image(Pass pass, Value states) {
    return IntStream.range(0, spec.layers())
        .filter(spec::crosses)
        .mapToObj(i -> image(pass, states, i))
        .toList();
  }

  private Value image(Pass pass, Value states, int layer) {
    List<Value> inputs = List.of(states);
    List<Parameter> weights = pass.named(layer(layer).imageNames());
    if (pass.ownsBackward(inputs, weights)) {
      return pass.one(IMAGE_LEAN, inputs, weights, pass.graph().differentiates(inputs, List.of()));
    }
    return pass.one(IMAGE, inputs, weights);
  }

  /// Queries that see each other and the image.
  ///
  /// @param image as [#image] gives it
  /// @param seeds int64 [b,s]
  public QueryStates queries(Pass pass, List<Value> image, Optional<Tensor> seeds) {
    Value learned = learned(pass, image);
    var layers = QFormerPass.of(this, pass, spec.queries(), seeds).looking(image);
    QueryStates states = layers.remembered(layers.entered(learned));
    layers.release();
    return states;
  }

  /// The last states alone of queries that see each other and the image. [b,q,c]
  ///
  /// @param image as [#image] gives it
  /// @param seeds int64 [b,s]
  public Value read(Pass pass, List<Value> image, Optional<Tensor> seeds) {
    Value learned = learned(pass, image);
    var layers = QFormerPass.of(this, pass, spec.queries(), seeds).looking(image);
    Value states = layers.last(layers.entered(learned));
    layers.release();
    return states;
  }

  /// Words that see each other. [b,t,c]
  ///
  /// @param ids int64 [b,t]
  /// @param mask which of them are there
  /// @param seeds int64 [b,s]
  public Value text(Pass pass, Tensor ids, TokenMask mask, Optional<Tensor> seeds) {
    return text(pass, words(pass, ids), mask, seeds);
  }

  /// @param words as [#words] gives them; released
  Value text(Pass pass, Value words, TokenMask mask, Optional<Tensor> seeds) {
    var layers = QFormerPass.of(this, pass, 0, seeds).seeing(mask, 0, false);
    Value states = layers.last(layers.entered(words));
    layers.release();
    return states;
  }

  /// Queries and words that all see each other, the queries first. [b,q+t,c]
  ///
  /// @param image as [#image] gives it
  /// @param ids int64 [b,t]
  /// @param mask which of them are there
  /// @param seeds int64 [b,s]
  public Value both(
      Pass pass, List<Value> image, Tensor ids, TokenMask mask, Optional<Tensor> seeds) {
    return both(pass, image, words(pass, ids), mask, seeds);
  }

  /// @param words as [#words] gives them; released
  Value both(Pass pass, List<Value> image, Value words, TokenMask mask, Optional<Tensor> seeds) {
    Value learned = learned(pass, image);
    Value tokens = joined(pass, learned, words);
    int q = spec.queries();
    var layers = QFormerPass.of(this, pass, q, seeds).looking(image).seeing(mask, q, false);
    Value states = layers.last(layers.entered(tokens));
    layers.release();
    return states;
  }

  /// Words that see the queries of [#queries] and the words before them. [b,t,c]
  ///
  /// @param ids int64 [b,t]
  /// @param mask which of them are there, from the first column on
  /// @param seeds int64 [b,s]
  public Value continued(
      Pass pass, QueryStates queries, Tensor ids, TokenMask mask, Optional<Tensor> seeds) {
    return continued(pass, queries, words(pass, ids), mask, seeds);
  }

  /// @param words as [#words] gives them; released
  Value continued(
      Pass pass, QueryStates queries, Value words, TokenMask mask, Optional<Tensor> seeds) {
    var layers =
        QFormerPass.of(this, pass, 0, seeds).seeing(mask, spec.queries(), true).behind(queries);
    Value states = layers.last(layers.entered(words));
    layers.release();
    return states;
  }

  static Value joined(Pass pass, Value queries, Value words) {
    Value tokens = pass.one(JOINED, List.of(queries, words), List.of());
    pass.release(queries);
    pass.release(words);
    return tokens;
  }

  private Value learned(Pass pass, List<Value> image) {
    int rows = Math.toIntExact(image.getFirst().data().size(0));
    return pass.one(QUERIES, List.of(), pass.named(queryTokens()), rows);
  }

  /// Words with their positions. [b,t,c]
  ///
  /// @param ids int64 [b,t]
  Value words(Pass pass, Tensor ids) {
    QFormerSpec.Words words =
        spec.words()
            .orElseThrow(
                () -> new IllegalArgumentException(prefix + ": this Q-Former reads no text"));
    if (ids.size(1) > words.positions()) {
      throw new IllegalArgumentException(
          "%s: texts of %d tokens, but there are %d positions; cut them"
              .formatted(prefix, ids.size(1), words.positions()));
    }
    return pass.one(WORDS, List.of(pass.graph().constant(ids)), pass.named(table(), positions()));
  }
}
