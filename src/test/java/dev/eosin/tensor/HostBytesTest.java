package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostBytesTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);

  @Test
  void bytesAreWrittenMovedAndRead() {
    try (HostBytes bytes = HostBytes.allocate(12)) {
      bytes.put(4, new byte[] {1, 2, 3, 4});
      bytes.move(4, 6, 4);
      assertThat(bytes.copy(0, 12)).containsExactly(0, 0, 0, 0, 1, 2, 1, 2, 3, 4, 0, 0);
      assertThat(bytes.get(9)).isEqualTo((byte) 4);
      assertThat(bytes.size()).isEqualTo(12);
      HostBytes kept = bytes.copy();
      bytes.put(0, new byte[] {9});
      assertThat(kept.copy(0, 5)).containsExactly(0, 0, 0, 0, 1);
    }
  }

  @Test
  void closedBytesAreRefusedAndClosingTwiceDoesNothing() {
    HostBytes bytes = HostBytes.allocate(4);
    bytes.close();
    bytes.close();
    assertThatThrownBy(() -> bytes.get(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theEngineCopiesFromThemAsFromAnArray() {
    byte[] values = {9, 1, 2, 3, 4, 5, 6};
    try (HostBytes outside = HostBytes.allocate(values.length)) {
      outside.put(0, values);
      for (HostBytes bytes : List.of(outside, HostBytes.of(values))) {
        try (Tensor tensor = ENGINE.of(bytes, 1, 2, 3)) {
          assertThat(tensor.dtype()).isEqualTo(DType.UINT8);
          assertThat(tensor.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
        }
      }
    }
  }

  /// The device `meta` stands in for a GPU: it takes shapes and no values.
  @Test
  void anotherDeviceIsSentThemInOneKernel() {
    try (HostBytes bytes = HostBytes.allocate(12);
        Tensor sent = ENGINE.sent(bytes.slice(2, 6), "meta", 2, 3)) {
      assertThat(sent.shape()).containsExactly(2, 3);
      assertThatThrownBy(sent::segment).hasMessageContaining("copy it to the host first");
    }
  }

  @Test
  void memoryIsPinnedOnceAndLetGoBeforeItIsFreed() {
    try (Arena arena = Arena.ofConfined()) {
      List<String> calls = new ArrayList<>();
      FakeCuda cuda = new FakeCuda(0, arena, calls);
      HostBytes bytes = HostBytes.allocate(64);
      bytes.pin(new CudaRuntime(cuda), 1);
      bytes.pin(new CudaRuntime(cuda), 1);
      assertThat(bytes.isPinned()).isTrue();
      assertThat(calls).containsExactly("choose 1", "event", "pin 64");
      bytes.close();
      bytes.close();
      assertThat(calls.subList(3, calls.size())).containsExactly("wait", "destroy", "unpin");
    }
  }

  /// Whoever writes them again waits for the copy that reads them.
  @Test
  void copiesUnderWayAreWaitedFor() {
    try (Arena arena = Arena.ofConfined()) {
      List<String> calls = new ArrayList<>();
      try (HostBytes bytes = HostBytes.allocate(64)) {
        bytes.awaitCopies();
        bytes.sent();
        bytes.pin(new CudaRuntime(new FakeCuda(0, arena, calls)), 1);
        calls.clear();
        bytes.sent();
        bytes.awaitCopies();
        assertThat(calls).containsExactly("choose 1", "record", "wait");
      }
    }
  }

  /// A GPU that is lost must not keep memory.
  @Test
  void memoryIsFreedWhenAGpuCannotLetGoOfIt() {
    try (Arena arena = Arena.ofConfined()) {
      FakeCuda cuda = new FakeCuda(0, arena, new ArrayList<>());
      HostBytes bytes = HostBytes.allocate(64);
      bytes.pin(
          new CudaRuntime(
              name -> name.equals("cudaHostUnregister") ? Optional.empty() : cuda.find(name)),
          0);
      assertThatThrownBy(bytes::close).hasMessageContaining("cannot be let go");
      assertThatThrownBy(() -> bytes.get(0)).isInstanceOf(IllegalStateException.class);
    }
  }

  /// libtorch would take a failure that is left standing for that of its next kernel.
  @Test
  void aRefusalToPinIsForgotten() {
    try (Arena arena = Arena.ofConfined();
        HostBytes bytes = HostBytes.allocate(FakeCuda.UNPINNABLE)) {
      List<String> calls = new ArrayList<>();
      bytes.pin(new CudaRuntime(new FakeCuda(0, arena, calls)), 0);
      assertThat(bytes.isPinned()).isFalse();
      assertThat(calls).containsExactly("choose 0", "event", "destroy", "forget");
    }
  }

  @Test
  void heapAndARuntimeThatRefusesStayUnpinned() {
    try (Arena arena = Arena.ofConfined();
        HostBytes outside = HostBytes.allocate(8)) {
      List<String> calls = new ArrayList<>();
      HostBytes.of(new byte[4]).pin(new CudaRuntime(new FakeCuda(0, arena, calls)), 0);
      assertThat(calls).isEmpty();
      outside.pin(new CudaRuntime(name -> Optional.empty()), 0);
      assertThat(outside.isPinned()).isFalse();
    }
  }
}
