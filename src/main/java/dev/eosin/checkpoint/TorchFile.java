package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// A file that `torch.save` wrote, memory-mapped: the zip format and the older stream.
///
/// Its pickle is read by a machine that knows tensors and plain containers only, and nothing is
/// ever run. Objects of other classes that lie beside the weights are passed over; a file that asks
/// for programs, files or the interpreter, or whose weights are such objects, is refused. Opening
/// checks that every tensor lies within its storage and every storage within the file; the first
/// [#entry] of a storage in a zip compares its checksum. A tensor whose elements do not lie in
/// row-major order is copied when asked for.
///
/// The weights are the dictionary under `state_dict`, `model`, `model_state_dict` or `module`, the
/// whole, or the only dictionary in it that has tensors; where all names begin with `module.`, as
/// DistributedDataParallel leaves them, they lose it. A TorchScript program (`torch.jit.save`, as
/// OpenAI published CLIP) is read likewise: its tensors by the modules that hold them; its code is
/// not.
public final class TorchFile implements StoredTensors {
  private final Path path;
  private final TorchContents contents;
  private final SortedSet<String> names;
  private final Arena arena;

  private TorchFile(Path path, TorchContents contents, Arena arena) {
    this.path = path;
    this.contents = contents;
    this.names = Collections.unmodifiableSortedSet(new TreeSet<>(contents.tensors().keySet()));
    this.arena = arena;
  }

  /// Opens and checks a file.
  ///
  /// @throws DataException naming the file and the reason
  public static TorchFile open(Path path) throws DataException {
    if (Files.isDirectory(path)) {
      throw new DataException(path + ": is a folder, expected a file that torch.save wrote");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size == 0) {
        throw new MalformedFile("is empty");
      }
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      return new TorchFile(path, TorchContents.read(file), arena);
    } catch (MalformedFile e) {
      arena.close();
      throw new DataException(path + ": " + e.reason(), e);
    } catch (NoSuchFileException e) {
      arena.close();
      throw new DataException(path + ": no such file", e);
    } catch (IOException e) {
      arena.close();
      throw new DataException(path + ": cannot be read: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public SortedSet<String> names() {
    return names;
  }

  @Override
  public List<String> beside() {
    return contents.beside();
  }

  @Override
  public String kind() {
    return contents.kind();
  }

  @Override
  public TensorHeader header(String name) throws DataException {
    Pickled.Tensor tensor = required(name);
    return new TensorHeader(tensor.storage().type(), tensor.view().shape());
  }

  private Pickled.Tensor required(String name) throws DataException {
    Pickled.Tensor tensor = contents.tensors().get(name);
    if (tensor == null) {
      throw new DataException(path + ": has no tensor " + Quote.of(name));
    }
    return tensor;
  }

  @Override
  public TensorData entry(String name) throws DataException {
    Pickled.Tensor tensor = required(name);
    try {
      return tensor
          .view()
          .data(tensor.storage().type(), contents.storages().contents(tensor.storage()));
    } catch (MalformedFile e) {
      throw new DataException("%s: tensor %s: %s".formatted(path, Quote.of(name), e.reason()), e);
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
