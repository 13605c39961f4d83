package dev.eosin.image.slides;

import dev.eosin.image.UnreadableImageException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/// libopenjp2, where the machine has it: decodes JPEG 2000 code streams. Thread safe: every call
/// has its own codec and its own memory.
///
/// Source: openjpeg.h, the functions and structures of version 2.
public final class OpenJpeg {
  private static final List<String> NAMES =
      List.of("libopenjp2.so.7", "libopenjp2.so", "libopenjp2.7.dylib", "libopenjp2.dylib");

  private static final int CODE_STREAM = 0;
  private static final int PARAMETER_BYTES = 16_384; // opj_dparameters_t, which has two paths
  private static final int BLOCK = 1 << 16;

  private final Functions calls;

  private OpenJpeg(SymbolLookup library) {
    calls = new Functions(library);
  }

  /// The library under its usual names, where the system's loader looks.
  public static Optional<OpenJpeg> find() {
    return NAMES.stream().flatMap(name -> load(name).stream()).findFirst();
  }

  private static Optional<OpenJpeg> load(String name) {
    try {
      return Optional.of(new OpenJpeg(SymbolLookup.libraryLookup(name, Arena.global())));
    } catch (IllegalArgumentException | NoSuchElementException missing) {
      return Optional.empty();
    }
  }

  /// The version, such as `2.5.0`.
  public String version() {
    try {
      MemorySegment text = (MemorySegment) calls.version.invokeExact();
      return text.reinterpret(64).getString(0);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /// @return [height, width, 3] uint8, the components as they are stored; those with fewer samples
  ///   are repeated
  /// @throws UnreadableImageException when the stream is broken
  byte[] decode(byte[] stream, int width, int height) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, stream);
      MemorySegment source = MemoryStream.begin(arena, data);
      MemorySegment codec = (MemorySegment) calls.codec.invokeExact(CODE_STREAM);
      MemorySegment input = (MemorySegment) calls.stream.invokeExact((long) BLOCK, 1);
      MemorySegment found = arena.allocate(ValueLayout.ADDRESS);
      try {
        calls.read(input, source, data.byteSize());
        if (!decoded(codec, input, found, arena)) {
          throw new UnreadableImageException("corrupt or truncated JPEG 2000");
        }
        return ComponentSamples.of(found.get(ValueLayout.ADDRESS, 0), width, height);
      } finally {
        calls.destroyImage.invokeExact(found.get(ValueLayout.ADDRESS, 0));
        calls.destroyStream.invokeExact(input);
        calls.destroyCodec.invokeExact(codec);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean decoded(
      MemorySegment codec, MemorySegment input, MemorySegment found, Arena arena) throws Throwable {
    MemorySegment parameters = arena.allocate(PARAMETER_BYTES);
    calls.defaults.invokeExact(parameters);
    if ((int) calls.setup.invokeExact(codec, parameters) == 0
        || (int) calls.header.invokeExact(input, codec, found) == 0) {
      return false;
    }
    MemorySegment image = found.get(ValueLayout.ADDRESS, 0);
    return (int) calls.decode.invokeExact(codec, input, image) != 0
        && (int) calls.end.invokeExact(codec, input) != 0;
  }

  /// What is called, and what is called back.
  private static final class Functions {
    private final Linker linker = Linker.nativeLinker();
    private final SymbolLookup library;
    private final MethodHandle version;
    private final MethodHandle codec;
    private final MethodHandle stream;
    private final MethodHandle defaults;
    private final MethodHandle setup;
    private final MethodHandle header;
    private final MethodHandle decode;
    private final MethodHandle end;
    private final MethodHandle destroyImage;
    private final MethodHandle destroyStream;
    private final MethodHandle destroyCodec;
    private final MethodHandle setData;
    private final MethodHandle setLength;
    private final List<MethodHandle> setCallbacks;
    private final List<MemorySegment> callbacks;

    Functions(SymbolLookup library) {
      this.library = library;
      var pointer = ValueLayout.ADDRESS;
      var number = ValueLayout.JAVA_INT;
      var size = ValueLayout.JAVA_LONG;
      version = call("opj_version", FunctionDescriptor.of(pointer));
      codec = call("opj_create_decompress", FunctionDescriptor.of(pointer, number));
      stream = call("opj_stream_create", FunctionDescriptor.of(pointer, size, number));
      defaults = call("opj_set_default_decoder_parameters", FunctionDescriptor.ofVoid(pointer));
      setup = call("opj_setup_decoder", FunctionDescriptor.of(number, pointer, pointer));
      header = call("opj_read_header", FunctionDescriptor.of(number, pointer, pointer, pointer));
      decode = call("opj_decode", FunctionDescriptor.of(number, pointer, pointer, pointer));
      end = call("opj_end_decompress", FunctionDescriptor.of(number, pointer, pointer));
      destroyImage = call("opj_image_destroy", FunctionDescriptor.ofVoid(pointer));
      destroyStream = call("opj_stream_destroy", FunctionDescriptor.ofVoid(pointer));
      destroyCodec = call("opj_destroy_codec", FunctionDescriptor.ofVoid(pointer));
      setData =
          call("opj_stream_set_user_data", FunctionDescriptor.ofVoid(pointer, pointer, pointer));
      setLength = call("opj_stream_set_user_data_length", FunctionDescriptor.ofVoid(pointer, size));
      setCallbacks =
          List.of(
              call("opj_stream_set_read_function", FunctionDescriptor.ofVoid(pointer, pointer)),
              call("opj_stream_set_skip_function", FunctionDescriptor.ofVoid(pointer, pointer)),
              call("opj_stream_set_seek_function", FunctionDescriptor.ofVoid(pointer, pointer)));
      callbacks =
          List.of(
              callback("read", FunctionDescriptor.of(size, pointer, size, pointer)),
              callback("skip", FunctionDescriptor.of(size, size, pointer)),
              callback("seek", FunctionDescriptor.of(number, size, pointer)));
    }

    private MethodHandle call(String name, FunctionDescriptor descriptor) {
      return linker.downcallHandle(library.findOrThrow(name), descriptor);
    }

    private MemorySegment callback(String name, FunctionDescriptor descriptor) {
      MethodType type = descriptor.toMethodType();
      try {
        MethodHandle target = MethodHandles.lookup().findStatic(MemoryStream.class, name, type);
        return linker.upcallStub(target, descriptor, Arena.global());
      } catch (NoSuchMethodException | IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }

    private void read(MemorySegment input, MemorySegment source, long length) throws Throwable {
      setData.invokeExact(input, source, MemorySegment.NULL);
      setLength.invokeExact(input, length);
      for (int i = 0; i < callbacks.size(); i++) {
        setCallbacks.get(i).invokeExact(input, callbacks.get(i));
      }
    }
  }
}
