package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.ParityCase;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.nn.AdapterDropout;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Adapters beside OPT's linears: its own backward gives what autograd gives.
class OptAdaptersTest {
  private static final ParityCase CASE = ParityCase.open("language-opt");

  @ParameterizedTest
  @CsvSource({"false,0", "true,0", "false,0.4"})
  void ownBackwardGivesAutogradsGradients(boolean magnitude, double dropout) throws IOException {
    Map<String, float[]> autograd = gradients(magnitude, dropout, false);
    Map<String, float[]> own = gradients(magnitude, dropout, true);
    assertThat(own).containsOnlyKeys(autograd.keySet());
    assertThat(autograd).isNotEmpty();
    autograd.forEach(
        (name, theirs) ->
            DecoderParity.assertGradient(theirs, Objects.requireNonNull(own.get(name)), name));
  }

  private static Map<String, float[]> gradients(
      boolean magnitude, double dropout, boolean ownBackward) throws IOException {
    Map<String, Adapters.Pair> pairs = new LinkedHashMap<>();
    Opt plain = Opt.of("decoder", (OptSpec) LanguageConfig.read(CASE.file("config.json")).spec());
    // One linear has none, so that places among the adapters are not those among the linears.
    plain.linears().stream()
        .filter(name -> !name.endsWith("key.weight"))
        .forEach(name -> pairs.put(name, new Adapters.Pair(3, 0.5, magnitude)));
    Adapters adapters = new Adapters(pairs, dropout);
    Map<String, float[]> gradients = new LinkedHashMap<>();
    try (RecordedDecoder recorded =
            RecordedDecoder.open(CASE, RecordedDecoder.ENGINE, adapters, false);
        Tape tape = new Tape(RecordedDecoder.ENGINE);
        Tensor ids = recorded.idTensor("left")) {
      fill(recorded);
      BlockExecution execution = new BlockExecution(false, ownBackward, 0);
      if (dropout > 0) {
        long[] positions = new long[recorded.rows("left")];
        Arrays.setAll(positions, row -> row);
        execution =
            execution.dropping(Optional.of(new AdapterDropout(new RandomKey(3), positions)));
      }
      Pass pass = recorded.pass(tape, execution);
      Decoder decoder = recorded.decoder();
      Value states = decoder.through(pass, decoder.embed(pass, ids), recorded.columns("left"));
      RecordedDecoder.Asked asked = recorded.asked("left");
      int s = asked.places().length;
      try (Tensor places = pass.engine().of(asked.places(), s);
          Tensor targets = pass.engine().of(asked.targets(), s)) {
        Value rows = decoder.normed(pass, decoder.rows(pass, states, places));
        tape.backward(
            decoder.loss(pass, rows, targets, s),
            (parameters, tensors) -> {
              for (int i = 0; i < tensors.size(); i++) {
                gradients.put(parameters.get(i).name(), tensors.get(i).toFloats());
                tensors.get(i).close();
              }
            });
      }
    }
    assertThat(gradients).hasSize((magnitude ? 3 : 2) * pairs.size());
    return gradients;
  }

  private static void fill(RecordedDecoder recorded) {
    for (Weight weight : recorded.decoder().adapterWeights()) {
      int count = 1;
      for (long size : weight.shape()) {
        count *= Math.toIntExact(size);
      }
      Random random = new Random(weight.name().hashCode());
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = random.nextFloat() - (weight.name().endsWith("-magnitude") ? -0.5f : 0.5f);
      }
      try (Tensor tensor = recorded.parameters().engine().of(values, weight.shape())) {
        recorded.parameters().assign(weight.name(), tensor);
      }
    }
  }
}
