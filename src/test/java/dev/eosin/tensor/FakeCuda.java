package dev.eosin.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A CUDA driver and runtime of two GPUs, called through the same native calls as NVIDIA's, so that
/// what is said of a GPU can be tested on any machine.
///
/// @param initStatus what starting the driver returns
/// @param arena of the functions
/// @param calls of the runtime
record FakeCuda(int initStatus, Arena arena, List<String> calls) implements SymbolLookup {
  static final long FREE = 3L << 30;
  static final long ALL = 24L << 30;

  /// So many bytes are not pinned.
  static final long UNPINNABLE = 24;

  private static final int INVALID_DEVICE = 101;
  private static final int OUT_OF_MEMORY = 2;

  FakeCuda(int initStatus, Arena arena) {
    this(initStatus, arena, new ArrayList<>());
  }

  @Override
  public Optional<MemorySegment> find(String name) {
    return switch (name) {
      case "cuInit" -> function("init", ValueLayout.JAVA_INT);
      case "cuDriverGetVersion" -> function("version", ValueLayout.ADDRESS);
      case "cuDeviceGet" -> function("device", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
      case "cuDeviceGetAttribute" ->
          function("attribute", ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      case "cuDeviceGetName" ->
          function("name", ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
      case "cuDeviceTotalMem_v2" -> function("all", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
      case "cudaGetDevice" -> function("current", ValueLayout.ADDRESS);
      case "cudaSetDevice" -> function("choose", ValueLayout.JAVA_INT);
      case "cudaMemGetInfo" -> function("free", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
      case "cudaHostRegister" ->
          function("pin", ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);
      case "cudaHostUnregister" -> function("unpin", ValueLayout.ADDRESS);
      case "cudaEventCreateWithFlags" ->
          function("event", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
      case "cudaEventRecord" -> function("record", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
      case "cudaEventSynchronize" -> function("await", ValueLayout.ADDRESS);
      case "cudaEventDestroy" -> function("destroy", ValueLayout.ADDRESS);
      case "cudaGetLastError" -> function("forget");
      default -> Optional.empty();
    };
  }

  int pin(MemorySegment memory, long bytes, int flags) {
    if (bytes == UNPINNABLE) {
      return OUT_OF_MEMORY;
    }
    calls.add("pin " + bytes);
    return 0;
  }

  int event(MemorySegment out, int flags) {
    calls.add("event");
    out.reinterpret(Long.BYTES).set(ValueLayout.JAVA_LONG, 0, 4711);
    return 0;
  }

  int record(MemorySegment event, MemorySegment stream) {
    calls.add("record");
    return event.address() == 4711 && stream.address() == 0 ? 0 : OUT_OF_MEMORY;
  }

  int await(MemorySegment event) {
    calls.add("wait");
    return 0;
  }

  int destroy(MemorySegment event) {
    calls.add("destroy");
    return 0;
  }

  int forget() {
    calls.add("forget");
    return OUT_OF_MEMORY;
  }

  int unpin(MemorySegment memory) {
    calls.add("unpin");
    return 0;
  }

  int init(int flags) {
    return initStatus;
  }

  int version(MemorySegment out) {
    return write(out, 12_080);
  }

  /// Devices have numbers of their own, which are not their places.
  int device(MemorySegment out, int index) {
    return index < 2 ? write(out, 70 + index) : INVALID_DEVICE;
  }

  int attribute(MemorySegment out, int attribute, int device) {
    return write(out, attribute == 75 ? device - 62 : 6);
  }

  int name(MemorySegment out, int bytes, int device) {
    out.reinterpret(bytes).setString(0, "Fake GPU " + device);
    return 0;
  }

  int all(MemorySegment out, int device) {
    out.reinterpret(Long.BYTES).set(ValueLayout.JAVA_LONG, 0, ALL);
    return 0;
  }

  int current(MemorySegment out) {
    return write(out, 0);
  }

  int choose(int device) {
    calls.add("choose " + device);
    return device < 2 ? 0 : INVALID_DEVICE;
  }

  int free(MemorySegment free, MemorySegment total) {
    free.reinterpret(Long.BYTES).set(ValueLayout.JAVA_LONG, 0, FREE);
    total.reinterpret(Long.BYTES).set(ValueLayout.JAVA_LONG, 0, ALL);
    return 0;
  }

  private static int write(MemorySegment out, int value) {
    out.reinterpret(Integer.BYTES).set(ValueLayout.JAVA_INT, 0, value);
    return 0;
  }

  private Optional<MemorySegment> function(String method, MemoryLayout... arguments) {
    FunctionDescriptor descriptor = FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments);
    MethodType type = descriptor.toMethodType();
    try {
      MethodHandle own =
          MethodHandles.lookup().findVirtual(FakeCuda.class, method, type).bindTo(this);
      return Optional.of(Linker.nativeLinker().upcallStub(own, descriptor, arena));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
