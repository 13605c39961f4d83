package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A file of nothing but one tensor's numbers, row-major and little-endian, memory-mapped. Close
/// it: its tensor ends with it.
public final class BareTensor implements AutoCloseable {
  private final Arena arena;
  private final TensorData data;

  private BareTensor(Arena arena, TensorData data) {
    this.arena = arena;
    this.data = data;
  }

  /// @throws DataException when the file cannot be read, or has another size
  public static BareTensor open(Path file, StoredType type, List<Long> shape) throws DataException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file)) {
      var bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new BareTensor(arena, new TensorData(type, shape, bytes));
    } catch (IOException | IllegalArgumentException e) {
      arena.close();
      throw new DataException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /// All bytes of a file.
  ///
  /// @throws DataException when the file cannot be read
  public static BareTensor bytes(Path file) throws DataException {
    try {
      return open(file, StoredType.U8, List.of(Files.size(file)));
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /// The tensor, which lives until this is closed.
  public TensorData data() {
    return data;
  }

  @Override
  public void close() {
    arena.close();
  }
}
