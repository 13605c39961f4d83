package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The only tensor of a file that `torch.save` wrote of it alone, as fp32: a plain one, or one that
/// was quantised to 8 bits for each tensor or along a dimension. Nothing in the file is run.
///
/// @param shape sizes of the dimensions
/// @param values in row-major order
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record SavedTensor(List<Long> shape, float[] values) {
  public SavedTensor {
    shape = List.copyOf(shape);
  }

  /// Reads a file.
  ///
  /// @throws DataException naming the file and what is wrong with it
  public static SavedTensor read(Path file) throws DataException {
    if (!Files.isRegularFile(file)) {
      throw new DataException(file + ": no such file");
    }
    try (Arena arena = Arena.ofShared();
        FileChannel channel = FileChannel.open(file)) {
      if (channel.size() == 0) {
        throw new MalformedFile("is empty");
      }
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return of(TorchContents.root(bytes), bytes.byteSize());
    } catch (MalformedFile e) {
      throw new DataException(file + ": " + e.reason(), e);
    } catch (IOException | IllegalArgumentException e) {
      throw new DataException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static SavedTensor of(TorchContents.Root root, long fileSize) throws MalformedFile {
    return switch (root.value()) {
      case Pickled.Tensor plain -> {
        TensorData data = data(plain, root.storages(), fileSize);
        if (!data.type().isFloating()) {
          throw new MalformedFile(
              "holds a tensor of %s, not of floating-point numbers".formatted(data.type()));
        }
        yield new SavedTensor(data.shape(), data.floats());
      }
      case Pickled.Quantised quantised -> {
        TensorData numbers = data(quantised.numbers(), root.storages(), fileSize);
        yield new SavedTensor(numbers.shape(), meant(quantised, numbers, root, fileSize));
      }
      default ->
          throw new MalformedFile(
              "holds no tensor alone; a file that torch.save wrote of one tensor is expected");
    };
  }

  private static TensorData data(Pickled.Tensor tensor, TorchStorages storages, long fileSize)
      throws MalformedFile {
    TorchContents.check(tensor, storages, fileSize);
    return tensor.view().data(tensor.storage().type(), storages.contents(tensor.storage()));
  }

  private static float[] meant(
      Pickled.Quantised quantised, TensorData numbers, TorchContents.Root root, long fileSize)
      throws MalformedFile {
    List<Long> shape = numbers.shape();
    int places =
        quantised.axis().isPresent() ? Math.toIntExact(shape.get(quantised.axis().getAsInt())) : 1;
    float[] scales = each(quantised.scale(), places, root, fileSize);
    float[] zeros = each(quantised.zero(), places, root, fileSize);
    long inner = 1;
    for (int i = quantised.axis().orElse(shape.size()) + 1; i < shape.size(); i++) {
      inner *= shape.get(i);
    }
    long[] whole = numbers.longs();
    float[] values = new float[whole.length];
    for (int i = 0; i < values.length; i++) {
      int place = (int) (i / inner % places);
      values[i] = (whole[i] - zeros[place]) * scales[place];
    }
    return values;
  }

  /// A number, or one for each place along the dimension.
  private static float[] each(Pickled value, int places, TorchContents.Root root, long fileSize)
      throws MalformedFile {
    float[] found =
        switch (value) {
          case Pickled.Real(double number) -> new float[] {(float) number};
          case Pickled.Whole(long number) -> new float[] {number};
          case Pickled.Tensor tensor -> {
            TensorData data = data(tensor, root.storages(), fileSize);
            if (data.type().isFloating()) {
              yield data.floats();
            }
            long[] whole = data.longs();
            float[] floats = new float[whole.length];
            for (int i = 0; i < floats.length; i++) {
              floats[i] = whole[i];
            }
            yield floats;
          }
          default -> new float[0];
        };
    if (found.length != places) {
      throw new MalformedFile(
          "a quantised tensor has %d scales or zeros where it needs %d"
              .formatted(found.length, places));
    }
    return found;
  }
}
