package dev.eosin.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/// The classes of a library once more, in this Java's format. Java's AOT cache holds none older
/// than Java 6's, whose methods lack what verification at build time reads (frames of their
/// stacks); picocli's are Java 5's.
public final class RenewedLibrary {
  private static final String CLASS = ".class";

  /// Says which modules a library needs; nothing reads it on a class path.
  private static final String MODULE = "module-info.class";

  private RenewedLibrary() {}

  /// Writes them.
  ///
  /// @param library a jar
  /// @param renewed the jar that is written
  public static void write(Path library, Path renewed) throws IOException {
    try (var jar = new JarFile(library.toFile())) {
      AtomicFile.write(renewed, out -> write(jar, out));
    }
  }

  private static void write(JarFile jar, OutputStream out) throws IOException {
    ClassFile format = format(jar);
    // Closed by the one who opened it.
    var zip = new ZipOutputStream(out);
    for (ZipEntry entry : Collections.list(jar.entries())) {
      if (entry.isDirectory() || entry.getName().endsWith(MODULE)) {
        continue;
      }
      byte[] bytes = bytes(jar, entry);
      zip.putNextEntry(new ZipEntry(entry.getName()));
      zip.write(entry.getName().endsWith(CLASS) ? renewed(format, bytes) : bytes);
      zip.closeEntry();
    }
    zip.finish();
  }

  /// Frames are computed anew, for which the library's classes must know their parents.
  private static ClassFile format(JarFile jar) {
    ClassHierarchyResolver parents =
        ClassHierarchyResolver.ofResourceParsing(type -> opened(jar, type))
            .orElse(ClassHierarchyResolver.defaultResolver());
    return ClassFile.of(
        StackMapsOption.GENERATE_STACK_MAPS, ClassHierarchyResolverOption.of(parents));
  }

  private static @Nullable InputStream opened(JarFile jar, ClassDesc type) {
    String descriptor = type.descriptorString();
    ZipEntry entry = jar.getEntry(descriptor.substring(1, descriptor.length() - 1) + CLASS);
    try {
      return entry == null ? null : jar.getInputStream(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] renewed(ClassFile format, byte[] old) {
    ClassModel type = format.parse(old);
    ClassTransform version =
        (builder, element) ->
            builder.with(
                element instanceof ClassFileVersion
                    ? ClassFileVersion.of(ClassFile.latestMajorVersion(), 0)
                    : element);
    // A method whose code is left alone keeps its bytes, without frames.
    return format.transformClass(
        type,
        version.andThen(
            ClassTransform.transformingMethodBodies((code, element) -> code.with(element))));
  }

  private static byte[] bytes(JarFile jar, ZipEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }
}
