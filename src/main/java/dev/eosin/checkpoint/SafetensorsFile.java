package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// A safetensors file, memory-mapped: opening reads and checks the header only.
///
/// The checks are those of the safetensors library and stricter in one point (a name given twice is
/// refused): afterwards no tensor reaches outside the file. The file must not shrink while it is
/// open.
///
/// Source: https://huggingface.co/docs/safetensors
public final class SafetensorsFile implements StoredTensors {
  /// The limit of the safetensors library: no model needs more, and a lying length costs no memory.
  private static final long LONGEST_HEADER = 100_000_000;

  private final Path path;
  private final SafetensorsHeader header;
  private final SortedSet<String> names;
  private final MemorySegment data;
  private final Arena arena;

  private SafetensorsFile(Path path, SafetensorsHeader header, MemorySegment data, Arena arena) {
    this.path = path;
    this.header = header;
    this.names = Collections.unmodifiableSortedSet(new TreeSet<>(header.entries().keySet()));
    this.data = data;
    this.arena = arena;
  }

  /// Opens and checks a file.
  ///
  /// @throws DataException naming the file, the tensor and the reason
  public static SafetensorsFile open(Path path) throws DataException {
    Arena arena = Arena.ofShared();
    try {
      return open(path, arena);
    } catch (DataException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /// Reads a small file whole: for one of many, mapping would take longer than its bytes.
  ///
  /// @throws DataException as [#open] does
  public static SafetensorsFile read(Path path) throws DataException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer all = read(path, channel, 0, Math.toIntExact(channel.size()));
      long start = 8 + headerLength(path, channel, all.capacity());
      String text = headerText(path, channel, start);
      MemorySegment data = MemorySegment.ofBuffer(all).asSlice(start);
      return new SafetensorsFile(
          path, SafetensorsHeader.parse(path, text, data.byteSize()), data, Arena.ofConfined());
    } catch (NoSuchFileException e) {
      throw new DataException(path + ": no such file", e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static SafetensorsFile open(Path path, Arena arena) throws DataException {
    if (Files.isDirectory(path)) {
      throw new DataException(path + ": is a folder, expected a safetensors file");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      SafetensorsHeader header;
      long start = 8 + headerLength(path, channel, size);
      header = SafetensorsHeader.parse(path, headerText(path, channel, start), size - start);
      // Mapping nothing is an error on some systems.
      MemorySegment data =
          size == start
              ? MemorySegment.NULL
              : channel.map(FileChannel.MapMode.READ_ONLY, start, size - start, arena);
      return new SafetensorsFile(path, header, data, arena);
    } catch (NoSuchFileException e) {
      throw new DataException(path + ": no such file", e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static long headerLength(Path path, FileChannel channel, long size) throws IOException {
    if (size < 10) {
      throw new DataException(
          path + ": has " + size + " bytes, too few for a safetensors file; is it truncated?");
    }
    long length = read(path, channel, 0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > size - 8) {
      throw new DataException(
          "%s: the header's length is given as %s bytes, but the file has %d; it is truncated or no safetensors file"
              .formatted(path, Long.toUnsignedString(length), size));
    }
    if (length > LONGEST_HEADER) {
      throw new DataException(
          "%s: the header has %d bytes, at most %d are read"
              .formatted(path, length, LONGEST_HEADER));
    }
    return length;
  }

  private static String headerText(Path path, FileChannel channel, long end) throws IOException {
    ByteBuffer bytes = read(path, channel, 8, (int) (end - 8));
    if (bytes.get(0) != '{') {
      throw new DataException(path + ": the header does not begin with '{'");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new DataException(path + ": the header is not valid UTF-8", e);
    }
  }

  private static ByteBuffer read(Path path, FileChannel channel, long position, int count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new DataException(path + ": ends within the header");
      }
    }
    return buffer.flip();
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public SortedSet<String> names() {
    return names;
  }

  /// The strings under `__metadata__`, for example `format` = `pt`.
  public Map<String, String> metadata() {
    return header.metadata();
  }

  @Override
  public String kind() {
    return "safetensors";
  }

  @Override
  public TensorHeader header(String name) throws DataException {
    SafetensorsHeader.Entry entry = required(name);
    return new TensorHeader(entry.type(), entry.shape());
  }

  private SafetensorsHeader.Entry required(String name) throws DataException {
    SafetensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new DataException(path + ": has no tensor " + Quote.of(name));
    }
    return entry;
  }

  @Override
  public TensorData entry(String name) throws DataException {
    SafetensorsHeader.Entry entry = required(name);
    return new TensorData(
        entry.type(), entry.shape(), data.asSlice(entry.begin(), entry.end() - entry.begin()));
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
