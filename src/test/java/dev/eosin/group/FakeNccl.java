package dev.eosin.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// A library with NCCL's functions for threads of one process, made by the C compiler that a
/// machine has: it takes every argument as `nccl.h` declares it.
final class FakeNccl {
  private FakeNccl() {}

  /// The test is left out where there is no C compiler.
  static NcclLibrary in(Path folder) throws IOException, InterruptedException {
    Optional<Path> compiler =
        Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
            .map(place -> Path.of(place, "cc"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(compiler.isPresent(), "no C compiler is installed (apt install gcc)");
    Path library = folder.resolve("libnccl.so.2");
    Process compiling =
        new ProcessBuilder(
                compiler.orElseThrow().toString(),
                "-shared",
                "-fPIC",
                "-O1",
                "-pthread",
                "-o",
                library.toString(),
                "src/test/resources/nccl/nccl.c")
            .redirectErrorStream(true)
            .start();
    String said = new String(compiling.getInputStream().readAllBytes());
    assertThat(compiling.waitFor()).as(said).isZero();
    return new NcclLibrary("a test's", SymbolLookup.libraryLookup(library, Arena.global()));
  }
}
