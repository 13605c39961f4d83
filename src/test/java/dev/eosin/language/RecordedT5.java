package dev.eosin.language;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The T5 model of a recorded case, with its weights and rows.
public record RecordedT5(
    LanguageConfig config,
    T5 model,
    ParameterSet parameters,
    StoredTensors inputs,
    StoredTensors expected)
    implements AutoCloseable {
  public static RecordedT5 open(ParityCase parity, Engine engine, boolean trained)
      throws IOException {
    return open(parity, parity, engine, trained);
  }

  /// @param weights the case whose weights and rows it has
  static RecordedT5 open(ParityCase parity, ParityCase weights, Engine engine, boolean trained)
      throws IOException {
    LanguageConfig config = LanguageConfig.read(parity.file("config.json"));
    T5 model = new T5("t5", (T5Spec) config.spec());
    List<ParameterSet.Spec> specs =
        model.weights().stream().map(weight -> weight.spec(trained)).toList();
    ParameterSet parameters = ParameterSet.allocate(engine, specs, DType.FLOAT32);
    try (StoredTensors file = StoredTensors.open(weights.file("model.safetensors"))) {
      StoredTensors own = LanguageNames.of(model, "").read(file, shapes(model));
      for (Weight weight : model.weights()) {
        try (Tensor values = engine.of(own.floats(weight.name()), weight.shape())) {
          parameters.assign(weight.name(), values);
        }
      }
    }
    return new RecordedT5(
        config,
        model,
        parameters,
        StoredTensors.open(weights.file("inputs.safetensors")),
        StoredTensors.open(parity.file("expected.safetensors")));
  }

  private static Map<String, List<Long>> shapes(T5 model) {
    return model.weights().stream()
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

  public int rows() throws IOException {
    return inputs.header("labels").shape().get(0).intValue();
  }

  public int columns(String name) throws IOException {
    return inputs.header(name).shape().get(1).intValue();
  }

  /// What the encoder reads.
  Tensor ids(String side) throws IOException {
    String name = side + ".input_ids";
    return parameters.engine().of(inputs.longs(name), rows(), columns(name));
  }

  TokenMask mask(String side) throws IOException {
    String name = side + ".attention_mask";
    return new TokenMask(rows(), columns(name), inputs.longs(name));
  }

  public int filler() {
    return config.ids().padding().orElseThrow();
  }

  /// What the decoder reads.
  Tensor shifted() throws IOException {
    int width = columns("labels");
    long[] ids = model.shifted(inputs.longs("labels"), width, filler());
    return parameters.engine().of(ids, rows(), width);
  }

  @Override
  public void close() {
    parameters.close();
    inputs.close();
    expected.close();
  }
}
