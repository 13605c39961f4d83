package dev.eosin.clip;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.Logits;
import dev.eosin.nn.AdapterDropout;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.LowRank;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.TextTower;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;

/// A CLIP model on an engine: two towers, their weights and their forward pass, written against
/// [Graph] so that training and encoding share it. b batch, n tokens, c hidden size, e embedding
/// size.
///
/// Source: open_clip `model.py` and `transformer.py` (parity is tested against open_clip 3.3.0).
public final class Clip implements AutoCloseable {
  /// ln(100), the largest logit scale that training allows.
  public static final double LARGEST_LOGIT_SCALE = Math.log(100);

  /// Prefixes of the towers' weights.
  static final String IMAGE = "image";

  static final String TEXT = "text";
  private static final String IMAGE_POSITIONS = IMAGE + ".position-embedding";

  public static final String LOGIT_SCALE = Logits.SCALE;
  public static final String LOGIT_BIAS = Logits.BIAS;

  private final ClipSpec spec;
  private final ParameterSet parameters;
  private final BlockExecution execution;
  private final ImageTower imageTower;
  private final TextTower textTower;

  private Clip(ClipSpec spec, ParameterSet parameters, BlockExecution execution) {
    this.spec = spec;
    this.parameters = parameters;
    this.execution = execution;
    this.imageTower = image(spec);
    this.textTower = text(spec);
  }

  /// Allocates the model with weights of zero; fill them with [#initialise] or from a checkpoint.
  ///
  /// @param compute fp32 or bf16; bf16 keeps fp32 masters where the model is trainable
  public static Clip allocate(
      Engine engine, ClipSpec spec, DType compute, boolean trainable, BlockExecution execution) {
    List<ParameterSet.Spec> specs =
        Stream.concat(weights(spec).stream(), adapters(spec, execution.adapters()).stream())
            .map(weight -> weight.spec(trainable))
            .toList();
    return new Clip(spec, ParameterSet.allocate(engine, specs, compute), execution);
  }

  /// As above, to be trained without the weights named `locked`: they have no gradient, and their
  /// fp32 values are kept for checkpoints.
  public static Clip allocate(
      Engine engine, ClipSpec spec, DType compute, Set<String> locked, BlockExecution execution) {
    List<ParameterSet.Spec> specs =
        Stream.concat(weights(spec).stream(), adapters(spec, execution.adapters()).stream())
            .map(weight -> locked.contains(weight.name()) ? weight.lockedSpec() : weight.spec(true))
            .toList();
    return new Clip(spec, ParameterSet.allocate(engine, specs, compute), execution);
  }

  /// What a recipe runs with: the shortened last block everywhere, blocks with their own backward
  /// on a CPU (their attention kernel is the CPU's).
  public static BlockExecution fastest(Device device) {
    return new BlockExecution(true, device instanceof Device.Cpu, 0);
  }

  /// As above.
  ///
  /// @param compute what it computes in
  /// @param flash whether a GPU, too, takes blocks with their own backward: over flash attention,
  ///   which is for bf16 and fp16 alone
  public static BlockExecution fastest(Device device, DType compute, boolean flash) {
    boolean cpu = device instanceof Device.Cpu;
    return new BlockExecution(true, cpu || (flash && compute != DType.FLOAT32), 0);
  }

  /// Random weights, as open_clip's text tower starts; adapters that change nothing yet.
  public void initialise(RandomKey key) {
    initialise(key, Optional.empty());
  }

  /// As above.
  ///
  /// @param imagePositions standard deviation of the image tower's position embeddings, where it is
  ///   not the architecture's own
  public void initialise(RandomKey key, Optional<Double> imagePositions) {
    List<Weight> weights =
        weights(spec).stream()
            .map(
                weight ->
                    imagePositions.isPresent() && weight.name().equals(IMAGE_POSITIONS)
                        ? Weight.normal(weight.name(), imagePositions.get(), weight.shape())
                        : weight)
            .toList();
    new Initialiser(key).fill(parameters, weights);
    initialiseAdapters(key);
  }

  /// The first values of adapters beside weights that were loaded.
  public void initialiseAdapters(RandomKey key) {
    new Initialiser(key)
        .fill(parameters, adapters(spec, execution.adapters()), weights(spec).size());
  }

  /// Names and shapes of every weight.
  public static List<Weight> weights(ClipSpec spec) {
    return parts(spec).stream().flatMap(part -> part.weights().stream()).toList();
  }

  /// The parts of a model, in the order of checkpoints: both towers, and what makes logits.
  public static List<Part> parts(ClipSpec spec) {
    return List.of(image(spec), text(spec), new Logits(spec.logitBias()));
  }

  static ImageTower image(ClipSpec spec) {
    return ImageTower.of(IMAGE, spec.image(), spec.embedSize(), spec.activation());
  }

  static TextTower text(ClipSpec spec) {
    return TextTower.of(TEXT, spec.text(), spec.embedSize(), spec.activation());
  }

  /// The weights of low-rank adapters, beside the model's own.
  ///
  /// @param lowRank by tower, `image` or `text`
  public static List<Weight> adapters(ClipSpec spec, Map<String, LowRank> lowRank) {
    return parts(spec).stream()
        .flatMap(part -> part.blocks().stream())
        .filter(blocks -> lowRank.containsKey(blocks.prefix()))
        .flatMap(
            blocks ->
                blocks.adapters(Objects.requireNonNull(lowRank.get(blocks.prefix()))).stream())
        .toList();
  }

  /// Names of the adapters' weights.
  public List<String> adapterNames() {
    return adapters(spec, execution.adapters()).stream().map(Weight::name).toList();
  }

  /// What a weight's adapter is scaled by; empty where it has none.
  public OptionalDouble adapterScale(String weight) {
    return adaptedTowers()
        .filter(blocks -> blocks.adapted(lowRank(blocks.prefix())).contains(weight))
        .mapToDouble(blocks -> lowRank(blocks.prefix()).scale())
        .findFirst();
  }

  /// Names of the weights that have adapters, in the model's order.
  public List<String> adaptedWeights() {
    return adaptedTowers()
        .flatMap(blocks -> blocks.adapted(lowRank(blocks.prefix())).stream())
        .toList();
  }

  private Stream<Transformer> adaptedTowers() {
    return Stream.of(imageTower.transformer(), textTower.transformer())
        .filter(blocks -> execution.adapters().containsKey(blocks.prefix()));
  }

  /// The adapters' rank and scale, which all adapted towers share.
  ///
  /// @throws IllegalArgumentException for a model without adapters
  public LowRank lowRank() {
    return execution.adapters().values().stream()
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the model has no adapters"));
  }

  /// Whether a step of training leaves out a part of what enters the adapters.
  boolean dropsInputsOfAdapters() {
    return execution.adapters().values().stream().anyMatch(lowRank -> lowRank.dropout() > 0);
  }

  private LowRank lowRank(String tower) {
    return Objects.requireNonNull(execution.adapters().get(tower));
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
    return imageFeatures(graph, pixels, Optional.empty(), Optional.empty());
  }

  /// As above, of some of the tokens; k of them.
  ///
  /// @param kept int64 [b,k], the class token's place 0 first; all tokens where there is none
  /// @param dropout of what enters the adapters, in a step of training
  public Value imageFeatures(
      Graph graph, Tensor pixels, Optional<Tensor> kept, Optional<AdapterDropout> dropout) {
    return imageTower.features(pass(graph, dropout), pixels, kept);
  }

  /// The image tower's tokens after so many blocks [b,n,c], neither normed nor projected.
  ///
  /// @param pixels [b,3,h,w], normalised
  /// @param until number of blocks; a negative one counts from the end, -1 being the last state
  public Value imageTokens(Graph graph, Tensor pixels, int until) {
    return imageTower.states(pass(graph, Optional.empty()), pixels, until);
  }

  /// @param ids int64 [b,n], n at most the context; columns after the longest caption may be left
  ///   out
  /// @return unit vectors [b,e] fp32
  public Value textFeatures(Graph graph, Tensor ids) {
    return textFeatures(graph, ids, Optional.empty(), Optional.empty());
  }

  /// As above, in a step of training.
  ///
  /// @param adapters dropout of what enters the adapters
  /// @param seeds of the tower's own dropout, int64 [b,s], see [TextDropout]
  public Value textFeatures(
      Graph graph, Tensor ids, Optional<AdapterDropout> adapters, Optional<Tensor> seeds) {
    return textTower.features(pass(graph, adapters), ids, seeds);
  }

  private Pass pass(Graph graph, Optional<AdapterDropout> dropout) {
    return new Pass(graph, parameters, execution.dropping(dropout));
  }

  ImageTower imageTower() {
    return imageTower;
  }

  TextTower textTower() {
    return textTower;
  }

  /// What turns cosines into logits, for a [PairLoss]: logit scale, and logit bias where the model
  /// has one.
  public List<Parameter> logits() {
    return spec.logitBias()
        ? parameters.named(LOGIT_SCALE, LOGIT_BIAS)
        : parameters.named(LOGIT_SCALE);
  }

  /// Keeps the logit scale within [0, ln 100], after every update.
  public void clampLogitScale() {
    Tensor scale = parameters.get(LOGIT_SCALE).master();
    engine().kernels().run("clamp", scale, 0.0, LARGEST_LOGIT_SCALE);
  }

  @Override
  public void close() {
    parameters.close();
  }
}
