package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class KernelSignaturesTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final Tensor TENSOR = ENGINE.of(new float[] {1, 2, 3}, 3);
  private static final String SOURCE =
      """
        def every(self, a: Tensor, b: List[Tensor], c: int, d: float, e: bool, f: str, g: List[int], h: Optional[Tensor]) -> None:
          _0 = 1
        def between(self, a: Tuple[Tensor, Tensor]) -> int:
          return 1
        def node(self, x: List[Tensor], p: List[Tensor], heads: int, causal: bool) -> List[Tensor]:
          return x
        def node_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], heads: int, causal: bool) -> List[Tensor]:
          return x
        def swapped(self, x: List[Tensor], p: List[Tensor], causal: bool, quick: bool) -> List[Tensor]:
          return x
        def swapped_backward(self, gy: List[Tensor], x: List[Tensor], p: List[Tensor], saved: List[Tensor], quick: bool, causal: bool) -> List[Tensor]:
          return x
      """;
  private static final Object[] EVERY = {
    TENSOR, List.of(TENSOR), 1, 1.0, true, "cpu", new long[] {1}, TENSOR
  };

  private static KernelSignatures signatures() throws IOException {
    return KernelSignatures.parse(List.of(new KernelSource(KernelPart.VISION, "a.py", SOURCE)));
  }

  @AfterAll
  static void close() {
    TENSOR.close();
  }

  private static void assertRefused(int place, @Nullable Object given, String... parts) {
    @Nullable Object[] arguments = EVERY.clone();
    arguments[place] = given;
    assertThatThrownBy(() -> signatures().check(KernelType.Plain.NOTHING, "every", arguments))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("kernel every: argument %d of 8, ".formatted(place + 1))
        .hasMessageContainingAll(parts);
  }

  @Test
  void whatIsDeclaredIsTaken() throws IOException {
    KernelSignatures signatures = signatures();
    signatures.check(KernelType.Plain.NOTHING, "every", EVERY);
    Object[] others = EVERY.clone();
    others[1] = List.of();
    others[2] = 1L;
    assertThatCode(() -> signatures.check(KernelType.Plain.NOTHING, "every", others))
        .doesNotThrowAnyException();
  }

  @Test
  void everyOtherTypeIsRefused() {
    assertRefused(0, List.of(TENSOR), "'a', is declared Tensor; given a List of 1 Tensors");
    assertRefused(1, TENSOR, "'b', is declared List[Tensor]; given a Tensor, expected a List");
    assertRefused(1, List.of(TENSOR, 1), "given a List of 2 with Integer 1 at 1");
    assertRefused(1, Arrays.asList(TENSOR, TENSOR, null), "given a List of 3 with null at 2");
    assertRefused(2, 1.0, "'c', is declared int; given Double 1.0, expected an Integer or a Long");
    assertRefused(2, true, "given Boolean true");
    assertRefused(3, 1, "'d', is declared float; given Integer 1, expected a Double");
    assertRefused(3, 1L, "given Long 1");
    assertRefused(3, 1f, "given Float 1.0");
    assertRefused(4, 1, "'e', is declared bool; given Integer 1, expected a Boolean");
    assertRefused(5, 'c', "'f', is declared str; given Character c, expected a String");
    assertRefused(5, TENSOR, "given a Tensor");
    assertRefused(6, List.of(1L), "'g', is declared List[int]", "expected a long[]");
    assertRefused(6, new int[] {1}, "given int[]");
    assertRefused(0, new long[] {1, 2}, "given a long[] of 2");
    assertRefused(7, null, "'h', is declared Optional[Tensor]; given null, expected a Tensor");
    assertRefused(3, "x".repeat(100), "given String " + "x".repeat(40) + "..., expected");
  }

  @Test
  void aWrongNumberOfArgumentsIsRefused() throws IOException {
    for (int count : new int[] {0, 7, 9}) {
      assertThatThrownBy(
              () ->
                  signatures()
                      .check(KernelType.Plain.NOTHING, "every", Arrays.copyOf(EVERY, count)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "kernel every: %d arguments given, 8 declared: every(a: Tensor, b: List[Tensor],"
                  .formatted(count));
    }
  }

  @Test
  void aResultIsWhatTheCallerMakesOfIt() throws IOException {
    assertThatThrownBy(() -> signatures().check(KernelType.Plain.TENSOR, "every", EVERY))
        .hasMessage("kernel every returns None, which 'run' calls; it was called for Tensor");
    assertThatThrownBy(() -> signatures().check(KernelType.Plain.NOTHING, "between", EVERY))
        .hasMessageContaining("returns int, which only other kernels can use");
  }

  @Test
  void anUnknownKernelIsNamedWithItsNeighbours() {
    assertThatThrownBy(() -> signatures().of("nodes"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no kernel is named 'nodes'; did you mean 'node'?");
    assertThatThrownBy(() -> signatures().of("retrieval"))
        .hasMessage(
            "no kernel is named 'retrieval'; src/main/torchscript has 6, none of a similar name");
  }

  @Test
  void anOwnBackwardTakesWhatItsKernelTakes() throws IOException {
    KernelSignatures signatures = signatures();
    signatures.requireBackward("node");
    assertThatThrownBy(() -> signatures.requireBackward("every"))
        .hasMessageContaining("there is no kernel every_backward");
    assertThatThrownBy(() -> signatures.requireBackward("swapped"))
        .hasMessageContaining("kernel swapped cannot be differentiated by its own backward")
        .hasMessageContaining("saved: List[Tensor], quick: bool, causal: bool) -> List[Tensor]");
  }

  @Test
  void callsAreRefusedBeforeLibtorch() {
    Kernels kernels = ENGINE.kernels();
    long before = ENGINE.openTensors();
    assertThatThrownBy(() -> kernels.one("coppied", TENSOR))
        .hasMessage("no kernel is named 'coppied'; did you mean 'copied'?");
    assertThatThrownBy(() -> kernels.run("fill", TENSOR, 1))
        .hasMessageContaining("argument 2 of 2, 'value', is declared float; given Integer 1");
    assertThatThrownBy(() -> kernels.run("copied", TENSOR)).hasMessageContaining("'one' calls");
    assertThatThrownBy(() -> kernels.list("copied", TENSOR)).hasMessageContaining("'one' calls");
    assertThatThrownBy(() -> kernels.one("cut", List.of(TENSOR)))
        .hasMessageContaining("'list' calls");
    assertThat(TENSOR.toFloats()).containsExactly(1, 2, 3);
    assertThat(ENGINE.openTensors()).isEqualTo(before);
  }

  @Test
  void aTapeRefusesAKernelWithoutItsOwnBackward() {
    try (Tape tape = new Tape(ENGINE)) {
      Kernel kernel = new Kernel("contrastive", 1, Kernel.Gradient.OWN);
      List<Value> inputs = List.of(tape.constant(TENSOR));
      assertThatThrownBy(() -> tape.apply(kernel, inputs, List.of(), 0.0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("there is no kernel contrastive_backward");
    }
  }

  @Test
  void aKernelGivesAtLeastItsOutputs() {
    Kernel kernel = new Kernel("cut", 2, Kernel.Gradient.AUTOGRAD);
    assertThat(kernel.outputs(List.of(TENSOR, TENSOR, TENSOR))).hasSize(2);
    Tensor only = ENGINE.scalar(1);
    assertThatThrownBy(() -> kernel.outputs(List.of(only)))
        .hasMessage("kernel cut gave 1 tensors, 2 outputs are declared");
    assertThat(only).hasToString("closed tensor");
  }
}
