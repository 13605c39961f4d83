package dev.eosin.onnx.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedCollection;

/// A graph opened by onnxruntime, on the CPU.
public final class GraphSession implements AutoCloseable {
  private final Path path;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Observer observer;

  private GraphSession(
      Path path, OrtEnvironment environment, OrtSession session, Observer observer) {
    this.path = path;
    this.environment = environment;
    this.session = session;
    this.observer = observer;
  }

  /// Told of every run of a graph.
  @FunctionalInterface
  public interface Observer {
    /// @param inputs as they were given
    /// @param outputs every one
    /// @throws DataException when what it does with them fails, which then fails the run
    void ran(Map<String, TensorData> inputs, Map<String, TensorData> outputs) throws DataException;
  }

  /// The same opened graph, whose runs are told; closing either closes both.
  GraphSession observed(Observer other) {
    return new GraphSession(path, environment, session, other);
  }

  /// Opens a graph; a file of weights is found beside it.
  ///
  /// @param threads for products
  /// @throws DataException naming the file and what onnxruntime says
  public static GraphSession open(Path path, int threads) throws DataException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      return new GraphSession(
          path,
          environment,
          environment.createSession(path.toString(), options),
          (inputs, outputs) -> {});
    } catch (OrtException e) {
      throw new DataException(path + ": onnxruntime cannot open it: " + e.getMessage(), e);
    } catch (LinkageError e) {
      throw new DataException(
          path + ": cannot be run, onnxruntime's library does not load here: " + e.getMessage(), e);
    }
  }

  /// Names of what it takes.
  public SequencedCollection<String> inputs() {
    return List.copyOf(session.getInputNames());
  }

  /// Names of what it gives.
  public SequencedCollection<String> outputs() {
    return List.copyOf(session.getOutputNames());
  }

  /// Runs it once.
  ///
  /// @param inputs F32, I64 and BOOL by name
  /// @return every output, F32 or I64, by name
  /// @throws DataException naming the file and what onnxruntime says
  public Map<String, TensorData> run(Map<String, TensorData> inputs) throws DataException {
    Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, TensorData> input : inputs.entrySet()) {
        tensors.put(input.getKey(), tensor(input.getValue()));
      }
      try (OrtSession.Result result = session.run(tensors)) {
        Map<String, TensorData> outputs = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> output : result) {
          outputs.put(output.getKey(), data(output.getValue()));
        }
        observer.ran(inputs, outputs);
        return Collections.unmodifiableMap(outputs);
      }
    } catch (OrtException e) {
      throw new DataException(path + ": onnxruntime cannot run it: " + e.getMessage(), e);
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensor(TensorData data) throws OrtException {
    if (data.type() == StoredType.BOOL) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(data.elements()));
      for (long value : data.longs()) {
        bytes.put((byte) value);
      }
      return OnnxTensor.createTensor(
          environment, bytes.flip(), data.dimensions(), OnnxJavaType.BOOL);
    }
    return data.type().isFloating()
        ? OnnxTensor.createTensor(environment, FloatBuffer.wrap(data.floats()), data.dimensions())
        : OnnxTensor.createTensor(environment, LongBuffer.wrap(data.longs()), data.dimensions());
  }

  private TensorData data(OnnxValue value) throws OrtException {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new IllegalStateException(path + " gives something that is no tensor");
    }
    long[] shape = tensor.getInfo().getShape();
    return switch (tensor.getInfo().type) {
      case FLOAT -> {
        FloatBuffer values = tensor.getFloatBuffer();
        float[] floats = new float[values.remaining()];
        values.get(floats);
        yield TensorData.of(floats, shape);
      }
      case INT64 -> {
        LongBuffer values = tensor.getLongBuffer();
        long[] longs = new long[values.remaining()];
        values.get(longs);
        yield TensorData.of(longs, shape);
      }
      default ->
          throw new IllegalStateException(
              "%s gives %s, expected fp32 or int64".formatted(path, tensor.getInfo().type));
    };
  }

  @Override
  public void close() throws DataException {
    try {
      session.close();
    } catch (OrtException e) {
      throw new DataException(path + ": onnxruntime cannot close it: " + e.getMessage(), e);
    }
  }
}
