package dev.eosin.tensor;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.LibtorchBridge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Calls the TorchScript functions of `src/main/torchscript`. Arguments: [Tensor], lists of them,
/// Integer, Long, Double, Boolean, String, `long[]` and `double[]`. Every tensor returned is the
/// caller's to close. A call that does not fit the header of its kernel throws
/// [IllegalArgumentException] before anything runs.
///
/// Safe from any thread: a thread's first call switches the JIT optimiser off for it (it silently
/// computes wrong gradients otherwise), sets its thread count and turns autograd off.
public final class Kernels {
  private static final String EXCEPTION = "RuntimeError: ";
  private static final int TENSORS_TOLD = 3;

  private final Engine engine;
  private final LoadedKernels loaded;
  private final ThreadLocal<Boolean> prepared;
  private final KernelListener listener;

  Kernels(Engine engine, int threads, MatrixProducts products, KernelListener listener) {
    this.listener = listener;
    this.engine = engine;
    this.loaded = LoadedKernels.with(products);
    this.prepared =
        ThreadLocal.withInitial(
            () -> {
              LibtorchBridge.prepareThread(threads);
              return true;
            });
  }

  /// Calls a kernel that returns a list of tensors.
  public List<Tensor> list(String kernel, Object... arguments) {
    return listAs(kernel, kernel, arguments);
  }

  /// As [#list], under another name for the listener.
  List<Tensor> listAs(String name, String kernel, Object... arguments) {
    long result = callAs(name, KernelType.Plain.TENSORS, kernel, arguments);
    try {
      long[] handles = LibtorchBridge.tensors(result);
      var tensors = new ArrayList<Tensor>(handles.length);
      for (long handle : handles) {
        tensors.add(new Tensor(engine, handle));
      }
      return tensors;
    } finally {
      LibtorchBridge.deleteValue(result);
    }
  }

  /// Calls a kernel that returns one tensor.
  public Tensor one(String kernel, Object... arguments) {
    return tensor(callAs(kernel, KernelType.Plain.TENSOR, kernel, arguments));
  }

  /// Calls a kernel for its effect on its arguments.
  ///
  /// @throws IllegalArgumentException when it would write into a tensor over a mapped file
  public void run(String kernel, Object... arguments) {
    WrittenArguments.requireWritable(kernel, arguments);
    LibtorchBridge.deleteValue(callAs(kernel, KernelType.Plain.NOTHING, kernel, arguments));
  }

  /// Has libtorch compile every kernel.
  void compile() {
    loaded.compile();
  }

  /// Checks that a kernel's own backward is there and takes what the kernel takes.
  ///
  /// @throws IllegalArgumentException otherwise
  void requireBackward(String kernel) {
    loaded.signatures().requireBackward(kernel);
  }

  /// Turns autograd on or off for this thread; off unless a [Tape] is recording.
  void gradMode(boolean enabled) {
    prepareThread();
    LibtorchBridge.gradMode(enabled);
  }

  private void prepareThread() {
    if (!prepared.get()) {
      throw new IllegalStateException("this thread could not be prepared for kernels");
    }
  }

  private long callAs(String name, KernelType result, String kernel, Object... arguments) {
    loaded.signatures().check(result, kernel, arguments);
    if (!listener.listens()) {
      return execute(kernel, arguments);
    }
    long started = System.nanoTime();
    long value = execute(kernel, arguments);
    synchronise();
    listener.called(name, started, System.nanoTime());
    return value;
  }

  /// A copy to the host waits for all that the device was asked before.
  private void synchronise() {
    switch (engine.device()) {
      case Device.Cpu() -> {}
      case Device.Cuda cuda -> {
        long probe = execute("zeros", new long[] {1}, DType.FLOAT32.scalarType(), cuda.torchName());
        try (Tensor onDevice = tensor(probe)) {
          long copy = execute("to_host", onDevice, DType.FLOAT32.scalarType());
          tensor(copy).close();
        }
      }
    }
  }

  private Tensor tensor(long value) {
    try {
      return new Tensor(engine, LibtorchBridge.tensor(value));
    } finally {
      LibtorchBridge.deleteValue(value);
    }
  }

  private long execute(String kernel, Object... arguments) {
    prepareThread();
    long[] values = new long[arguments.length];
    int made = 0;
    try {
      for (; made < values.length; made++) {
        values[made] = value(arguments[made]);
      }
      return LibtorchBridge.run(loaded.module(kernel), kernel, values);
    } catch (EngineException e) {
      throw new KernelException(describe(kernel, arguments, e), e);
    } finally {
      for (int i = 0; i < made; i++) {
        LibtorchBridge.deleteValue(values[i]);
      }
    }
  }

  private static long value(Object argument) {
    return switch (argument) {
      case Tensor tensor -> LibtorchBridge.valueOfTensor(tensor.handle());
      case Boolean flag -> LibtorchBridge.valueOf(flag.booleanValue());
      case Integer number -> LibtorchBridge.valueOf(number.longValue());
      case Long number -> LibtorchBridge.valueOf(number.longValue());
      case Double number -> LibtorchBridge.valueOf(number.doubleValue());
      case String string -> LibtorchBridge.valueOf(string);
      case long[] numbers -> LibtorchBridge.valueOf(numbers);
      case double[] numbers -> LibtorchBridge.valueOf(numbers);
      case List<?> tensors ->
          LibtorchBridge.valueOfTensors(
              tensors.stream().mapToLong(tensor -> ((Tensor) tensor).handle()).toArray());
      default -> throw new IllegalArgumentException("no kernel argument: " + argument.getClass());
    };
  }

  private static String describe(String kernel, Object[] arguments, EngineException e) {
    return "kernel %s(%s): %s"
        .formatted(
            kernel,
            Arrays.stream(arguments).map(Kernels::described).collect(Collectors.joining(", ")),
            reason(String.valueOf(e.getMessage())));
  }

  /// Of TorchScript's traceback, what the last line's exception says.
  private static String reason(String message) {
    int at = message.lastIndexOf(EXCEPTION);
    return (at < 0 ? message : message.substring(at + EXCEPTION.length())).strip();
  }

  /// An optimiser step takes hundreds of tensors: of a long list the first few are told.
  private static String described(Object argument) {
    return switch (argument) {
      case List<?> tensors when tensors.size() > TENSORS_TOLD ->
          tensors.stream()
              .limit(TENSORS_TOLD)
              .map(String::valueOf)
              .collect(
                  Collectors.joining(
                      ", ", "[", ", and %d more]".formatted(tensors.size() - TENSORS_TOLD)));
      case long[] numbers -> Arrays.toString(numbers);
      case double[] numbers -> Arrays.toString(numbers);
      default -> String.valueOf(argument);
    };
  }
}
