package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// Tells whether stored tensors are still the same, wherever they lie.
public final class TensorsDigest {
  private static final int PIECE = 1 << 16;

  private TensorsDigest() {}

  /// SHA-256 over names, types, shapes and elements, in the order of the names; reads all of them.
  ///
  /// @return 64 lower-case hexadecimal digits
  /// @throws DataException when a tensor cannot be read
  public static String sha256(StoredTensors tensors) throws DataException {
    try (var digest = new FileDigest.Stream(OutputStream.nullOutputStream())) {
      for (String name : tensors.names()) {
        TensorData data = tensors.entry(name);
        String head = "%s %s %s\n".formatted(name, data.type(), data.shape());
        digest.write(head.getBytes(StandardCharsets.UTF_8));
        write(data.bytes(), digest);
      }
      return digest.digest().sha256();
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(
          "%s: cannot be read: %s".formatted(tensors.path(), e.getMessage()), e);
    }
  }

  private static void write(MemorySegment bytes, OutputStream digest) throws IOException {
    byte[] piece = new byte[PIECE];
    for (long from = 0; from < bytes.byteSize(); from += PIECE) {
      int length = (int) Math.min(PIECE, bytes.byteSize() - from);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, from, piece, 0, length);
      digest.write(piece, 0, length);
    }
  }
}
