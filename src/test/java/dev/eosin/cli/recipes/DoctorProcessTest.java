package dev.eosin.cli.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.pytorch.jni.LibtorchBridge;
import dev.eosin.cli.Main;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin doctor` as a process of its own on a machine that has, as far as it can see, an NVIDIA
/// driver and a CUDA libtorch: a `libcuda.so.1` of a few lines, and a `libtorch_cuda.so` of none
/// beside the real libtorch, which therefore finds no GPU.
class DoctorProcessTest {
  private static final String DRIVER =
      "int cuInit(unsigned flags) { return 0; }"
          + " int cuDriverGetVersion(int *out) { *out = 11040; return 0; }\n";

  @TempDir private Path folder;

  @BeforeEach
  void needsACompiler() {
    boolean linux = System.getProperty("os.name", "").startsWith("Linux");
    assumeTrue(linux && Files.isExecutable(Path.of("/usr/bin/cc")), "a fake driver needs cc");
  }

  @Test
  void aDriverThatIsTooOldIsNamed() throws Exception {
    compile(folder.resolve("libcuda.so.1"), DRIVER);
    Path torch = libtorch();
    try {
      assertThat(doctor(torch))
          .contains("computes on cpu: a block and AdamW are")
          .contains("driver is too old: it knows CUDA 11.4")
          .contains("built for CUDA 12", "update the driver; or train with compute.device=cpu")
          .endsWith("training cannot work here yet\nexit code 1\n");
    } finally {
      removeLinks(torch);
    }
  }

  private static void removeLinks(Path torch) throws IOException {
    try (Stream<Path> files = Files.list(torch)) {
      for (Path file : files.filter(Files::isSymbolicLink).toList()) {
        Files.delete(file);
      }
    }
  }

  /// The libtorch of the tests by links, called a CUDA libtorch.
  private Path libtorch() throws Exception {
    LibtorchBridge.load();
    Path torch = Files.createDirectories(folder.resolve("torch"));
    try (Stream<Path> libraries = Files.list(LibtorchBridge.libraryFolder())) {
      for (Path library : libraries.toList()) {
        Files.createSymbolicLink(torch.resolve(library.getFileName()), library);
      }
    }
    compile(torch.resolve("libtorch_cuda.so"), "int nothing;\n");
    return torch;
  }

  private void compile(Path library, String source) throws Exception {
    Path file = Files.writeString(folder.resolve("source.c"), source);
    var cc =
        new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), file.toString());
    assertThat(output(cc)).isEqualTo("exit code 0\n");
  }

  private String doctor(Path torch) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classpath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("pytorch-native-"))
            .collect(Collectors.joining(File.pathSeparator));
    var builder =
        new ProcessBuilder(
            java,
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:TieredStopAtLevel=1",
            "-Deosin.gpu=present",
            "-Dai.djl.offline=true",
            "-cp",
            classpath,
            Main.class.getName(),
            "doctor",
            "--dir",
            folder.toString());
    builder.environment().remove("CUDA_VISIBLE_DEVICES");
    builder
        .environment()
        .putAll(
            Map.of(
                "LD_LIBRARY_PATH",
                folder.toString(),
                "PYTORCH_LIBRARY_PATH",
                torch.toString(),
                "PYTORCH_VERSION",
                "2.7.1",
                "PYTORCH_FLAVOR",
                "cu128",
                "ENGINE_CACHE_DIR",
                folder.resolve("cache").toString(),
                "LC_ALL",
                "C.UTF-8"));
    return output(builder);
  }

  private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return printed + "exit code " + process.waitFor() + "\n";
  }
}
