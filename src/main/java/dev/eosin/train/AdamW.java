package dev.eosin.train;

import dev.eosin.tensor.Bucket;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// AdamW as torch's fused kernel computes it, in open_clip's two groups: tensors of at least two
/// dimensions decay, gains, biases, the class token and the logit scale do not. Recipes may make
/// further groups by name and by layer, see [UpdateRules].
///
/// As a sink it sums the gradients of one step; [#update] applies and drops them. Moments are fp32
/// in flat buckets.
public final class AdamW implements GradientSink, AutoCloseable {
  /// The moments of one parameter, fp32, of its shape.
  public record Moments(Tensor first, Tensor second) {}

  private final Engine engine;
  private final AdamWSettings settings;
  private final List<Parameter> parameters;
  private final UpdateRules rules;
  private final Bucket first;
  private final Bucket second;
  private final Tensor count;
  private final Map<Parameter, Moments> moments = new LinkedHashMap<>();
  private final GradientSums gradients;
  private @Nullable Tensor norm;

  public AdamW(ParameterSet set, AdamWSettings settings) {
    this(set, settings, Map.of());
  }

  /// @param layerScales factors of the learning rate by name of a weight; 1 for those that it lacks
  public AdamW(ParameterSet set, AdamWSettings settings, Map<String, Double> layerScales) {
    this.engine = set.engine();
    this.settings = settings;
    this.gradients = new GradientSums(engine);
    this.parameters = set.trainable();
    this.rules = UpdateRules.of(settings, parameters, layerScales);
    List<long[]> shapes = parameters.stream().map(parameter -> parameter.data().shape()).toList();
    this.first = Bucket.zeros(engine, DType.FLOAT32, shapes, false);
    this.second = Bucket.zeros(engine, DType.FLOAT32, shapes, false);
    this.count = engine.scalar(0);
    for (int i = 0; i < shapes.size(); i++) {
      moments.put(parameters.get(i), new Moments(first.views().get(i), second.views().get(i)));
    }
  }

  /// Where it computes.
  Engine engine() {
    return engine;
  }

  /// The parameters it updates, in order.
  public List<Parameter> parameters() {
    return parameters;
  }

  public Moments moments(Parameter parameter) {
    Moments found = moments.get(parameter);
    if (found == null) {
      throw new IllegalArgumentException(parameter.name() + " is not trained");
    }
    return found;
  }

  /// Sets the number of updates done, when a checkpoint is restored.
  public void restoreCount(long updates) {
    engine.kernels().run("fill", count, (double) updates);
  }

  @Override
  public void accept(List<Parameter> ready, List<Tensor> values) {
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

  /// One update with the gradients received since the last one, which are dropped.
  public void update(double learningRate) {
    update(learningRate, 1);
  }

  /// Whether gradients are to be applied as they come, see [#early].
  boolean updatesEarly() {
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
      List<Tensor> values = received().stream().map(gradients::of).toList();
      known = engine.kernels().one("gradient_norm", values);
      norm = known;
    }
    return known;
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
        : engine.scalar((float) scale);
  }

  private void update(List<Parameter> members, UpdateRules.Rule rule, double rate, Tensor divisor) {
    var p = new ArrayList<Tensor>();
    var g = new ArrayList<Tensor>();
    var m = new ArrayList<Tensor>();
    var v = new ArrayList<Tensor>();
    var shadows = new ArrayList<Tensor>();
    var shadowed = new ArrayList<Tensor>();
    for (Parameter parameter : members) {
      if (gradients.has(parameter)) {
        p.add(parameter.master());
        g.add(gradients.of(parameter));
        m.add(moments(parameter).first());
        v.add(moments(parameter).second());
        if (parameter.shadowed()) {
          shadows.add(parameter.data());
          shadowed.add(parameter.master());
        }
      }
    }
    if (p.isEmpty()) {
      return;
    }
    engine
        .kernels()
        .run(
            "adamw",
            p,
            g,
            m,
            v,
            Collections.nCopies(p.size(), count),
            shadows,
            shadowed,
            divisor,
            rate * rule.rateScale(),
            settings.betas().get(0),
            settings.betas().get(1),
            settings.eps(),
            rule.weightDecay());
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
  public void close() {
    dropGradients();
    count.close();
    first.close();
    second.close();
  }
}
