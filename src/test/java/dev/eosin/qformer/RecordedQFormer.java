package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.language.TokenMask;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Dropout;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A recorded case of a Q-Former: weights in Eosin's order, rows, what the peer computed.
record RecordedQFormer(
    ParityCase parity,
    JsonNode config,
    Layout layout,
    ParameterSet parameters,
    StoredTensors inputs,
    StoredTensors expected)
    implements AutoCloseable {
  static final Engine ENGINE = Engine.start(Device.CPU, 2);

  /// @param names of the weights in the case's file
  /// @param trained those that are
  static RecordedQFormer open(
      ParityCase parity, NameTable names, List<Weight> weights, Set<String> trained)
      throws IOException {
    return open(
        parity, new Layout(parity.name(), names.rules(), Set.of(), Set.of()), weights, trained);
  }

  static RecordedQFormer open(
      ParityCase parity, Layout layout, List<Weight> weights, Set<String> trained)
      throws IOException {
    List<ParameterSet.Spec> specs =
        weights.stream().map(weight -> weight.spec(trained.contains(weight.name()))).toList();
    ParameterSet parameters = ParameterSet.allocate(ENGINE, specs, DType.FLOAT32);
    Map<String, List<Long>> shapes =
        weights.stream()
            .collect(
                Collectors.toMap(
                    Weight::name, weight -> Arrays.stream(weight.shape()).boxed().toList()));
    try (StoredTensors file = StoredTensors.open(parity.file("model.safetensors"))) {
      StoredTensors own = layout.read(file, shapes);
      for (Weight weight : weights) {
        try (Tensor values = ENGINE.of(own.floats(weight.name()), weight.shape())) {
          parameters.assign(weight.name(), values);
        }
      }
    }
    return new RecordedQFormer(
        parity,
        config(parity),
        layout,
        parameters,
        StoredTensors.open(parity.file("inputs.safetensors")),
        StoredTensors.open(parity.file("expected.safetensors")));
  }

  static JsonNode config(ParityCase parity) throws IOException {
    return new JsonMapper().readTree(parity.text("config.json"));
  }

  /// @param config a Q-Former's own
  static QFormerSpec spec(JsonNode config, int queries, boolean words) {
    assertThat(config.required("hidden_dropout_prob").doubleValue()).isZero();
    assertThat(config.required("hidden_act").textValue()).isEqualTo("gelu");
    return new QFormerSpec(
        config.required("num_hidden_layers").intValue(),
        config.required("hidden_size").intValue(),
        config.required("num_attention_heads").intValue(),
        config.required("intermediate_size").intValue(),
        config.required("encoder_hidden_size").intValue(),
        config.required("cross_attention_frequency").intValue(),
        queries,
        words
            ? Optional.of(
                new QFormerSpec.Words(
                    config.required("vocab_size").intValue(),
                    config.required("max_position_embeddings").intValue()))
            : Optional.empty(),
        config.required("layer_norm_eps").doubleValue(),
        Dropout.NONE);
  }

  Pass pass(Graph graph) {
    return pass(graph, BlockExecution.PLAIN);
  }

  Pass pass(Graph graph, BlockExecution execution) {
    return new Pass(graph, parameters, execution);
  }

  long[] shape(String name) throws IOException {
    return inputs.header(name).shape().stream().mapToLong(Long::longValue).toArray();
  }

  Tensor floats(String name) throws IOException {
    return ENGINE.of(inputs.floats(name), shape(name));
  }

  Tensor longs(String name) throws IOException {
    return ENGINE.of(inputs.longs(name), shape(name));
  }

  TokenMask mask(String name) throws IOException {
    long[] shape = shape(name);
    return new TokenMask((int) shape[0], (int) shape[1], inputs.longs(name));
  }

  void assertSame(String name, Tensor found, double tolerance) throws IOException {
    assertSame(name, found, new long[0], tolerance);
  }

  /// @param mask compared are rows of the last dimension with a 1; all where it is empty
  void assertSame(String name, Tensor found, long[] mask, double tolerance) throws IOException {
    float[] theirs = expected.floats(name);
    float[] ours = found.toFloats();
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    for (int i = 0; i < ours.length; i++) {
      if (mask.length == 0 || mask[i / (ours.length / mask.length)] == 1) {
        assertThat((double) ours[i])
            .as("%s at %d", name, i)
            .isCloseTo(theirs[i], within(tolerance));
      }
    }
  }

  /// Collects gradients.
  static GradientSink into(Map<String, float[]> gradients) {
    return (parameters, tensors) -> {
      for (int i = 0; i < tensors.size(); i++) {
        gradients.put(parameters.get(i).name(), tensors.get(i).toFloats());
        tensors.get(i).close();
      }
    };
  }

  /// Compares every trained weight's gradient with the recorded ones: foreign parts that are not
  /// recorded must be zero, and all that is recorded must be found.
  ///
  /// @param prefix of the recorded names
  void assertGradients(String prefix, Map<String, float[]> gradients, double tolerance)
      throws IOException {
    Set<String> recorded =
        expected.names().stream()
            .filter(name -> name.startsWith(prefix))
            .collect(Collectors.toSet());
    assertThat(recorded).isNotEmpty();
    Set<String> trained =
        parameters.trainable().stream().map(p -> p.name()).collect(Collectors.toSet());
    for (var rule : layout.rules()) {
      if (!trained.contains(rule.name())) {
        continue;
      }
      float[] ours = gradients.get(rule.name());
      List<float[]> theirs = new ArrayList<>();
      long size = parameters.get(rule.name()).data().elements() / rule.foreignNames().size();
      for (String foreign : rule.foreignNames()) {
        boolean there = recorded.remove(prefix + foreign);
        theirs.add(there ? expected.floats(prefix + foreign) : new float[(int) size]);
      }
      assertGradient(rule.name(), theirs, ours, tolerance);
    }
    assertThat(recorded).as("gradients that nothing was compared with").isEmpty();
  }

  private static void assertGradient(
      String name, List<float[]> parts, float @Nullable [] ours, double tolerance) {
    int at = 0;
    for (float[] theirs : parts) {
      double largest = 1;
      for (float each : theirs) {
        largest = Math.max(largest, Math.abs(each));
      }
      for (float each : theirs) {
        double found = ours == null ? 0 : Objects.requireNonNull(ours)[at];
        assertThat(found).as("%s at %d", name, at).isCloseTo(each, within(tolerance * largest));
        at++;
      }
    }
    assertThat(ours == null ? at : ours.length).as(name).isEqualTo(at);
  }

  static Map<String, float[]> gradients() {
    return new HashMap<>();
  }

  @Override
  public void close() {
    parameters.close();
    inputs.close();
    expected.close();
  }
}
