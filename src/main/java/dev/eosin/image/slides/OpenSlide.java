package dev.eosin.image.slides;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/// OpenSlide, where the machine has it: reads formats of slides that are not read here. DICOM needs
/// version 4. Thread safe.
///
/// Source: openslide.h of version 3.4, whose functions version 4 has as well.
public final class OpenSlide {
  private static final List<String> NAMES =
      List.of(
          "libopenslide.so.1", "libopenslide.so.0", "libopenslide.1.dylib", "libopenslide.0.dylib");

  private static final long LONGEST_TEXT = 1 << 26;
  private static final long LONGEST_PROFILE = 1 << 24;

  private final Calls calls;

  private OpenSlide(SymbolLookup library) {
    calls = new Calls(library);
  }

  /// The library under its usual names, where the system's loader looks.
  public static Optional<OpenSlide> find() {
    return NAMES.stream().flatMap(name -> load(name).stream()).findFirst();
  }

  private static Optional<OpenSlide> load(String name) {
    try {
      return Optional.of(new OpenSlide(SymbolLookup.libraryLookup(name, Arena.global())));
    } catch (IllegalArgumentException | NoSuchElementException missing) {
      return Optional.empty();
    }
  }

  /// The version, such as `4.0.0`.
  public String version() {
    return text(called(() -> (MemorySegment) calls.version.invokeExact())).orElse("");
  }

  /// Opens a slide.
  ///
  /// @throws IOException without the file's name, when it is of no format that the library reads,
  ///   or broken
  public Opened open(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toString());
      MemorySegment slide = called(() -> (MemorySegment) calls.open.invokeExact(name));
      if (slide.equals(MemorySegment.NULL)) {
        throw new IOException("OpenSlide %s does not know its format".formatted(version()));
      }
      Opened opened = new Opened(slide);
      try {
        opened.requireSound();
        return opened;
      } catch (IOException broken) {
        opened.close();
        throw broken;
      }
    }
  }

  /// A slide that is open. Used by one thread at a time; close it.
  public final class Opened implements AutoCloseable {
    private final MemorySegment slide;
    private boolean closed;

    private Opened(MemorySegment slide) {
      this.slide = slide;
    }

    /// @throws IOException with what went wrong since it was opened: nothing can be read from then
    ///   on
    private void requireSound() throws IOException {
      Optional<String> error = text(called(() -> (MemorySegment) calls.error.invokeExact(slide)));
      if (error.isPresent()) {
        throw new IOException("OpenSlide %s: %s".formatted(version(), error.get().strip()));
      }
    }

    public int levels() {
      return called(() -> (int) calls.levels.invokeExact(slide));
    }

    /// Width and height of a level, in its pixels.
    public long[] size(int level) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment sides = arena.allocate(ValueLayout.JAVA_LONG, 2);
        MemorySegment height = sides.asSlice(Long.BYTES);
        called(
            () -> {
              calls.size.invokeExact(slide, level, sides, height);
              return 0;
            });
        return sides.toArray(ValueLayout.JAVA_LONG);
      }
    }

    /// How many pixels of level 0 one of its pixels is wide.
    public double downsample(int level) {
      return called(() -> (double) calls.downsample.invokeExact(slide, level));
    }

    /// What the slide says of itself, such as `openslide.mpp-x`.
    public Optional<String> property(String name) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment wanted = arena.allocateFrom(name);
        return text(called(() -> (MemorySegment) calls.property.invokeExact(slide, wanted)));
      }
    }

    /// The scanner's colour profile; empty where there is none, or the version is below 4.
    public byte[] profile() {
      if (calls.profileSize.isEmpty() || calls.readProfile.isEmpty()) {
        return new byte[0];
      }
      long size = called(() -> (long) calls.profileSize.get().invokeExact(slide));
      if (size < 1 || size > LONGEST_PROFILE) {
        return new byte[0];
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment bytes = arena.allocate(size);
        called(
            () -> {
              calls.readProfile.get().invokeExact(slide, bytes);
              return 0;
            });
        return bytes.toArray(ValueLayout.JAVA_BYTE);
      }
    }

    /// A rectangle of a level.
    ///
    /// @param x of the left edge, in pixels of level 0
    /// @param y of the upper edge, in pixels of level 0
    /// @return [height, width] premultiplied ARGB; 0 where the scanner saw nothing
    /// @throws IOException when it cannot be read; the slide has to be opened again
    public int[] read(int level, long x, long y, int width, int height) throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment pixels = arena.allocate(ValueLayout.JAVA_INT, (long) width * height);
        called(
            () -> {
              calls.read.invokeExact(slide, pixels, x, y, level, (long) width, (long) height);
              return 0;
            });
        requireSound();
        return pixels.toArray(ValueLayout.JAVA_INT);
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        called(
            () -> {
              calls.close.invokeExact(slide);
              return 0;
            });
      }
    }
  }

  private static Optional<String> text(MemorySegment text) {
    return text.equals(MemorySegment.NULL)
        ? Optional.empty()
        : Optional.of(text.reinterpret(LONGEST_TEXT).getString(0));
  }

  /// Something native.
  @FunctionalInterface
  private interface Call<T> {
    T run() throws Throwable;
  }

  private static <T> T called(Call<T> call) {
    try {
      return call.run();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /// What is called.
  private static final class Calls {
    private final SymbolLookup library;
    private final MethodHandle version;
    private final MethodHandle open;
    private final MethodHandle error;
    private final MethodHandle levels;
    private final MethodHandle size;
    private final MethodHandle downsample;
    private final MethodHandle property;
    private final MethodHandle read;
    private final MethodHandle close;
    private final Optional<MethodHandle> profileSize;
    private final Optional<MethodHandle> readProfile;

    Calls(SymbolLookup library) {
      this.library = library;
      var pointer = ValueLayout.ADDRESS;
      var number = ValueLayout.JAVA_INT;
      var size64 = ValueLayout.JAVA_LONG;
      version = call("openslide_get_version", FunctionDescriptor.of(pointer));
      open = call("openslide_open", FunctionDescriptor.of(pointer, pointer));
      error = call("openslide_get_error", FunctionDescriptor.of(pointer, pointer));
      levels = call("openslide_get_level_count", FunctionDescriptor.of(number, pointer));
      size =
          call(
              "openslide_get_level_dimensions",
              FunctionDescriptor.ofVoid(pointer, number, pointer, pointer));
      downsample =
          call(
              "openslide_get_level_downsample",
              FunctionDescriptor.of(ValueLayout.JAVA_DOUBLE, pointer, number));
      property =
          call("openslide_get_property_value", FunctionDescriptor.of(pointer, pointer, pointer));
      read =
          call(
              "openslide_read_region",
              FunctionDescriptor.ofVoid(pointer, pointer, size64, size64, number, size64, size64));
      close = call("openslide_close", FunctionDescriptor.ofVoid(pointer));
      profileSize =
          since4("openslide_get_icc_profile_size", FunctionDescriptor.of(size64, pointer));
      readProfile =
          since4("openslide_read_icc_profile", FunctionDescriptor.ofVoid(pointer, pointer));
    }

    private Optional<MethodHandle> since4(String name, FunctionDescriptor descriptor) {
      return library
          .find(name)
          .map(place -> Linker.nativeLinker().downcallHandle(place, descriptor));
    }

    private MethodHandle call(String name, FunctionDescriptor descriptor) {
      return Linker.nativeLinker().downcallHandle(library.find(name).orElseThrow(), descriptor);
    }
  }
}
