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
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedCollection;
import java.util.Set;

/// A graph opened by onnxruntime, on the CPU.
public final class GraphSession implements AutoCloseable {
  private static final String PACKED = "0";
  private static final String IN_PLACE = "1";

  private final Path path;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Observer observer;
  private FloatBuffer large = FloatBuffer.allocate(0);

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
    return open(path, threads, PACKED);
  }

  /// As above, for a few runs: weights that lie beside the graph stay in their file and are read
  /// through a map, while otherwise onnxruntime lays most of them out again in memory.
  ///
  /// @throws DataException naming the file and what onnxruntime says
  public static GraphSession inPlace(Path path, int threads) throws DataException {
    return open(path, threads, IN_PLACE);
  }

  private static GraphSession open(Path path, int threads, String packing) throws DataException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.addConfigEntry("session.disable_prepacking", packing);
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
    return run(inputs, Optional.empty());
  }

  /// Runs it once, one output in memory that the next such run writes over: handed out each time,
  /// what is large would fill the heap with what nobody needs any more.
  ///
  /// @param name of that output, F32
  /// @param shape of it
  /// @throws DataException as above
  public Map<String, TensorData> run(Map<String, TensorData> inputs, String name, long... shape)
      throws DataException {
    long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    if (large.capacity() < elements) {
      large =
          ByteBuffer.allocateDirect(Math.toIntExact(elements * Float.BYTES))
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
    }
    FloatBuffer place = large.slice(0, Math.toIntExact(elements));
    try (OnnxTensor output = OnnxTensor.createTensor(environment, place, shape)) {
      TensorData data = TensorData.of(place, shape);
      return run(inputs, Optional.of(new Placed(name, output, data)));
    } catch (OrtException e) {
      throw cannotRun(e);
    }
  }

  /// An output whose memory is given.
  private record Placed(String name, OnnxTensor tensor, TensorData data) {}

  private Map<String, TensorData> run(Map<String, TensorData> inputs, Optional<Placed> placed)
      throws DataException {
    Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, TensorData> input : inputs.entrySet()) {
        tensors.put(input.getKey(), tensor(input.getValue()));
      }
      Map<String, OnnxTensor> places = new LinkedHashMap<>();
      Set<String> others = new LinkedHashSet<>(session.getOutputNames());
      placed.ifPresent(one -> places.put(one.name, one.tensor));
      others.removeAll(places.keySet());
      try (OrtSession.Result result = session.run(tensors, others, places)) {
        Map<String, TensorData> outputs = new LinkedHashMap<>();
        placed.ifPresent(one -> outputs.put(one.name, one.data));
        for (Map.Entry<String, OnnxValue> output : result) {
          if (!outputs.containsKey(output.getKey())) {
            outputs.put(output.getKey(), data(output.getValue()));
          }
        }
        observer.ran(inputs, outputs);
        return Collections.unmodifiableMap(outputs);
      }
    } catch (OrtException e) {
      throw cannotRun(e);
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private DataException cannotRun(OrtException e) {
    return new DataException(path + ": onnxruntime cannot run it: " + e.getMessage(), e);
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
        ? OnnxTensor.createTensor(
            environment, FloatBuffer.wrap(data.sharedFloats()), data.dimensions())
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
        // A copy already, whose array is as long as it.
        yield TensorData.of(values.array(), shape);
      }
      case INT64 -> {
        LongBuffer values = tensor.getLongBuffer();
        yield TensorData.of(values.array(), shape);
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
