package dev.eosin.train;

import dev.eosin.checkpoint.FiniteWeights;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/// Moves stored tensors of any [Layout] into parameters.
public final class StoredWeights {
  private StoredWeights() {}

  /// Fills parameters from a file; mapped ones are in files of their own and no part of this one.
  ///
  /// @param without names of parameters that the file does not hold and that stay as they are
  /// @throws DataException listing every missing, unknown and misfitting tensor, or those with
  ///   numbers that are not finite
  public static void fill(
      ParameterSet parameters, Layout layout, StoredTensors file, Set<String> without)
      throws DataException {
    var shapes = new LinkedHashMap<String, List<Long>>();
    for (Parameter parameter : parameters.all()) {
      if (parameter.saved() && !without.contains(parameter.name())) {
        shapes.put(parameter.name(), boxed(parameter.data().shape()));
      }
    }
    StoredTensors own = layout.read(file, shapes);
    var numbers = new FiniteWeights();
    for (String name : shapes.keySet()) {
      TensorData data = numbers.look(name, own);
      try (Tensor values = mapped(parameters.engine(), data)) {
        parameters.assign(name, values);
      }
      data.unload();
    }
    numbers.require(file.path());
  }

  /// A shape as files have it.
  public static List<Long> boxed(long[] shape) {
    return Arrays.stream(shape).boxed().toList();
  }

  /// Stored elements as a tensor of the CPU, without a copy.
  public static Tensor mapped(Engine engine, TensorData data) {
    return engine.mapped(data.bytes(), dtype(data.type()), data, data.dimensions());
  }

  private static DType dtype(StoredType type) {
    return switch (type) {
      case F64 -> DType.FLOAT64;
      case F32 -> DType.FLOAT32;
      case F16 -> DType.FLOAT16;
      case BF16 -> DType.BFLOAT16;
      case I64 -> DType.INT64;
      case I32 -> DType.INT32;
      case U8 -> DType.UINT8;
      case BOOL -> DType.BOOL;
      case I16, I8 -> throw new IllegalArgumentException(type + " holds no weights");
    };
  }
}
