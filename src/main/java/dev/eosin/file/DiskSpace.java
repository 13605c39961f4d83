package dev.eosin.file;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether a disk has room, asked before long work.
public final class DiskSpace {
  private static final long MIB = 1 << 20;

  private DiskSpace() {}

  /// @param target a file or folder to be written, whose parents may not exist yet
  /// @param bytes that it will take
  /// @throws DataException naming what is needed and what there is
  public static void require(Path target, long bytes) throws DataException {
    Path existing = target.toAbsolutePath().normalize();
    while (existing.getParent() != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    try {
      long free = Files.getFileStore(existing).getUsableSpace();
      if (free < bytes) {
        throw new DataException(
            "%s: needs %d MiB, the disk has %d MiB left; nothing was written"
                .formatted(target, Math.ceilDiv(bytes, MIB), free / MIB));
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(target + ": the disk's space cannot be read: " + e.getMessage(), e);
    }
  }
}
