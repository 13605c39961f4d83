package dev.eosin.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs the examples of a bundle as their users do, and gives what they say.
public final class ExampleProgram {
  private ExampleProgram() {}

  /// By this process's own Java and libraries.
  ///
  /// @param example its file in the bundle
  public static String java(Path bundle, String example, String... arguments) throws Exception {
    assertThat(Files.readString(bundle.resolve(example))).doesNotContainPattern("@[a-z]+@");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Dai.djl.offline=true", "-cp", System.getProperty("java.class.path")));
    command.add(example);
    command.addAll(List.of(arguments));
    return said(bundle, command);
  }

  /// By a Python that has what the example needs; the test is aborted where there is none.
  public static String python(Path bundle, String example, String... arguments) throws Exception {
    assertThat(Files.readString(bundle.resolve(example))).doesNotContainPattern("@[a-z]+@");
    List<String> command = new ArrayList<>(List.of(interpreter(), example));
    command.addAll(List.of(arguments));
    return said(bundle, command);
  }

  /// One that has what examples need.
  public static String interpreter() throws InterruptedException {
    String named = System.getenv().getOrDefault("EOSIN_PYTHON", "python3");
    boolean there;
    try {
      there =
          new ProcessBuilder(named, "-c", "import numpy, onnxruntime, tokenizers, PIL")
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start()
                  .waitFor()
              == 0;
    } catch (IOException e) {
      there = false;
    }
    assumeThat(there)
        .as("%s has onnxruntime, tokenizers and Pillow (EOSIN_PYTHON)", named)
        .isTrue();
    return named;
  }

  private static String said(Path folder, List<String> command) throws Exception {
    Path out = folder.resolveSibling("out");
    Path errors = folder.resolveSibling("errors");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(errors.toFile())
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(errors, StandardCharsets.UTF_8)).isZero();
    return Files.readString(out, StandardCharsets.UTF_8).strip();
  }
}
