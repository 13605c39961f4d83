package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LanguageSpec;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Linears of int8 compute what the same model does whose linears were rounded by hand, in training
/// with adapters beside them and in generation.
class Int8LinearsTest {
  private static final Engine ENGINE = RecordedDecoder.ENGINE;

  /// Each element rounded to a whole number of 127ths of its row's largest.
  private static float[] rounded(float[] values, int columns) {
    float[] rounded = new float[values.length];
    for (int start = 0; start < values.length; start += columns) {
      float most = 0;
      for (int i = start; i < start + columns; i++) {
        most = Math.max(most, Math.abs(values[i]));
      }
      float scale = most / 127;
      for (int i = start; i < start + columns; i++) {
        rounded[i] = scale == 0 ? 0 : (float) Math.rint(values[i] / scale) * scale;
      }
    }
    return rounded;
  }

  private static ParameterSet roundedByHand(ParityCase parity, Decoder decoder) throws IOException {
    ParameterSet set = ParameterSet.allocate(ENGINE, specs(decoder), DType.FLOAT32);
    try (StoredTensors file = StoredTensors.open(parity.file("model.safetensors"))) {
      StoredTensors own = LanguageNames.of(decoder).read(file, LanguageFolder.shapes(decoder));
      for (Weight weight : decoder.weights()) {
        float[] values = own.floats(weight.name());
        boolean linear = decoder.linears().contains(weight.name());
        int columns = linear ? Math.toIntExact(weight.shape()[1]) : 1;
        try (Tensor tensor =
            ENGINE.of(linear ? rounded(values, columns) : values, weight.shape())) {
          set.assign(weight.name(), tensor);
        }
      }
    }
    return set;
  }

  private static ParameterSet int8(ParityCase parity, Decoder decoder) throws IOException {
    Map<String, List<Long>> shapes = LanguageFolder.shapes(decoder);
    return ParameterSet.allocate(
        ENGINE,
        specs(decoder),
        DType.FLOAT32,
        List.of(
            Base.INT8.open(
                ENGINE,
                StoredTensors.open(parity.file("model.safetensors")),
                LanguageNames.of(decoder),
                shapes,
                decoder.linears())));
  }

  private static List<ParameterSet.Spec> specs(Decoder decoder) {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    decoder.weights().forEach(weight -> specs.add(weight.spec(false)));
    decoder.adapterWeights().forEach(weight -> specs.add(weight.spec(true)));
    return specs;
  }

  private static Decoder decoder(ParityCase parity) throws IOException {
    LanguageSpec spec = LanguageConfig.read(parity.file("config.json")).spec();
    return spec instanceof OptSpec opt
        ? Opt.of("decoder", opt)
        : Llama.of("decoder", (LlamaSpec) spec);
  }

  /// One linear has none, so that places among the adapters are not those among the linears.
  private static Decoder adapted(Decoder plain, boolean magnitudes) {
    Map<String, Adapters.Pair> pairs = new LinkedHashMap<>();
    plain.linears().stream()
        .filter(name -> !name.endsWith("key.weight"))
        .forEach(name -> pairs.put(name, new Adapters.Pair(3, 0.5, magnitudes)));
    return plain.with(new Adapters(pairs, 0));
  }

  private static void fillAdapters(Decoder decoder, ParameterSet set) {
    for (Weight weight : decoder.adapterWeights()) {
      Random random = new Random(weight.name().hashCode());
      set.fill(weight.name(), () -> random.nextFloat() - 0.5);
    }
    new AdaptedDecoder(decoder, List.of()).fillMagnitudes(set);
  }

  private static Map<String, float[]> gradients(
      ParityCase parity, Decoder decoder, ParameterSet set, boolean ownBackward)
      throws IOException {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    try (RecordedDecoder recorded = RecordedDecoder.open(parity, ENGINE, Adapters.NONE, false);
        Tape tape = new Tape(ENGINE);
        Tensor ids = recorded.idTensor("left")) {
      fillAdapters(decoder, set);
      Pass pass = new Pass(tape, set, new BlockExecution(false, ownBackward, 0));
      Value states = decoder.through(pass, decoder.embed(pass, ids), recorded.columns("left"));
      RecordedDecoder.Asked asked = recorded.asked("left");
      int s = asked.places().length;
      try (Tensor places = ENGINE.of(asked.places(), s);
          Tensor targets = ENGINE.of(asked.targets(), s)) {
        Value rows = decoder.normed(pass, decoder.rows(pass, states, places));
        Value loss = decoder.loss(pass, rows, targets, s);
        gradients.put("loss", new float[] {loss.data().toFloat()});
        tape.backward(
            loss,
            (parameters, tensors) -> {
              for (int i = 0; i < tensors.size(); i++) {
                gradients.put(parameters.get(i).name(), tensors.get(i).toFloats());
                tensors.get(i).close();
              }
            });
      }
    }
    return gradients;
  }

  @ParameterizedTest
  @CsvSource({
    "language-llama,false,true",
    "language-llama,true,true",
    "language-llama,true,false",
    "language-qwen2,false,true",
    "language-qwen2,false,false",
    "language-opt,false,true",
    "language-opt,true,false"
  })
  void adaptersLearnBesideThem(String name, boolean magnitudes, boolean ownBackward)
      throws IOException {
    ParityCase parity = ParityCase.open(name);
    Decoder decoder = adapted(decoder(parity), magnitudes);
    long before = ENGINE.openTensors();
    try (ParameterSet rounded = roundedByHand(parity, decoder);
        ParameterSet int8 = int8(parity, decoder)) {
      assertThat(int8.get(decoder.linears().getFirst()).data().dtype()).isEqualTo(DType.INT8);
      assertThat(int8.trainable()).hasSameSizeAs(decoder.adapterWeights());
      assertThat(int8.saved()).hasSameSizeAs(decoder.adapterWeights());
      Map<String, float[]> expected = gradients(parity, decoder, rounded, false);
      Map<String, float[]> found = gradients(parity, decoder, int8, ownBackward);
      assertThat(found).hasSize(decoder.adapterWeights().size() + 1);
      assertThat(found).containsOnlyKeys(expected.keySet());
      expected.forEach(
          (key, theirs) ->
              DecoderParity.assertGradient(theirs, Objects.requireNonNull(found.get(key)), key));
    }
    assertThat(ENGINE.openTensors()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "language-llama,false",
    "language-llama,true",
    "language-qwen2,false",
    "language-opt,false"
  })
  void theySpeakAsTheRoundedModelDoes(String name, boolean beside) throws IOException {
    ParityCase parity = ParityCase.open(name);
    Decoder plain = decoder(parity);
    Decoder decoder = beside ? adapted(plain, false) : plain;
    try (ParameterSet rounded = roundedByHand(parity, decoder);
        ParameterSet int8 = int8(parity, decoder)) {
      fillAdapters(decoder, rounded);
      fillAdapters(decoder, int8);
      for (int rows : List.of(1, 6)) {
        assertThat(answers(decoder, int8, rows)).isEqualTo(answers(decoder, rounded, rows));
      }
    }
  }

  private static List<List<Integer>> answers(Decoder decoder, ParameterSet set, int rows) {
    List<int[]> prompts = new ArrayList<>();
    List<Prompt> unseen = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      prompts.add(new int[] {5 + row, 7, 9, 6});
      unseen.add(Prompt.unseen(row));
    }
    var generator = new Generator(GenerationSettings.greedy(8), new EndTokens(List.of(2), 0));
    try (Forward graph = new Forward(ENGINE);
        var sequences =
            DecoderSequences.of(
                decoder, new Pass(graph, set, BlockExecution.PLAIN), prompts, 0, 8)) {
      return generator.generate(sequences, unseen).stream()
          .map(answer -> Arrays.stream(answer.textIds()).boxed().toList())
          .toList();
    }
  }
}
