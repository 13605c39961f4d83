package dev.eosin.image.formats;

import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// libturbojpeg, where the machine has it: decodes the usual kinds of JPEG to the same pixels as
/// the JDK's libjpeg, two to three times as fast, and reduced ones faster still.
///
/// Whatever it has the least complaint about is left to the JDK's decoder, which then reads or
/// refuses it; so the library changes the time that decoding takes and nothing else. Thread safe:
/// every call has its own handle and its own memory.
///
/// Source: turbojpeg.h, the functions of API 2, which version 3 keeps.
public final class TurboJpeg {
  private static final List<String> NAMES =
      List.of(
          "libturbojpeg.so.0",
          "libturbojpeg.so",
          "libturbojpeg.0.dylib",
          "libturbojpeg.dylib",
          "turbojpeg.dll");

  private static final Pattern VERSION = Pattern.compile("libjpeg-turbo version ([0-9.]+)");

  /// TJFLAG_ACCURATEDCT, TJFLAG_STOPONWARNING and TJFLAG_LIMITSCANS.
  private static final int EXACT = 4096 | 8192 | 32768;

  /// TJFLAG_FASTUPSAMPLE beside them.
  private static final int FAST = EXACT | 256;

  private static final int RGB = 0;
  private static final int GREY = 6;
  private static final int OK = 0;

  private final MethodHandle open;
  private final MethodHandle header;
  private final MethodHandle decompress;
  private final MethodHandle close;

  private TurboJpeg(SymbolLookup library) {
    Linker linker = Linker.nativeLinker();
    MemoryLayout length = linker.canonicalLayouts().get("long");
    var pointer = ValueLayout.ADDRESS;
    var number = ValueLayout.JAVA_INT;
    open =
        linker.downcallHandle(
            library.findOrThrow("tjInitDecompress"), FunctionDescriptor.of(pointer));
    close =
        linker.downcallHandle(
            library.findOrThrow("tjDestroy"), FunctionDescriptor.of(number, pointer));
    header =
        withLongLength(
            linker.downcallHandle(
                library.findOrThrow("tjDecompressHeader3"),
                FunctionDescriptor.of(
                    number, pointer, pointer, length, pointer, pointer, pointer, pointer)));
    decompress =
        withLongLength(
            linker.downcallHandle(
                library.findOrThrow("tjDecompress2"),
                FunctionDescriptor.of(
                    number, pointer, pointer, length, pointer, number, number, number, number,
                    number)));
  }

  /// The file's length is C's long, which has 4 bytes on Windows.
  private static MethodHandle withLongLength(MethodHandle handle) {
    MethodType type = handle.type().changeParameterType(2, long.class);
    return MethodHandles.explicitCastArguments(handle, type);
  }

  /// The library under its usual names, where the system's loader looks.
  public static Optional<TurboJpeg> find() {
    return NAMES.stream()
        .filter(name -> name.equals(System.mapLibraryName("turbojpeg")) || !name.endsWith(".dll"))
        .flatMap(name -> load(name).stream())
        .findFirst();
  }

  /// The library in a certain file.
  ///
  /// @throws IllegalArgumentException when there is none
  public static TurboJpeg at(Path file) {
    return load(file.toAbsolutePath().toString())
        .orElseThrow(() -> new IllegalArgumentException(file + " is not a libturbojpeg"));
  }

  private static Optional<TurboJpeg> load(String name) {
    try {
      return Optional.of(new TurboJpeg(SymbolLookup.libraryLookup(name, Arena.global())));
    } catch (IllegalArgumentException | java.util.NoSuchElementException missing) {
      return Optional.empty();
    }
  }

  /// Decodes a grey or coloured JPEG.
  ///
  /// @param reduction 1, or 2, 4, 8 for an image of that part of the size, rounded up
  /// @return nothing when the file is of another kind or not perfectly sound
  Optional<Raster> decode(byte[] bytes, JpegHeader frame, int reduction) {
    boolean grey = frame.componentIds().size() == 1;
    int width = Math.ceilDiv(frame.width(), reduction);
    int height = Math.ceilDiv(frame.height(), reduction);
    int bands = grey ? 1 : 3;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment file = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      MemorySegment handle = (MemorySegment) open.invokeExact();
      if (handle.equals(MemorySegment.NULL)) {
        return Optional.empty();
      }
      try {
        if (!isUsual(handle, file, frame, arena)) {
          return Optional.empty();
        }
        MemorySegment target = arena.allocate((long) bands * width * height);
        int flags = reduction == 1 ? EXACT : FAST;
        int format = grey ? GREY : RGB;
        int status =
            (int)
                decompress.invokeExact(
                    handle, file, file.byteSize(), target, width, 0, height, format, flags);
        return status == OK
            ? Optional.of(raster(width, height, grey, target.toArray(ValueLayout.JAVA_BYTE)))
            : Optional.empty();
      } finally {
        int ignored = (int) close.invokeExact(handle);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static Raster raster(int width, int height, boolean grey, byte[] samples) {
    return grey
        ? new Raster.Bands(Raster.Mode.GREY, width, height, samples)
        : new RgbImage(width, height, samples);
  }

  /// Whether the JDK's decoder would give the same pixels: not with inks, nor with chroma of half
  /// the rows and all the columns, nor where both disagree about the header.
  private boolean isUsual(MemorySegment handle, MemorySegment file, JpegHeader frame, Arena arena)
      throws Throwable {
    MemorySegment found = arena.allocate(ValueLayout.JAVA_INT, 4);
    int status =
        (int)
            header.invokeExact(
                handle,
                file,
                file.byteSize(),
                found,
                found.asSlice(4),
                found.asSlice(8),
                found.asSlice(12));
    int sampling = found.getAtIndex(ValueLayout.JAVA_INT, 2);
    int colours = found.getAtIndex(ValueLayout.JAVA_INT, 3);
    boolean usualSampling =
        switch (sampling) {
          case 0, 1, 2, 3, 5 -> true; // 4:4:4, 4:2:2, 4:2:0, grey, 4:1:1
          default -> false;
        };
    return status == OK
        && found.getAtIndex(ValueLayout.JAVA_INT, 0) == frame.width()
        && found.getAtIndex(ValueLayout.JAVA_INT, 1) == frame.height()
        && usualSampling
        && colours == frame.turboColours();
  }

  /// The version, where the system tells which file was loaded.
  public String version() {
    Path maps = Path.of("/proc/self/maps");
    try {
      for (String line : Files.readAllLines(maps)) {
        int path = line.indexOf('/');
        if (path >= 0 && line.contains("libturbojpeg")) {
          String text =
              Files.readString(Path.of(line.substring(path)), StandardCharsets.ISO_8859_1);
          Matcher version = VERSION.matcher(text);
          return version.find() ? version.group(1) : "of unknown version";
        }
      }
    } catch (IOException notLinux) {
      return "of unknown version";
    }
    return "of unknown version";
  }
}
