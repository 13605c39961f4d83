package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The formats that weights come in, told apart by a file's first bytes.
enum StoredFormat {
  SAFETENSORS,
  INDEX,
  TORCH;

  private static final String POINTER = "version https://git-lfs";
  private static final int PICKLE_PROTOCOL = 0x80;

  /// The format of a file; safetensors where nothing speaks for another, so that its reader says
  /// what is wrong.
  ///
  /// @throws DataException when the file cannot be read or is a Git LFS pointer
  static StoredFormat of(Path file) throws DataException {
    byte[] start = start(file);
    if (new String(start, StandardCharsets.ISO_8859_1).startsWith(POINTER)) {
      throw new DataException(
          file + ": is a Git LFS pointer, not the file itself; fetch it with git lfs pull");
    }
    // A safetensors header's length may spell another format's first bytes; its brace cannot.
    if (start.length > 8 && start[8] == '{') {
      return SAFETENSORS;
    }
    if (file.toString().endsWith(".index.json")) {
      return INDEX;
    }
    if (isText(start)) {
      throw new DataException(
          "%s: is a text file, which begins with %s; weights are in a safetensors or torch.save file, or in a folder with one"
              .formatted(file, Quote.of(new String(start, StandardCharsets.US_ASCII))));
    }
    boolean zip = start.length > 1 && start[0] == 'P' && start[1] == 'K';
    boolean pickle = start.length > 1 && (start[0] & 0xff) == PICKLE_PROTOCOL && start[1] <= 5;
    return zip || (pickle && start[1] >= 2) ? TORCH : SAFETENSORS;
  }

  /// A safetensors file begins with eight bytes of a length, the last of which are zero.
  private static boolean isText(byte[] start) {
    for (byte each : start) {
      if (each < ' ' && each != '\n' && each != '\r' && each != '\t') {
        return false;
      }
    }
    return start.length > 8;
  }

  private static byte[] start(Path file) throws DataException {
    try (InputStream stream = Files.newInputStream(file)) {
      return stream.readNBytes(POINTER.length());
    } catch (NoSuchFileException e) {
      throw new DataException(file + ": no such file", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
