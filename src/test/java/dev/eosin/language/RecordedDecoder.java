package dev.eosin.language;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.KernelListener;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A decoder of a recorded case, with its weights and rows.
public record RecordedDecoder(
    LanguageConfig config,
    Decoder decoder,
    ParameterSet parameters,
    StoredTensors inputs,
    StoredTensors expected)
    implements AutoCloseable {
  public static final Engine ENGINE = Engine.start(Device.CPU, 2);
  static final Engine ONE_DNN =
      Engine.start(Device.CPU, 2, MatrixProducts.ONEDNN, KernelListener.NONE);

  public static RecordedDecoder open(
      ParityCase parity, Engine engine, Adapters adapters, boolean trained) throws IOException {
    LanguageConfig config = LanguageConfig.read(parity.file("config.json"));
    Decoder decoder =
        switch (config.spec()) {
          case LlamaSpec spec -> Llama.of("decoder", spec).with(adapters);
          case OptSpec spec -> Opt.of("decoder", spec).with(adapters);
          case T5Spec spec -> throw new IllegalArgumentException(spec + " is no decoder alone");
        };
    List<ParameterSet.Spec> specs = new ArrayList<>();
    decoder.weights().forEach(weight -> specs.add(weight.spec(trained)));
    decoder.adapterWeights().forEach(weight -> specs.add(weight.spec(true)));
    ParameterSet parameters = ParameterSet.allocate(engine, specs, DType.FLOAT32);
    Map<String, List<Long>> shapes = shapes(decoder);
    try (StoredTensors file = StoredTensors.open(parity.file("model.safetensors"))) {
      StoredTensors own = LanguageNames.of(decoder).read(file, shapes);
      for (Weight weight : decoder.weights()) {
        try (Tensor values = engine.of(own.floats(weight.name()), weight.shape())) {
          parameters.assign(weight.name(), values);
        }
      }
    }
    return new RecordedDecoder(
        config,
        decoder,
        parameters,
        StoredTensors.open(parity.file("inputs.safetensors")),
        StoredTensors.open(parity.file("expected.safetensors")));
  }

  public static Map<String, List<Long>> shapes(Decoder decoder) {
    return decoder.weights().stream()
        .collect(
            Collectors.toMap(
                Weight::name, weight -> Arrays.stream(weight.shape()).boxed().toList()));
  }

  Pass pass(Graph graph, BlockExecution execution) {
    return new Pass(graph, parameters, execution);
  }

  Pass forward() {
    return pass(new Forward(parameters.engine()), BlockExecution.PLAIN);
  }

  long[] ids(String side) throws IOException {
    return inputs.longs(key(side, "input_ids"));
  }

  static String key(String side, String name) {
    return side.isEmpty() ? name : side + "." + name;
  }

  public int rows(String side) throws IOException {
    return inputs.header(key(side, "input_ids")).shape().get(0).intValue();
  }

  public int width(String side) throws IOException {
    return inputs.header(key(side, "input_ids")).shape().get(1).intValue();
  }

  Tensor idTensor(String side) throws IOException {
    return parameters.engine().of(ids(side), rows(side), width(side));
  }

  /// Where padding on the left ends.
  Columns columns(String side) throws IOException {
    long[] mask = inputs.longs(key(side, "attention_mask"));
    int n = width(side);
    long[] starts = new long[rows(side)];
    for (int row = 0; row < starts.length; row++) {
      while (mask[row * n + (int) starts[row]] == 0) {
        starts[row]++;
      }
    }
    return new Columns(n, starts);
  }

  /// Places whose successors are asked for, and those successors.
  record Asked(long[] places, long[] targets) {}

  Asked asked(String side) throws IOException {
    long[] labels = inputs.longs(key(side, "labels"));
    int n = width(side);
    List<long[]> asked = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      if (i % n > 0 && labels[i] >= 0) {
        asked.add(new long[] {i - 1, labels[i]});
      }
    }
    return new Asked(
        asked.stream().mapToLong(pair -> pair[0]).toArray(),
        asked.stream().mapToLong(pair -> pair[1]).toArray());
  }

  @Override
  public void close() {
    parameters.close();
    inputs.close();
    expected.close();
  }
}
