package dev.eosin.train;

import dev.eosin.tensor.Bucket;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.List;

/// An exponential moving average of the weights that are trained, fp32. It begins as the weights
/// that training starts from; update n makes it `average + (1 - decay(n)) (weight - average)`.
public final class WeightAverage implements AutoCloseable {
  /// The time in which the model has the average for its weights.
  public interface Shown extends AutoCloseable {
    /// Gives the model its weights back, bit for bit.
    @Override
    void close();
  }

  private final Engine engine;
  private final EmaSettings settings;
  private final List<Parameter> parameters;
  private final Bucket averages;

  /// Zeros; [#begin] or a checkpoint fills them.
  public WeightAverage(ParameterSet set, EmaSettings settings) {
    this.engine = set.engine();
    this.settings = settings;
    this.parameters = set.trainable();
    List<long[]> shapes = parameters.stream().map(parameter -> parameter.data().shape()).toList();
    this.averages = Bucket.zeros(engine, DType.FLOAT32, shapes, false);
  }

  public EmaSettings settings() {
    return settings;
  }

  /// The weights that are averaged, in order.
  public List<Parameter> parameters() {
    return parameters;
  }

  /// One average per parameter, of its shape, in their order.
  public List<Tensor> averages() {
    return averages.views();
  }

  /// Makes the average what the weights are.
  public void begin() {
    engine.kernels().run("assign_all", averages.views(), masters());
  }

  /// Follows an update of the weights.
  ///
  /// @param update counted from 1
  public void follow(long update) {
    engine.kernels().run("lerp_all", averages.views(), masters(), 1 - settings.decayAt(update));
  }

  /// Puts the average in the place of the weights: they change places, so that nothing is copied
  /// but one tensor at a time.
  public Shown show() {
    exchange();
    return this::exchange;
  }

  private void exchange() {
    engine.kernels().run("exchange_all", averages.views(), masters());
    List<Parameter> shadowed = parameters.stream().filter(Parameter::shadowed).toList();
    if (!shadowed.isEmpty()) {
      engine
          .kernels()
          .run(
              "assign_all",
              shadowed.stream().map(Parameter::data).toList(),
              shadowed.stream().map(Parameter::master).toList());
    }
  }

  private List<Tensor> masters() {
    return parameters.stream().map(Parameter::master).toList();
  }

  @Override
  public void close() {
    averages.close();
  }
}
