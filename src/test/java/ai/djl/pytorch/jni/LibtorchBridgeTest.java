package ai.djl.pytorch.jni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibtorchBridgeTest {
  @TempDir private Path folder;

  @Test
  void aNamedBridgeReplacesAnotherAndIsCopiedOnce() throws Exception {
    Path bridge = Files.writeString(folder.resolve("named.so"), "this one");
    Path place = folder.resolve("2.11.0-cpu/0-libdjl_torch.so");
    LibtorchBridge.install(bridge, place);
    assertThat(place).hasContent("this one");
    FileTime longAgo = FileTime.from(Instant.EPOCH);
    Files.setLastModifiedTime(place, longAgo);
    LibtorchBridge.install(bridge, place);
    assertThat(Files.getLastModifiedTime(place)).isEqualTo(longAgo);
    Files.writeString(bridge, "a newer one");
    LibtorchBridge.install(bridge, place);
    assertThat(place).hasContent("a newer one");
    assertThat(Objects.requireNonNull(place.getParent())).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aBridgeThatCannotBeCopiedIsNamed() {
    Path bridge = folder.resolve("missing.so");
    Path place = folder.resolve("x/y.so");
    assertThatThrownBy(() -> LibtorchBridge.install(bridge, place))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("EOSIN_BRIDGE")
        .hasMessageContaining(bridge.toString());
  }

  @Test
  void aBridgeWithoutAVersionIsRefused() {
    assertThat(LibtorchBridge.named("PYTORCH_VERSION", "2.11.0")).isEqualTo("2.11.0");
    assertThatThrownBy(() -> LibtorchBridge.named("PYTORCH_VERSION", null))
        .hasMessageContaining("PYTORCH_VERSION does not say");
  }
}
