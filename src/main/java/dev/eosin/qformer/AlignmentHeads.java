package dev.eosin.qformer;

import dev.eosin.language.TokenPart;
import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.LargePieces;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What stands behind a Q-Former while it is aligned with text: projections into one space, the
/// judgement whether image and text belong together, the scores of next words. b rows of B, q
/// queries, c hidden size, d embedding size, v vocabulary.
///
/// @param qformer before it
/// @param prefix of its weights' names
/// @param embedSize d
public record AlignmentHeads(QFormer qformer, String prefix, int embedSize) implements Part {
  private static final Kernel FEATURES = new Kernel("alignment_features");
  private static final Kernel SIMILARITIES =
      new Kernel("alignment_similarities", 2, Kernel.Gradient.AUTOGRAD);
  private static final Kernel CONTRAST = new Kernel("alignment_contrast");
  private static final Kernel MATCH = new Kernel("alignment_match");
  private static final Kernel WORDS = new Kernel("alignment_words");
  private static final Kernel TRANSFORMED = new Kernel("alignment_transformed");
  private static final Kernel WORD_LOSS = new Kernel("alignment_word_loss", 1, Kernel.Gradient.OWN);
  private static final Kernel CROSS_ENTROPY = new Kernel("summed_cross_entropy");
  private static final double TEMPERATURE = 0.07;

  /// What alike means.
  ///
  /// @param images own images by all texts [b,B]
  /// @param texts own texts by all images [b,B]
  public record Similarities(Value images, Value texts) {}

  @Override
  public String title() {
    return "alignment heads";
  }

  String name(String rest) {
    return prefix + "." + rest;
  }

  String temperature() {
    return name("temperature");
  }

  String wordBias() {
    return name("word-bias");
  }

  /// Weights that training has and transformers' models have not.
  Set<String> absentFromTransformers() {
    return Set.of(
        temperature(),
        name("words.weight"),
        name("words.bias"),
        name("words-norm.weight"),
        name("words-norm.bias"),
        wordBias());
  }

  @Override
  public List<Weight> weights() {
    long c = qformer.spec().width();
    List<Weight> weights = new ArrayList<>();
    linear(weights, "image-projection", embedSize, c);
    linear(weights, "text-projection", embedSize, c);
    weights.add(Weight.scalar(temperature(), TEMPERATURE));
    linear(weights, "match", 2, c);
    weights.add(Weight.normal(name("words.weight"), QFormer.DEVIATION, c, c));
    weights.add(Weight.zeros(name("words.bias"), c));
    weights.add(Weight.ones(name("words-norm.weight"), c));
    weights.add(Weight.zeros(name("words-norm.bias"), c));
    weights.add(Weight.zeros(wordBias(), vocabulary()));
    return weights;
  }

  /// As torch begins its linears.
  private void linear(List<Weight> weights, String part, long rows, long columns) {
    var first = new InitialValue.Uniform(Math.pow(columns, -0.5));
    weights.add(new Weight(name(part + ".weight"), first, false, rows, columns));
    weights.add(new Weight(name(part + ".bias"), first, false, rows));
  }

  private long vocabulary() {
    return qformer
        .spec()
        .words()
        .orElseThrow(() -> new IllegalArgumentException("a Q-Former without words is not aligned"))
        .vocabulary();
  }

  private String[] both(String part) {
    return new String[] {name(part + ".weight"), name(part + ".bias")};
  }

  /// Unit vectors of queries [b,q,d], fp32.
  Value imageFeatures(Pass pass, Value queries) {
    return pass.one(FEATURES, List.of(queries), pass.named(both("image-projection")), false);
  }

  /// Unit vectors of texts [b,d], fp32: of their first token.
  Value textFeatures(Pass pass, Value states) {
    return pass.one(FEATURES, List.of(states), pass.named(both("text-projection")), true);
  }

  /// @param all features of the whole batch
  Similarities similarities(Pass pass, Value images, Value texts, BatchFeatures all) {
    List<Value> found =
        pass.graph()
            .apply(
                SIMILARITIES,
                List.of(images, texts, all.images(), all.texts()),
                pass.named(temperature()));
    return new Similarities(found.get(0), found.get(1));
  }

  /// The contrastive loss of own rows, a part of the mean over the batch. []
  Value contrast(Pass pass, Similarities found, BatchFeatures all, double smoothing) {
    return pass.one(
        CONTRAST,
        List.of(found.images(), found.texts()),
        List.of(),
        all.first(),
        smoothing,
        (double) all.size());
  }

  /// Whether image and text belong together: logits of no and yes, fp32 [b,2].
  ///
  /// @param states of queries, then words [b,n,c]
  Value match(Pass pass, Value states) {
    return pass.one(MATCH, List.of(states), pass.named(both("match")), qformer.spec().queries());
  }

  /// Scores of the words that come next, fp32 [s,v].
  ///
  /// @param rows states [s,c]
  Value words(Pass pass, Value rows) {
    return pass.one(
        WORDS,
        List.of(rows),
        pass.named(
            name("words.weight"),
            name("words.bias"),
            name("words-norm.weight"),
            name("words-norm.bias"),
            qformer.table(),
            wordBias()),
        qformer.spec().normEpsilon());
  }

  /// The summed cross entropy of words divided by `weight`; with their own backward, never more
  /// logits than a chunk's are there. []
  ///
  /// @param rows states [s,c]
  /// @param next int64 [s]; the caller's
  Value told(Pass pass, Value rows, Tensor next, double smoothing, double weight) {
    List<Parameter> weights = pass.named(qformer.table(), wordBias());
    if (!pass.ownsBackward(List.of(rows), weights)) {
      return crossEntropy(pass, words(pass, rows), next, smoothing, weight);
    }
    List<Parameter> before =
        pass.named(
            name("words.weight"),
            name("words.bias"),
            name("words-norm.weight"),
            name("words-norm.bias"));
    Value transformed = pass.one(TRANSFORMED, List.of(rows), before, qformer.spec().normEpsilon());
    boolean wanted = pass.graph().differentiates(List.of(transformed), weights);
    try (var pieces = LargePieces.mapped()) {
      return pass.one(
          WORD_LOSS,
          List.of(transformed, pass.graph().constant(next)),
          weights,
          TokenPart.chunk(Math.toIntExact(vocabulary())),
          smoothing,
          weight,
          wanted);
    }
  }

  /// Summed cross entropy divided by `weight`. []
  ///
  /// @param targets int64, one a row; the caller's
  static Value crossEntropy(
      Pass pass, Value logits, Tensor targets, double smoothing, double weight) {
    return pass.one(
        CROSS_ENTROPY,
        List.of(logits, pass.graph().constant(targets)),
        List.of(),
        smoothing,
        weight);
  }

  @Override
  public Optional<Transformer> blocks() {
    return Optional.empty();
  }

  @Override
  public List<List<String>> lockGroups() {
    return List.of(weights().stream().map(Weight::name).toList());
  }
}
