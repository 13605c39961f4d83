package dev.eosin.onnx;

import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.file.AtomicFile;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// A graph of a test: weights in a file, what is emitted, onnxruntime's answer.
public final class GraphCase implements AutoCloseable {
  private static final int THREADS = 2;

  private final Path folder;
  private final StoredTensors weights;
  private final GraphPass pass;

  private GraphCase(Path folder, StoredTensors weights, GraphPass pass) {
    this.folder = folder;
    this.weights = weights;
    this.pass = pass;
  }

  /// @param weights are written there first
  public static GraphCase of(
      Path folder, Map<String, TensorData> weights, Opset opset, GraphPrecision precision)
      throws IOException {
    var writer = new SafetensorsWriter(Map.of());
    weights.forEach(writer::add);
    Path file = folder.resolve("model.safetensors");
    writer.write(file);
    StoredTensors stored = StoredTensors.open(file);
    return new GraphCase(
        folder, stored, new GraphPass(new GraphBuilder("test", opset, precision), stored));
  }

  public static GraphCase of(Path folder, Map<String, TensorData> weights) throws IOException {
    return of(folder, weights, Opset.DEFAULT, GraphPrecision.FP32);
  }

  public GraphPass pass() {
    return pass;
  }

  public GraphBuilder graph() {
    return pass.graph();
  }

  /// An input whose sizes are all known when the graph is run only.
  public GraphValue input(String name, ElementType type, int dimensions) {
    Dimension[] shape = new Dimension[dimensions];
    for (int i = 0; i < dimensions; i++) {
      shape[i] = Dimension.of(name + "_" + i);
    }
    return graph().input(name, type, shape);
  }

  /// An output, fp32 or int64, of sizes that differ.
  public void output(String name, GraphValue value, int dimensions) {
    Dimension[] shape = new Dimension[dimensions];
    for (int i = 0; i < dimensions; i++) {
      shape[i] = Dimension.of(name + "_" + i);
    }
    graph().output(name, value.type() == ElementType.FLOAT16 ? pass.wide(value) : value, shape);
  }

  /// Everything that onnxruntime gives for these inputs.
  public Map<String, TensorData> run(Map<String, TensorData> inputs) throws IOException {
    return run(graph().build(), inputs);
  }

  public Map<String, TensorData> run(OnnxModel model, Map<String, TensorData> inputs)
      throws IOException {
    Path file = folder.resolve("model.onnx");
    AtomicFile.write(file, model.file());
    try (GraphSession session = GraphSession.open(file, THREADS)) {
      return session.run(inputs);
    }
  }

  /// Numbers around 0.
  public static TensorData normal(long seed, double deviation, long... shape) {
    RandomStream stream = new RandomKey(seed).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
    int count = 1;
    for (long size : shape) {
      count *= Math.toIntExact(size);
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * stream.nextGaussian());
    }
    return TensorData.of(values, shape);
  }

  /// The largest difference of two tensors of one shape.
  public static double difference(TensorData found, TensorData wanted) {
    if (!found.shape().equals(wanted.shape())) {
      throw new AssertionError("shape " + found.shape() + " for " + wanted.shape());
    }
    float[] a = found.floats();
    float[] b = wanted.floats();
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = Math.abs((double) a[i] - b[i]);
      most = Double.isNaN(difference) ? Double.NaN : Math.max(most, difference);
    }
    return most;
  }

  @Override
  public void close() {
    weights.close();
  }
}
