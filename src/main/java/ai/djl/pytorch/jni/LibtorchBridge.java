package ai.djl.pytorch.jni;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Raw libtorch handles through DJL's JNI, without its NDArrays: they attach to managers, abort on
/// bf16 and switch autograd off.
///
/// A tensor handle is an owned `at::Tensor*`, a value handle an owned `c10::IValue*`; whoever
/// receives one deletes it.
public final class LibtorchBridge {
  /// Names a bridge built for another version of libtorch than DJL's own is for.
  private static final String BRIDGE = "EOSIN_BRIDGE";

  private LibtorchBridge() {}

  /// Loads libtorch and DJL's JNI library; later calls do nothing.
  ///
  /// @return libtorch's version
  public static String load() {
    @Nullable String bridge = System.getenv(BRIDGE);
    if (bridge != null && !bridge.isEmpty()) {
      install(Path.of(bridge), place());
    }
    return Engine.getEngine("PyTorch").getVersion();
  }

  /// Where DJL looks for a bridge before it unpacks its own; the version and the flavour are those
  /// that the launcher found.
  private static Path place() {
    Platform platform = Platform.detectPlatform("pytorch");
    String version = named("PYTORCH_VERSION", Utils.getEnvOrSystemProperty("PYTORCH_VERSION"));
    String flavour = named("PYTORCH_FLAVOR", Utils.getEnvOrSystemProperty("PYTORCH_FLAVOR"));
    return Utils.getEngineCacheDir("pytorch")
        .resolve("%s-%s-%s".formatted(version, flavour, platform.getClassifier()))
        .resolve(platform.getApiVersion() + "-" + System.mapLibraryName("djl_torch"));
  }

  /// Without it DJL would look elsewhere and leave the named bridge aside.
  static String named(String variable, @Nullable String value) {
    if (value == null || value.isEmpty()) {
      throw new IllegalStateException(
          "%s names a bridge, but %s does not say which libtorch it is for; ./eosin sets both"
              .formatted(BRIDGE, variable));
    }
    return value;
  }

  /// Copies a bridge to its place unless it is there already; processes that do so together leave a
  /// whole file.
  static void install(Path bridge, Path place) {
    try {
      if (Files.exists(place) && Files.mismatch(bridge, place) < 0) {
        return;
      }
      Path folder =
          Files.createDirectories(Objects.requireNonNull(place.toAbsolutePath().getParent()));
      Path made = Files.createTempFile(folder, "bridge", ".tmp");
      try {
        Files.copy(bridge, made, StandardCopyOption.REPLACE_EXISTING);
        Files.move(made, place, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(made);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the bridge %s, which %s names, cannot be copied to %s: %s"
              .formatted(bridge, BRIDGE, place, e.getMessage()),
          e);
    }
  }

  /// The folder libtorch's shared libraries were loaded from.
  public static Path libraryFolder() {
    return Path.of(LibUtils.getLibtorchPath());
  }

  public static long loadModule(byte[] archive) throws IOException {
    return JniUtils.loadModuleHandle(new ByteArrayInputStream(archive), Device.cpu(), false, false);
  }

  /// Must run on every thread before its first kernel: the optimising executor differentiates on
  /// its own, and wrongly.
  public static void prepareThread(int threads) {
    PyTorchLibrary.LIB.setGraphExecutorOptimize(false);
    PyTorchLibrary.LIB.torchSetNumThreads(threads);
    PyTorchLibrary.LIB.torchSetGradMode(false);
  }

  public static void gradMode(boolean enabled) {
    PyTorchLibrary.LIB.torchSetGradMode(enabled);
  }

  /// Runs a method with autograd as the thread has it (DJL's own runner turns it off).
  public static long run(long module, String method, long[] values) {
    return PyTorchLibrary.LIB.moduleRunMethod(module, method, values, true, false);
  }

  public static long valueOfTensor(long tensor) {
    return PyTorchLibrary.LIB.iValueFromTensor(tensor);
  }

  public static long valueOfTensors(long[] tensors) {
    return PyTorchLibrary.LIB.iValueFromTensorList(tensors);
  }

  public static long valueOf(boolean value) {
    return PyTorchLibrary.LIB.iValueFromBool(value);
  }

  public static long valueOf(long value) {
    return PyTorchLibrary.LIB.iValueFromLong(value);
  }

  public static long valueOf(double value) {
    return PyTorchLibrary.LIB.iValueFromDouble(value);
  }

  public static long valueOf(String value) {
    return PyTorchLibrary.LIB.iValueFromString(value);
  }

  public static long valueOf(long[] value) {
    return PyTorchLibrary.LIB.iValueFromLongList(value);
  }

  public static long valueOf(double[] value) {
    return PyTorchLibrary.LIB.iValueFromDoubleList(value);
  }

  public static long tensor(long value) {
    return PyTorchLibrary.LIB.iValueToTensor(value);
  }

  public static long[] tensors(long value) {
    return PyTorchLibrary.LIB.iValueToTensorList(value);
  }

  public static void deleteValue(long value) {
    PyTorchLibrary.LIB.torchDeleteIValue(value);
  }

  public static void deleteTensor(long tensor) {
    PyTorchLibrary.LIB.torchDeleteTensor(tensor);
  }

  public static long[] shape(long tensor) {
    return PyTorchLibrary.LIB.torchSizes(tensor);
  }
}
