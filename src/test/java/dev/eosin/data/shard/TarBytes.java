package dev.eosin.data.shard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// A tar file in memory, written by commons-compress.
public final class TarBytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar =
      new TarArchiveOutputStream(bytes, 1024, StandardCharsets.UTF_8.name());

  public TarBytes() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  public TarBytes gnuNames() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
    tar.setAddPaxHeadersForNonAsciiNames(false);
    return this;
  }

  public TarBytes file(String name, byte[] body) throws IOException {
    return entry(new TarArchiveEntry(name), body, entry -> {});
  }

  public TarBytes file(String name, String body) throws IOException {
    return file(name, body.getBytes(StandardCharsets.UTF_8));
  }

  public TarBytes typed(String name, char type) throws IOException {
    return entry(new TarArchiveEntry(name, (byte) type), new byte[0], entry -> {});
  }

  public TarBytes entry(TarArchiveEntry entry, byte[] body, Consumer<TarArchiveEntry> change)
      throws IOException {
    entry.setSize(body.length);
    entry.setModTime(0);
    change.accept(entry);
    tar.putArchiveEntry(entry);
    tar.write(body);
    tar.closeArchiveEntry();
    return this;
  }

  public byte[] bytes() throws IOException {
    tar.close();
    return bytes.toByteArray();
  }

  /// A shard that lies in memory.
  static ShardBytes shard(byte[] bytes) {
    return new InMemory(bytes);
  }

  private record InMemory(byte[] bytes) implements ShardBytes {
    @Override
    public String name() {
      return "memory.tar";
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public long modifiedNanos() {
      return 1;
    }

    @Override
    public byte[] read(long position, int count) {
      Objects.checkFromIndexSize(position, count, (long) bytes.length);
      byte[] result = new byte[count];
      System.arraycopy(bytes, (int) position, result, 0, count);
      return result;
    }
  }
}
