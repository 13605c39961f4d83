package dev.eosin.train.optimisers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.StoredWeights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// SGD, Lion and Muon against ten recorded steps of torch's and timm's.
class OptimisersParityTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final String FIRST = "first.";

  private final ParityCase recorded = ParityCase.own("optimisers");

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "sgd-nesterov", "lion"})
  void stepsAreThePeers(String name) throws IOException {
    compare(name, 2e-6);
  }

  /// The peer's five iterations are in bf16, whose sums round otherwise in another libtorch: what a
  /// step may differ by is its rate times some of bf16's last places.
  @ParameterizedTest
  @ValueSource(strings = {"muon", "muon-matched"})
  void muonsStepsAreThePeersWithinBf16(String name) throws IOException {
    JsonNode settings = settings(name);
    double rate = settings.path("lr").doubleValue();
    compare(name, 4 * rate * 0x1p-8);
  }

  private void compare(String name, double tolerance) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(recorded.file("steps.safetensors"));
        ParameterSet set = first(file, weights(file, name));
        Optimiser optimiser = optimiser(name, set)) {
      for (int step = 1; step <= steps(); step++) {
        for (Parameter parameter : set.all()) {
          optimiser.accept(
              List.of(parameter),
              List.of(tensor(file, "gradient.%d.%s".formatted(step, parameter.name()))));
        }
        optimiser.update(settings(name).path("lr").doubleValue());
        for (Parameter parameter : set.all()) {
          float[] values = parameter.master().toFloats();
          String key = "%s.%d.%s".formatted(name, step, parameter.name());
          try (Tensor expected = tensor(file, key)) {
            assertThat(values).as(key).hasSameSizeAs(expected.toFloats());
            for (int i = 0; i < values.length; i++) {
              assertThat((double) values[i])
                  .as("%s at %d", key, i)
                  .isCloseTo(expected.toFloats()[i], within(tolerance * step));
            }
          }
        }
      }
    }
  }

  private static List<String> weights(StoredTensors file, String name) {
    String last = name + ".1.";
    return file.names().stream()
        .filter(each -> each.startsWith(last))
        .map(each -> each.substring(last.length()))
        .sorted()
        .toList();
  }

  private static ParameterSet first(StoredTensors file, List<String> names) throws IOException {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    for (String name : names) {
      long[] shape = file.entry(FIRST + name).dimensions();
      specs.add(new ParameterSet.Spec(name, shape, true, false));
    }
    ParameterSet set = ParameterSet.allocate(ENGINE, specs, DType.FLOAT32);
    for (String name : names) {
      try (Tensor values = tensor(file, FIRST + name)) {
        set.assign(name, values);
      }
    }
    return set;
  }

  private static Tensor tensor(StoredTensors file, String name) throws IOException {
    TensorData data = file.entry(name);
    try (Tensor mapped = StoredWeights.mapped(ENGINE, data)) {
      return ENGINE.of(mapped.toFloats(), data.dimensions());
    }
  }

  private JsonNode json() throws IOException {
    return new JsonMapper().readTree(recorded.text("settings.json"));
  }

  private int steps() throws IOException {
    return json().path("steps").intValue();
  }

  private JsonNode settings(String name) throws IOException {
    return json().path("settings").path(name);
  }

  private Optimiser optimiser(String name, ParameterSet set) throws IOException {
    UpdateTiming timing = UpdateTiming.TOGETHER;
    JsonNode said = settings(name);
    double lr = said.path("lr").doubleValue();
    double decay = said.path("weight_decay").doubleValue();
    double momentum = said.path("momentum").doubleValue();
    Optional<Double> clip = Optional.empty();
    List<OptimizerGroup> groups = List.of();
    return switch (name) {
      case "lion" -> {
        List<Double> betas =
            StreamSupport.stream(said.path("betas").spliterator(), false)
                .map(JsonNode::doubleValue)
                .toList();
        yield new Lion(set, new LionSettings(lr, betas, decay, clip, groups, 1, timing), Map.of());
      }
      case "muon", "muon-matched" ->
          new Muon(
              set,
              new MuonSettings(
                  lr,
                  momentum,
                  said.path("nesterov").asBoolean(true),
                  said.has("adjust_lr_fn")
                      ? MuonSettings.Scale.MATCH_ADAMW
                      : MuonSettings.Scale.ORIGINAL,
                  "**.blocks.**",
                  List.of(0.9, 0.95),
                  1e-8,
                  decay,
                  clip,
                  groups,
                  1,
                  timing),
              Map.of());
      default ->
          new Sgd(
              set,
              new SgdSettings(
                  lr, momentum, said.path("nesterov").asBoolean(), decay, clip, groups, 1, timing),
              Map.of());
    };
  }
}
