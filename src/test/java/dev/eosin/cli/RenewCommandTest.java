package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.lang.classfile.ClassFile;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `eosin renew`: a library's classes in today's format, which Java's AOT cache can hold.
class RenewCommandTest {
  @TempDir private Path folder;

  @Test
  void everyClassOfTheLibraryPassesTheVerifierOfItsNewFormat() throws Exception {
    Path library =
        Path.of(CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path renewed = renewed(library);
    try (var jar = new JarFile(renewed.toFile());
        var old = new JarFile(library.toFile())) {
      List<? extends ZipEntry> classes = classes(jar);
      assertThat(classes).hasSameSizeAs(classes(old)).hasSizeGreaterThan(100);
      for (ZipEntry entry : classes) {
        byte[] bytes = bytes(jar, entry);
        assertThat(ClassFile.of().parse(bytes).majorVersion())
            .as(entry.getName())
            .isEqualTo(ClassFile.latestMajorVersion());
        assertThat(ClassFile.of().verify(bytes)).as(entry.getName()).isEmpty();
      }
    }
  }

  private Path renewed(Path library) {
    Path renewed = folder.resolve("renewed.jar");
    String[] arguments = {"renew", library.toString(), renewed.toString()};
    int code =
        Main.commandLine(List.of(arguments))
            .setErr(new PrintWriter(System.err, true))
            .execute(arguments);
    assertThat(code).isZero();
    return renewed;
  }

  private static List<? extends ZipEntry> classes(JarFile jar) {
    return jar.stream()
        .filter(entry -> entry.getName().endsWith(".class"))
        .filter(entry -> !entry.getName().endsWith("module-info.class"))
        .toList();
  }

  private static byte[] bytes(JarFile jar, ZipEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }
}
