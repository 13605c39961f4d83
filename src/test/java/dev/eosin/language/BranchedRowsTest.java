package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.data.batches.Tokens;
import dev.eosin.language.rows.TokenRows;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Texts that go on from one beginning have the states that each has alone.
class BranchedRowsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final int VOCABULARY = 40;
  private static final int WIDTH = 22;
  private static final List<int[]> PARTS =
      List.of(new int[] {5, 4, 1, 7}, new int[] {9, 3}, new int[] {0, 6, 2}, new int[] {1, 1, 1});

  static Stream<Decoder> decoders() {
    return Stream.of(llama(OptionalInt.empty()), llama(OptionalInt.of(4)), opt());
  }

  private static Llama llama(OptionalInt window) {
    var rotary = new Rotary(10_000, new Rotary.Scaling.None());
    return Llama.of(
        "decoder",
        new LlamaSpec(VOCABULARY, 16, 2, 4, 2, 4, 24, true, true, window, 1e-5, rotary, 64));
  }

  private static Opt opt() {
    return Opt.of("decoder", new OptSpec(VOCABULARY, 16, 2, 4, 24, 64));
  }

  private static ParameterSet parameters(Decoder decoder) {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    decoder.weights().forEach(weight -> specs.add(weight.spec(false)));
    ParameterSet set = ParameterSet.allocate(ENGINE, specs, DType.FLOAT32);
    DrawnWeights.fill(ENGINE, set, decoder.weights());
    return set;
  }

  private static Tokens tokens() {
    Random random = new Random(5);
    int[] ids = random.ints(PARTS.size() * (long) WIDTH, 0, VOCABULARY).toArray();
    int[] lengths = PARTS.stream().mapToInt(row -> Arrays.stream(row).sum()).toArray();
    return new Tokens(ids, WIDTH, lengths, new boolean[ids.length]);
  }

  private static float[] states(
      Decoder decoder, ParameterSet parameters, boolean own, TokenRows rows) {
    try (var graph = new Forward(ENGINE);
        Tensor ids = rows.ids(ENGINE)) {
      var pass = new Pass(graph, parameters, new BlockExecution(false, own, 0));
      var states = decoder.through(pass, decoder.embed(pass, ids), rows.columns());
      float[] all = states.data().toFloats();
      pass.release(states);
      return all;
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void eachTextHasTheStatesThatItHasAlone(Decoder decoder) {
    int c = decoder.spec().width();
    TokenRows plain = TokenRows.of(tokens(), 0, PARTS.size());
    int n = plain.width();
    try (ParameterSet parameters = parameters(decoder)) {
      for (boolean own : new boolean[] {true, false}) {
        float[] all = states(decoder, parameters, own, plain.branched(PARTS));
        int compared = 0;
        for (int row = 0; row < PARTS.size(); row++) {
          int shared = PARTS.get(row)[0];
          int at = row * n + shared;
          for (int text = 1; text < PARTS.get(row).length; text++) {
            int length = PARTS.get(row)[text];
            long[] ids = alone(plain.ids(), row * n, shared, at, length);
            var single = new TokenRows(1, ids.length, ids, new long[0], new long[0]);
            float[] expected = states(decoder, parameters, own, single);
            assertThat(Arrays.copyOf(expected, shared * c))
                .containsExactly(
                    Arrays.copyOfRange(all, row * n * c, (row * n + shared) * c), within(1e-5f));
            assertThat(Arrays.copyOfRange(expected, shared * c, expected.length))
                .containsExactly(Arrays.copyOfRange(all, at * c, (at + length) * c), within(1e-5f));
            at += length;
            compared++;
          }
        }
        assertThat(compared).isEqualTo(8);
      }
    }
  }

  private static long[] alone(long[] ids, int row, int shared, int at, int length) {
    long[] alone = Arrays.copyOfRange(ids, row, row + shared + length);
    System.arraycopy(ids, at, alone, shared, length);
    return alone;
  }

  @Test
  void rowsOfOneTextNeedNoMask() {
    TokenRows rows = TokenRows.of(tokens(), 1, 2).branched(PARTS.subList(1, 2));
    assertThat(rows.columns().mask(ENGINE, 0)).isEmpty();
  }

  @Test
  void whatDoesNotFitIsRefused() {
    TokenRows packed = TokenRows.packed(tokens(), 0, 2);
    assertThatThrownBy(() -> packed.branched(PARTS.subList(0, 2)))
        .hasMessage("packed rows cannot be several texts each");
    assertThatThrownBy(() -> new Branches(10, PARTS))
        .hasMessage("parts of [5, 4, 1, 7] make more than 10 columns");
  }
}
