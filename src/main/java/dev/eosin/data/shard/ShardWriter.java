package dev.eosin.data.shard;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// Writes one shard: equal members make equal bytes, whoever writes them and when.
public final class ShardWriter {
  private static final int END_BLOCKS = 2;

  private final TarArchiveOutputStream tar;
  private long bytes = END_BLOCKS * (long) TarBlock.BYTES;

  /// @param out stays open
  public ShardWriter(OutputStream out) {
    tar = new TarArchiveOutputStream(out, TarBlock.BYTES, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  /// Appends a file.
  public void add(String name, byte[] body) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(body.length);
    entry.setModTime(0);
    tar.putArchiveEntry(entry);
    tar.write(body);
    tar.closeArchiveEntry();
    bytes += space(body);
  }

  /// What a file with a short name takes, in bytes.
  public static long space(byte[] body) {
    return TarBlock.BYTES + new TarBlock("", body.length, '0').paddedSize();
  }

  /// The shard's size if it ended here, in bytes.
  public long bytes() {
    return bytes;
  }

  /// Ends the shard.
  public void finish() throws IOException {
    tar.finish();
    tar.flush();
  }
}
