package ai.djl.pytorch.jni;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;

/// Raw libtorch handles through DJL's JNI, without its NDArrays: they attach to managers, abort on
/// bf16 and switch autograd off.
///
/// A tensor handle is an owned `at::Tensor*`, a value handle an owned `c10::IValue*`; whoever
/// receives one deletes it.
public final class LibtorchBridge {
  private LibtorchBridge() {}

  /// Loads libtorch and DJL's JNI library; later calls do nothing.
  ///
  /// @return libtorch's version
  public static String load() {
    return Engine.getEngine("PyTorch").getVersion();
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
