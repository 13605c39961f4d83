package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.LibtorchBridge;
import org.junit.jupiter.api.Test;

/// A GPU's switches are in every build of libtorch: that they are found and set is tested on a CPU,
/// which takes no notice.
class TorchContextTest {
  @Test
  void everySwitchIsThereAndIsSet() {
    LibtorchBridge.load();
    TorchContext context = TorchShim.context(LibtorchBridge.libraryFolder());
    assertThat(context.isDeterministic()).isFalse();
    try {
      context.set(new CudaNumerics(true, true));
      assertThat(context.isDeterministic()).isTrue();
    } finally {
      context.set(CudaNumerics.DEFAULT);
    }
    assertThat(context.isDeterministic()).isFalse();
  }
}
