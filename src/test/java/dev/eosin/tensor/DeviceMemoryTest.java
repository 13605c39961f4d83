package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What has to hold of tensors that are not the CPU's, and of the way to a GPU, tried on a CPU:
/// libtorch's device `meta` has tensors without any memory.
class DeviceMemoryTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);

  @Test
  void libtorchItselfSaysHowManyDevicesItCanUse() {
    assertThat(Engine.cudaDevices()).isZero();
    assertThat(Engine.cudaObstacle()).isPresent();
    assertThatThrownBy(() -> Engine.start(new Device.Cuda(0), 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cuda:0 was asked for, libtorch sees 0 CUDA devices: ")
        .hasMessageContaining(Engine.cudaObstacle().orElseThrow().found());
  }

  @Test
  void theMemoryOfAnotherDeviceIsRefusedAndDoesNotEndTheProcess() {
    try (Tensor elsewhere =
        ENGINE.kernels().one("zeros", new long[] {2, 3}, DType.FLOAT32.scalarType(), "meta")) {
      assertThatThrownBy(elsewhere::segment)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("FLOAT32 [2, 3]")
          .hasMessageContaining("copy it to the host first");
    }
  }

  @Test
  void elementsInAnotherOrderAreRefusedUnlessTheOrderIsTheSame() {
    try (Tensor turned = turned(3, 2, 1, 2, 3, 4, 5, 6);
        Tensor copy = turned.hostCopy()) {
      assertThat(turned.strides()).containsExactly(1, 3);
      assertThatThrownBy(turned::segment)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("strides [1, 3]");
      assertThat(copy.strides()).containsExactly(2, 1);
      assertThat(copy.segment().byteSize()).isEqualTo(24);
      assertThat(copy.toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
    }
    try (Tensor column = turned(3, 1, 1, 2, 3)) {
      assertThat(column.strides()).containsExactly(1, 3);
      assertThat(column.segment().byteSize()).isEqualTo(12);
    }
  }

  /// libtorch's fused AdamW for the CPU reads a gradient's memory as it comes, CUDA's refuses other
  /// strides than the parameter's.
  @Test
  void gradientsInAnotherOrderAreThoseOfTheirElements() {
    try (Tensor turned = turned(3, 2, 1, 2, 3, 4, 5, 6);
        Tensor plain = ENGINE.of(new float[] {1, 4, 2, 5, 3, 6}, 3, 2);
        Tensor moments = first(turned);
        Tensor expected = first(plain)) {
      assertThat(moments.toFloats()).containsExactly(expected.toFloats());
    }
  }

  /// The first moment after one step of AdamW from zero.
  private static Tensor first(Tensor gradient) {
    Tensor moment = ENGINE.zeros(DType.FLOAT32, 3, 2);
    try (Tensor weight = ENGINE.zeros(DType.FLOAT32, 3, 2);
        Tensor second = ENGINE.zeros(DType.FLOAT32, 3, 2);
        Tensor step = ENGINE.scalar(1);
        Tensor divisor = ENGINE.scalar(1)) {
      ENGINE
          .kernels()
          .run(
              "adamw",
              List.of(weight),
              List.of(gradient),
              List.of(moment),
              List.of(second),
              List.of(step),
              List.of(),
              List.of(),
              divisor,
              1e-3,
              0.9,
              0.98,
              1e-6,
              0.1);
    }
    return moment;
  }

  /// A matrix whose columns lie one after the other.
  private static Tensor turned(long rows, long columns, float... values) {
    // For ever: a tensor over memory that somebody owns could not be written.
    MemorySegment memory = Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, values);
    long[] shape = {rows, columns};
    return new Tensor(
        ENGINE, ENGINE.shim().overMemory(memory, DType.FLOAT32, shape, new long[] {1, rows}));
  }

  @Test
  void aKernelsErrorIsLibtorchsReasonAndTellsFewTensors() {
    try (Tensor two = ENGINE.of(new float[2], 2);
        Tensor three = ENGINE.of(new float[3], 3)) {
      assertThatThrownBy(() -> ENGINE.kernels().one("add", two, three))
          .isInstanceOf(KernelException.class)
          .hasMessageStartingWith("kernel add(FLOAT32 [2], FLOAT32 [3]): The size of tensor a (2)");
      List<Tensor> many = Collections.nCopies(300, two);
      assertThatThrownBy(
              () -> ENGINE.kernels().run("lerp_all", many, Collections.nCopies(300, three), 1.0))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("[FLOAT32 [2], FLOAT32 [2], FLOAT32 [2], and 297 more]")
          .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
      assertThatThrownBy(
              () -> ENGINE.kernels().one("zeros", new long[] {-4}, 6, Device.CPU.torchName()))
          .hasMessageStartingWith("kernel zeros([-4], 6, cpu): ");
    }
  }
}
