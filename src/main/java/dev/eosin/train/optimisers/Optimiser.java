package dev.eosin.train.optimisers;

import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What changes weights by their gradients. Recipes may make groups of weights by name and by
/// layer, see [UpdateRules].
///
/// As a sink it sums the gradients of one step; [#update] applies and drops them. State is fp32 in
/// flat buckets, with the shapes of the weights.
public abstract sealed class Optimiser implements GradientSink, AutoCloseable
    permits AdamW, Lion, Muon, Sgd {
  private final Engine engine;
  private final OptimizerSettings settings;
  private final List<Parameter> parameters;
  private final Shards shards;
  private final UpdateRules rules;
  private final Tensor count;
  private final GradientSums gradients;
  private @Nullable Tensor norm;

  /// @param layerScales factors of the learning rate by name of a weight; 1 for those that it lacks
  /// @param shards which weights this rank updates
  Optimiser(
      ParameterSet set,
      OptimizerSettings settings,
      Map<String, Double> layerScales,
      Shards shards) {
    this.engine = set.engine();
    this.settings = settings;
    this.gradients = new GradientSums(engine);
    this.parameters = set.trainable();
    this.shards = shards;
    this.rules = UpdateRules.of(settings, parameters, layerScales);
    this.count = engine.scalar(0);
  }

  /// What is kept of a parameter between updates, by its name in checkpoints.
  ///
  /// @param parameter one of [#owned()]
  public abstract Map<String, Tensor> state(Parameter parameter);

  /// The names in checkpoints of what some rank keeps of a parameter; all have its shape.
  abstract List<String> stateNames(Parameter parameter);

  /// Updates parameters of one rule.
  ///
  /// @param received those of them with gradients, at least one
  /// @param rate of this step and rule
  /// @param divisor of every gradient, a scalar
  abstract void update(Received received, double rate, double decay, Tensor divisor);

  /// Frees the state.
  abstract void closeState();

  /// Where it computes.
  final Engine engine() {
    return engine;
  }

  /// The parameters that are trained, in order.
  public List<Parameter> parameters() {
    return parameters;
  }

  /// Those of them that this rank updates, in order: all, unless ranks share the state.
  public final List<Parameter> owned() {
    return parameters.stream().filter(shards::owns).toList();
  }

  /// Which rank updates what.
  public final Shards shards() {
    return shards;
  }

  /// The number of updates with the one under way, a scalar.
  final Tensor count() {
    return count;
  }

  /// Sets the number of updates done, when a checkpoint is restored.
  public void restoreCount(long updates) {
    engine.kernels().run("fill", count, (double) updates);
  }

  @Override
  public final void accept(List<Parameter> ready, List<Tensor> values) {
    forgetNorm();
    gradients.accept(ready, values);
  }

  /// The global L2 norm of the gradients received since the last update, before clipping.
  public double gradientNorm() {
    return gradientNorm(1);
  }

  /// As [#gradientNorm()], of gradients that were multiplied by `scale`.
  public double gradientNorm(double scale) {
    return norm().toFloat() / scale;
  }

  /// As [#gradientNorm()], read by `reads`.
  public DoubleSupplier gradientNorm(ScalarReads reads) {
    return reads.read(norm());
  }

  /// One update with the gradients received since the last one, which are dropped. Ranks that share
  /// the state each update what they own, and give each other the weights.
  public void update(double learningRate) {
    update(learningRate, 1);
  }

  /// Whether gradients are to be applied as they come, see [#early].
  public boolean updatesEarly() {
    return settings.updates() == UpdateTiming.EARLY;
  }

  /// Begins a step whose gradients are applied as they come.
  public EarlyUpdates early(double learningRate) {
    dropGradients();
    engine.kernels().run("increment", count);
    return new EarlyUpdates(this, learningRate);
  }

  /// As [#update(double)], with gradients that were multiplied by `scale`.
  public void update(double learningRate, double scale) {
    engine.kernels().run("increment", count);
    apply(learningRate, scale);
    shards.spread(engine, parameters);
  }

  /// What has come of a step that [#early] began; dropped then.
  void applyReceived(double learningRate) {
    apply(learningRate, 1);
  }

  private void apply(double learningRate, double scale) {
    try (Tensor divisor = divisor(scale)) {
      rules.members().forEach((rule, members) -> update(members, rule, learningRate, divisor));
    } finally {
      dropGradients();
    }
  }

  private List<Parameter> received() {
    return parameters.stream().filter(gradients::has).toList();
  }

  /// Measured once a step; kept until the gradients change.
  private Tensor norm() {
    Tensor known = norm;
    if (known == null) {
      known = shards.isWhole() ? ownNorm() : normOfAll();
      norm = known;
    }
    return known;
  }

  private Tensor ownNorm() {
    List<Tensor> values = received().stream().map(gradients::of).toList();
    return engine.kernels().one("gradient_norm", values);
  }

  /// Each rank has the gradients of its own weights.
  private Tensor normOfAll() {
    double squares = 0;
    if (!received().isEmpty()) {
      try (Tensor own = ownNorm()) {
        squares = Math.pow(own.toFloat(), 2);
      }
    }
    return engine.scalar((float) Math.sqrt(shards.group().sum(squares)));
  }

  private void forgetNorm() {
    Tensor known = norm;
    if (known != null) {
      known.close();
      norm = null;
    }
  }

  /// Of every gradient: the scale it was multiplied by, and what clipping asks for.
  private Tensor divisor(double scale) {
    return settings.clipNorm().isPresent()
        ? engine.kernels().one("clip_divisor", norm(), settings.clipNorm().get(), scale)
        : engine.kernels().one("filled_like", count, scale);
  }

  private void update(List<Parameter> members, UpdateRules.Rule rule, double rate, Tensor divisor) {
    List<Parameter> ready = members.stream().filter(gradients::has).toList();
    if (!ready.isEmpty()) {
      var received = new Received(ready, ready.stream().map(gradients::of).toList());
      update(received, rate * rule.rateScale(), rule.weightDecay(), divisor);
    }
  }

  /// Parameters with their gradients, as kernels take them.
  record Received(List<Parameter> parameters, List<Tensor> gradients) {
    Received {
      parameters = List.copyOf(parameters);
      gradients = List.copyOf(gradients);
    }

    /// The fp32 weights.
    List<Tensor> masters() {
      return parameters.stream().map(Parameter::master).toList();
    }

    /// Narrower copies of some weights, which follow them.
    List<Tensor> shadows() {
      return parameters.stream().filter(Parameter::shadowed).map(Parameter::data).toList();
    }

    /// The weights that these are copies of.
    List<Tensor> shadowed() {
      return parameters.stream().filter(Parameter::shadowed).map(Parameter::master).toList();
    }

    /// Those that are asked for.
    Received only(Predicate<Parameter> asked) {
      List<Integer> kept =
          IntStream.range(0, parameters.size())
              .filter(index -> asked.test(parameters.get(index)))
              .boxed()
              .toList();
      return new Received(
          kept.stream().map(parameters::get).toList(), kept.stream().map(gradients::get).toList());
    }
  }

  /// open_clip's rule on its own names (`ndim < 2` or a norm, bias or logit scale), which comes
  /// down to the dimensions.
  static boolean decays(Parameter parameter) {
    return parameter.data().shape().length >= 2;
  }

  /// Forgets the gradients received, after a step that failed.
  public void dropGradients() {
    forgetNorm();
    gradients.clear();
  }

  @Override
  public final void close() {
    dropGradients();
    count.close();
    closeState();
  }
}
