package dev.eosin.tensor;

import ai.djl.pytorch.jni.LibtorchBridge;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/// libtorch, ready to use: its kernels, one device, and the ways in for data. One per process is
/// enough; it needs no closing.
public final class Engine {
  /// The libtorch that Eosin brings.
  private static final String TRIED = "2.7.1";

  private final String version;
  private final Device device;
  private final int threads;
  private final TorchShim shim;
  private final Kernels kernels;
  private final Optional<CudaRuntime> runtime;
  private final Optional<WeightListener> listener;
  private final AtomicLong open;

  private Engine(
      Device device,
      int threads,
      MatrixProducts products,
      CudaNumerics numerics,
      KernelListener listener) {
    this.version = LibtorchBridge.load();
    this.device = device;
    this.threads = threads;
    this.shim = new TorchShim(LibtorchBridge.libraryFolder());
    this.runtime =
        switch (device) {
          case Device.Cpu() -> Optional.empty(); // none of it concerns a CPU
          case Device.Cuda _ -> {
            TorchShim.context(LibtorchBridge.libraryFolder()).set(numerics);
            yield CudaRuntime.of(LibtorchBridge.libraryFolder());
          }
        };
    this.kernels = new Kernels(this, threads, products, listener);
    this.listener = Optional.empty();
    this.open = new AtomicLong();
    if (!version.equals(TRIED)) {
      compileKernels();
    }
  }

  private Engine(Engine same, WeightListener listener) {
    this.version = same.version;
    this.device = same.device;
    this.threads = same.threads;
    this.shim = same.shim;
    this.runtime = same.runtime;
    this.kernels = same.kernels;
    this.listener = Optional.of(listener);
    this.open = same.open;
  }

  /// The same engine, whose forward passes tell what they make of weights.
  public Engine heard(WeightListener told) {
    return new Engine(this, told);
  }

  Optional<WeightListener> listener() {
    return listener;
  }

  /// Has libtorch compile all kernels that it has not yet.
  public void compileKernels() {
    kernels.compile();
  }

  /// Loads libtorch. Its kernels are compiled when they are first called, but all at once where
  /// this is not the libtorch that they were tried with: one that it cannot compile is met before
  /// any work.
  ///
  /// @param threads for one kernel on the CPU; always set, since libtorch otherwise guesses from
  ///   the environment
  /// @throws IllegalStateException when the device is not there
  public static Engine start(Device device, int threads) {
    return start(device, threads, KernelListener.NONE);
  }

  /// As above.
  ///
  /// @param listener told of every kernel call
  public static Engine start(Device device, int threads, KernelListener listener) {
    return start(device, threads, MatrixProducts.usual(device), listener);
  }

  /// As above.
  ///
  /// @param products of blocks on a CPU
  public static Engine start(
      Device device, int threads, MatrixProducts products, KernelListener listener) {
    return start(device, threads, products, CudaNumerics.DEFAULT, listener);
  }

  /// As above.
  ///
  /// @param numerics of a GPU; they hold for the whole process
  public static Engine start(
      Device device,
      int threads,
      MatrixProducts products,
      CudaNumerics numerics,
      KernelListener listener) {
    LibtorchBridge.load();
    if (device instanceof Device.Cuda(int index) && index >= cudaDevices()) {
      throw new IllegalStateException(
          "device cuda:%d was asked for, libtorch sees %d CUDA devices%s"
              .formatted(
                  index,
                  cudaDevices(),
                  cudaObstacle().map(why -> ": " + why.found() + "; " + why.mend()).orElse("")));
    }
    return new Engine(device, threads, products, numerics, listener);
  }

  /// CUDA devices that libtorch can use.
  public static int cudaDevices() {
    LibtorchBridge.load();
    return TorchShim.cudaDevices(LibtorchBridge.libraryFolder());
  }

  /// Why libtorch can use no CUDA device; empty where it can.
  public static Optional<CudaObstacle> cudaObstacle() {
    return cudaDevices() > 0
        ? Optional.empty()
        : Optional.of(CudaObstacle.of(CudaSurroundings.inspect(LibtorchBridge.libraryFolder())));
  }

  /// The CUDA devices that libtorch can use, as they describe themselves.
  public static List<CudaGpu> cudaGpus() {
    int count = cudaDevices();
    Optional<CudaDriver> driver = count == 0 ? Optional.empty() : CudaDriver.open();
    Optional<CudaRuntime> runtime =
        count == 0 ? Optional.empty() : CudaRuntime.of(LibtorchBridge.libraryFolder());
    return IntStream.range(0, count).mapToObj(i -> CudaGpu.of(i, driver, runtime)).toList();
  }

  /// NVIDIA's driver, for people: the version of CUDA that it knows; empty where there is none, or
  /// it does not start.
  public static Optional<String> cudaDriver() {
    return CudaDriver.open().map(CudaDriver::state).flatMap(CudaSurroundings::version);
  }

  /// Bytes that are free on a CUDA device; empty where there is none of that number, or the CUDA
  /// runtime does not tell.
  ///
  /// @param index as CUDA counts the visible devices, from 0
  public static OptionalLong freeCudaMemory(int index) {
    return index >= cudaDevices()
        ? OptionalLong.empty()
        : CudaRuntime.of(LibtorchBridge.libraryFolder())
            .map(runtime -> runtime.freeMemory(index))
            .orElse(OptionalLong.empty());
  }

  /// The version of libtorch that this process loads, without an engine.
  public static String libtorch() {
    return LibtorchBridge.load();
  }

  public String torchVersion() {
    return version;
  }

  public Device device() {
    return device;
  }

  /// Threads of one CPU kernel.
  public int threads() {
    return threads;
  }

  public Kernels kernels() {
    return kernels;
  }

  /// The functions of libtorch's CUDA part and of what it brings with it; none on a CPU.
  public Optional<SymbolLookup> cudaSymbols() {
    return runtime.map(CudaRuntime::library);
  }

  /// What libtorch puts this thread's work on: a CUDA stream; nothing on a CPU.
  public MemorySegment stream() {
    return switch (device) {
      case Device.Cuda(int index) when runtime.isPresent() -> runtime.get().torchStream(index);
      case Device.Cuda _, Device.Cpu() -> MemorySegment.NULL;
    };
  }

  /// Makes the engine's GPU this thread's current one, which libraries beside libtorch ask for.
  public void useDevice() {
    if (device instanceof Device.Cuda(int index)) {
      runtime.ifPresent(cuda -> cuda.use(index));
    }
  }

  /// A tensor of these sizes on the engine's device, filled with zeros.
  public Tensor zeros(DType dtype, long... shape) {
    return kernels.one("zeros", shape, dtype.scalarType(), device.torchName());
  }

  /// Copies fp32 values to the device.
  public Tensor of(float[] values, long... shape) {
    return copied(MemorySegment.ofArray(values), DType.FLOAT32, shape);
  }

  /// Copies int64 values to the device.
  public Tensor of(long[] values, long... shape) {
    return copied(MemorySegment.ofArray(values), DType.INT64, shape);
  }

  /// Copies uint8 values to the device. The array may be longer than the shape, as a recycled
  /// buffer is.
  public Tensor of(byte[] values, long... shape) {
    return of(values, 0, shape);
  }

  /// Copies uint8 values from `start` on to the device.
  public Tensor of(byte[] values, long start, long[] shape) {
    long bytes = java.util.Arrays.stream(shape).reduce(1, Math::multiplyExact);
    return copied(MemorySegment.ofArray(values).asSlice(start, bytes), DType.UINT8, shape);
  }

  /// Copies uint8 values from `start` on to the device. A GPU copies from pinned memory while this
  /// process goes on: the bytes must stay as they are until [HostBytes#awaitCopies].
  public Tensor of(HostBytes values, long start, long... shape) {
    long bytes = java.util.Arrays.stream(shape).reduce(1, Math::multiplyExact);
    MemorySegment memory = values.slice(start, bytes);
    return switch (device) {
      case Device.Cpu() -> copied(memory, DType.UINT8, shape);
      case Device.Cuda(int index) when memory.isNative() -> {
        runtime.ifPresent(cuda -> values.pin(cuda, index));
        Tensor sent = sent(memory, device.torchName(), shape);
        values.sent();
        yield sent;
      }
      case Device.Cuda _ -> copied(memory, DType.UINT8, shape);
    };
  }

  /// Copies native memory to another device without waiting.
  Tensor sent(MemorySegment memory, String where, long... shape) {
    try (Tensor here = mapped(memory, DType.UINT8, memory, shape)) {
      return kernels.one("send_to_device", here, where);
    }
  }

  /// A scalar on the device.
  public Tensor scalar(float value) {
    return of(new float[] {value});
  }

  /// Copies `memory` (little-endian elements, row-major) to the device.
  public Tensor copied(MemorySegment memory, DType dtype, long... shape) {
    Tensor host = kernels.one("zeros", shape, dtype.scalarType(), Device.CPU.torchName());
    long bytes = host.elements() * dtype.bytes();
    if (memory.byteSize() != bytes) {
      host.close();
      throw new IllegalArgumentException(
          "a %s tensor of shape %s has %d bytes, got %d"
              .formatted(dtype, java.util.Arrays.toString(shape), bytes, memory.byteSize()));
    }
    MemorySegment.copy(
        memory, ValueLayout.JAVA_BYTE, 0, host.segment(), ValueLayout.JAVA_BYTE, 0, bytes);
    return toDevice(host);
  }

  /// A CPU tensor over mapped memory, without a copy. `owner` (the arena or the file) stays
  /// reachable as long as the tensor. The tensor is frozen: kernels refuse to write it, since a
  /// write to a read-only map kills the JVM. It may become a parameter by [MappedTensors].
  public Tensor mapped(MemorySegment memory, DType dtype, Object owner, long... shape) {
    return new Tensor(this, shim.overMemory(memory, dtype, shape)).over(owner);
  }

  private Tensor toDevice(Tensor host) {
    return switch (device) {
      case Device.Cpu() -> host;
      case Device.Cuda cuda -> {
        try (host) {
          yield kernels.one("to_device", host, cuda.torchName());
        }
      }
    };
  }

  /// Tensors not yet closed: a leak shows as growth from step to step.
  public long openTensors() {
    return open.get();
  }

  void opened() {
    open.incrementAndGet();
  }

  void closed() {
    open.decrementAndGet();
  }

  TorchShim shim() {
    return shim;
  }
}
