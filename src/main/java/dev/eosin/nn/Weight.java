package dev.eosin.nn;

import dev.eosin.tensor.ParameterSet;
import java.util.Arrays;
import java.util.stream.LongStream;

/// A parameter before it is allocated.
///
/// @param name Eosin's name
/// @param initial its value in training from scratch
/// @param fullPrecision computes in fp32 whatever the precision
/// @param shape sizes, outermost first
@SuppressWarnings("ArrayRecordComponent") // a shape; never compared
public record Weight(String name, InitialValue initial, boolean fullPrecision, long... shape) {
  public static Weight ones(String name, long... shape) {
    return new Weight(name, new InitialValue.Constant(1), false, shape);
  }

  public static Weight zeros(String name, long... shape) {
    return new Weight(name, new InitialValue.Constant(0), false, shape);
  }

  public static Weight constant(String name, double value, long... shape) {
    return new Weight(name, new InitialValue.Constant((float) value), false, shape);
  }

  public static Weight normal(String name, double standardDeviation, long... shape) {
    return new Weight(name, new InitialValue.Normal(standardDeviation), false, shape);
  }

  public static Weight scalar(String name, double value) {
    return new Weight(name, new InitialValue.Constant((float) value), true);
  }

  /// The product of the sizes.
  public long elements() {
    return LongStream.of(shape).reduce(1, Math::multiplyExact);
  }

  public ParameterSet.Spec spec(boolean trainable) {
    return new ParameterSet.Spec(name, shape, trainable, fullPrecision);
  }

  /// In a model that is trained without this weight and saved with it.
  public ParameterSet.Spec lockedSpec() {
    return new ParameterSet.Spec(name, shape, false, fullPrecision, true);
  }

  @Override
  public String toString() {
    return name + " " + Arrays.toString(shape);
  }
}
