package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.config.DataException;
import dev.eosin.nn.BlockExecution;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Reads one recorded CLIP case; everything about it (shapes, layers, options, counts) comes from
/// its files.
record ClipCase(ParityCase files, JsonNode config, SafetensorsFile inputs, SafetensorsFile expected)
    implements AutoCloseable {
  static final Engine ENGINE = Engine.start(Device.CPU, 2);

  /// The reference, the fast path of training, and activation checkpointing.
  static List<BlockExecution> executions() {
    return List.of(
        BlockExecution.PLAIN, new BlockExecution(true, true, 0), new BlockExecution(true, true, 1));
  }

  static ClipCase open(String name) throws IOException {
    return of(ParityCase.open(name));
  }

  static ClipCase of(ParityCase files) throws IOException {
    return new ClipCase(
        files,
        json(files, "config.json"),
        SafetensorsFile.open(files.file("inputs.safetensors")),
        SafetensorsFile.open(files.file("expected.safetensors")));
  }

  static JsonNode json(ParityCase files, String name) throws IOException {
    return new ObjectMapper().readTree(files.file(name).toFile());
  }

  /// The case's model with its recorded weights.
  Clip model(ClipSpec spec, Layout layout, String weights, BlockExecution execution)
      throws DataException {
    Clip clip = Clip.allocate(ENGINE, spec, DType.FLOAT32, true, execution);
    try (SafetensorsFile file = SafetensorsFile.open(files.file(weights))) {
      ClipWeights.load(clip, layout, file);
    }
    return clip;
  }

  static Tensor tensor(StoredTensors file, String name) throws DataException {
    TensorData data = file.entry(name);
    return switch (data.type()) {
      case I64 -> ENGINE.of(data.longs(), data.dimensions());
      default -> ENGINE.of(data.floats(), data.dimensions());
    };
  }

  /// Compares with the recorded tensor: max abs difference at most `tolerance`.
  void check(String name, Tensor found, double tolerance) throws DataException {
    assertThat(found.shape())
        .as("shape of " + name)
        .containsExactly(expected.entry(name).dimensions());
    check(name, found.toFloats(), expected.floats(name), tolerance);
  }

  static void check(String name, float[] found, float[] wanted, double tolerance) {
    assertThat(found).as(name).hasSameSizeAs(wanted);
    double worst = 0;
    for (int i = 0; i < wanted.length; i++) {
      worst = Math.max(worst, Math.abs((double) found[i] - wanted[i]));
      assertThat(Float.isFinite(found[i])).as(name + " is finite at " + i).isTrue();
    }
    assertThat(worst).as("largest difference of " + name).isLessThanOrEqualTo(tolerance);
  }

  /// Compares every parameter's gradient with `grad.<foreign name>`, relative to max(1,
  /// max|gradient|).
  void checkGradients(Clip clip, Layout layout, Map<String, float[]> found, double tolerance)
      throws DataException {
    StoredTensors wanted = layout.read(new Prefixed(expected, "grad."), Map.of());
    assertThat(found.keySet()).isEqualTo(new TreeSet<>(wanted.names()));
    for (String name : wanted.names()) {
      float[] gradient = wanted.floats(name);
      double size = 1;
      for (float value : gradient) {
        size = Math.max(size, Math.abs(value));
      }
      check(
          "gradient of " + name,
          Objects.requireNonNull(found.get(name)),
          gradient,
          tolerance * size);
    }
    assertThat(found).hasSize(clip.parameters().all().size());
  }

  @Override
  public void close() {
    inputs.close();
    expected.close();
  }

  /// The tensors whose names start with a prefix, without it.
  record Prefixed(StoredTensors file, String prefix) implements StoredTensors {
    @Override
    public Path path() {
      return file.path();
    }

    @Override
    public SortedSet<String> names() {
      return file.names().stream()
          .filter(name -> name.startsWith(prefix))
          .map(name -> name.substring(prefix.length()))
          .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public String kind() {
      return file.kind();
    }

    @Override
    public TensorData entry(String name) throws DataException {
      return file.entry(prefix + name);
    }

    @Override
    public void close() {}
  }
}
