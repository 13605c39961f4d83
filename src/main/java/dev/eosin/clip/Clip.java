package dev.eosin.clip;

import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.RandomKey;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;

/// A CLIP model on an engine: its weights and its forward pass, written against [Graph] so that
/// training and encoding share it. b batch, n tokens, c hidden size, e embedding size.
///
/// Source: open_clip `model.py` and `transformer.py` (parity is tested against open_clip 3.3.0).
public final class Clip implements AutoCloseable {
  /// ln(1 / 0.07), where CLIP starts.
  public static final double INITIAL_LOGIT_SCALE = Math.log(1 / 0.07);

  /// ln(100), the largest logit scale that training allows.
  public static final double LARGEST_LOGIT_SCALE = Math.log(100);

  private static final Kernel EMBED_IMAGE = new Kernel("embed_image");
  private static final Kernel EMBED_TEXT = new Kernel("embed_text");
  private static final Kernel HEAD = new Kernel("head");
  private static final Kernel CONTRASTIVE = new Kernel("contrastive");

  private final ClipSpec spec;
  private final ParameterSet parameters;
  private final BlockExecution execution;
  private final Transformer imageTower;
  private final Transformer textTower;

  private Clip(ClipSpec spec, ParameterSet parameters, BlockExecution execution) {
    this.spec = spec;
    this.parameters = parameters;
    this.execution = execution;
    this.imageTower = spec.imageTower();
    this.textTower = spec.textTower();
  }

  /// Allocates the model with weights of zero; fill them with [#initialise] or from a checkpoint.
  ///
  /// @param compute fp32 or bf16; bf16 keeps fp32 masters where the model is trainable
  public static Clip allocate(
      Engine engine, ClipSpec spec, DType compute, boolean trainable, BlockExecution execution) {
    List<ParameterSet.Spec> specs =
        weights(spec).stream().map(weight -> weight.spec(trainable)).toList();
    return new Clip(spec, ParameterSet.allocate(engine, specs, compute), execution);
  }

  /// What a recipe runs with: the shortened last block everywhere, blocks with their own backward
  /// on a CPU (their attention kernel is the CPU's).
  public static BlockExecution fastest(Device device) {
    return new BlockExecution(true, device instanceof Device.Cpu, 0);
  }

  /// Random weights, as open_clip's text tower starts.
  public void initialise(RandomKey key) {
    new Initialiser(key).fill(parameters, weights(spec));
  }

  /// Names and shapes of every weight.
  public static List<Weight> weights(ClipSpec spec) {
    var weights = new ArrayList<Weight>();
    ClipSpec.Image image = spec.image();
    long c = image.hiddenSize();
    double scale = Math.pow(c, -0.5);
    double patch = Math.pow(3.0 * image.patch() * image.patch(), -0.5);
    weights.add(
        Weight.normal("image.patch-embedding.weight", patch, c, 3, image.patch(), image.patch()));
    weights.add(Weight.normal("image.class-token", scale, c));
    weights.add(Weight.normal("image.position-embedding", scale, image.tokens(), c));
    weights.add(Weight.ones("image.pre-norm.weight", c));
    weights.add(Weight.zeros("image.pre-norm.bias", c));
    weights.addAll(spec.imageTower().weights());
    weights.add(Weight.ones("image.post-norm.weight", c));
    weights.add(Weight.zeros("image.post-norm.bias", c));
    weights.add(Weight.normal("image.projection", scale, c, spec.embedSize()));
    ClipSpec.Text text = spec.text();
    long t = text.hiddenSize();
    weights.add(Weight.normal("text.token-embedding", 0.02, text.vocabulary(), t));
    weights.add(Weight.normal("text.position-embedding", 0.01, text.context(), t));
    weights.addAll(spec.textTower().weights());
    weights.add(Weight.ones("text.final-norm.weight", t));
    weights.add(Weight.zeros("text.final-norm.bias", t));
    weights.add(Weight.normal("text.projection", Math.pow(t, -0.5), t, spec.embedSize()));
    weights.add(Weight.scalar("logit-scale", INITIAL_LOGIT_SCALE));
    return weights;
  }

  public ClipSpec spec() {
    return spec;
  }

  public ParameterSet parameters() {
    return parameters;
  }

  public Engine engine() {
    return parameters.engine();
  }

  /// @param pixels [b,3,h,w], normalised
  /// @return unit vectors [b,e] fp32
  public Value imageFeatures(Graph graph, Tensor pixels) {
    Tensor classToken = engine().zeros(DType.INT64, pixels.size(0));
    return head(graph, imageTower, imageTokens(graph, pixels), classToken, imageHead());
  }

  /// @param ids int64 [b,n], n at most the context; columns after the longest caption may be left
  ///   out
  /// @return unit vectors [b,e] fp32
  public Value textFeatures(Graph graph, Tensor ids) {
    return head(graph, textTower, textTokens(graph, ids), endOfText(ids), textHead());
  }

  /// The tokens entering the first block: class token and patches with positions, after the
  /// pre-norm. [b,n,c]
  public Value imageTokens(Graph graph, Tensor pixels) {
    return graph.one(
        EMBED_IMAGE,
        List.of(graph.constant(pixels)),
        named(
            "image.patch-embedding.weight",
            "image.class-token",
            "image.position-embedding",
            "image.pre-norm.weight",
            "image.pre-norm.bias"));
  }

  /// Token and position embeddings. [b,n,c]
  public Value textTokens(Graph graph, Tensor ids) {
    return graph.one(
        EMBED_TEXT,
        List.of(graph.constant(ids)),
        named("text.token-embedding", "text.position-embedding"));
  }

  /// Output of every block of the image tower, all tokens. [b,n,c] each
  public List<Value> imageHiddenStates(Graph graph, Value tokens) {
    return imageTower.hiddenStates(graph, parameters, tokens, execution);
  }

  /// Output of every block of the text tower, all tokens. [b,n,c] each
  public List<Value> textHiddenStates(Graph graph, Value tokens) {
    return textTower.hiddenStates(graph, parameters, tokens, execution);
  }

  /// Final norm and projection of the image tower: norm weight, norm bias, projection.
  List<Parameter> imageHead() {
    return named("image.post-norm.weight", "image.post-norm.bias", "image.projection");
  }

  /// Final norm and projection of the text tower: norm weight, norm bias, projection.
  List<Parameter> textHead() {
    return named("text.final-norm.weight", "text.final-norm.bias", "text.projection");
  }

  /// Positions that are pooled, int64 [b]; the caller closes them.
  public Tensor endOfText(Tensor ids) {
    return switch (spec.endOfText()) {
      case ClipSpec.EndOfText.LargestId() -> engine().kernels().one("largest_position", ids);
      case ClipSpec.EndOfText.FirstOf(int id) -> engine().kernels().one("first_position", ids, id);
    };
  }

  /// The mean of both directions' cross entropies over the batch. []
  ///
  /// @param image unit vectors [b,e]
  /// @param text unit vectors [b,e], row i belongs to image i
  public Value contrastiveLoss(Graph graph, Value image, Value text) {
    return graph.one(CONTRASTIVE, List.of(image, text), named("logit-scale"));
  }

  /// Keeps the logit scale within [0, ln 100], after every update.
  public void clampLogitScale() {
    Tensor scale = parameters.get("logit-scale").master();
    engine().kernels().run("clamp", scale, 0.0, LARGEST_LOGIT_SCALE);
  }

  private Value head(
      Graph graph, Transformer tower, Value tokens, Tensor position, List<Parameter> head) {
    Value at = graph.adopt(position);
    Value x = tower.pooled(graph, parameters, tokens, at, execution);
    Value features = graph.one(HEAD, List.of(x, at), head);
    graph.release(x);
    graph.release(at);
    return features;
  }

  private List<Parameter> named(String... names) {
    return java.util.Arrays.stream(names).map(parameters::get).toList();
  }

  @Override
  public void close() {
    parameters.close();
  }
}
