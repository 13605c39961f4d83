package dev.eosin.file;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// The steps that change a file system, one method each, so that tests can let any of them fail or
/// be the last one before a power cut.
public interface Disk {
  Disk REAL = new RealDisk();

  /// A new empty file; what was there under that name is lost.
  SyncedOutput create(Path file) throws IOException;

  void createFolder(Path folder) throws IOException;

  /// Makes the names in a folder durable.
  void syncFolder(Path folder) throws IOException;

  /// Atomically; an existing file of the new name is replaced, a folder is not.
  void rename(Path from, Path to) throws IOException;

  /// A second name for a file.
  void link(Path name, Path existing) throws IOException;

  /// A file or an empty folder; nothing happens when it is gone already.
  void delete(Path path) throws IOException;

  /// A stream whose bytes are durable once [#sync()] returns.
  abstract class SyncedOutput extends FilterOutputStream {
    protected SyncedOutput(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    public abstract void sync() throws IOException;
  }

  /// The file system as it is.
  final class RealDisk implements Disk {
    private RealDisk() {}

    @Override
    public SyncedOutput create(Path file) throws IOException {
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING);
      return new SyncedOutput(Channels.newOutputStream(channel)) {
        @Override
        public void sync() throws IOException {
          flush();
          channel.force(true);
        }
      };
    }

    @Override
    public void createFolder(Path folder) throws IOException {
      Files.createDirectory(folder);
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void link(Path name, Path existing) throws IOException {
      Files.createLink(name, existing);
    }

    @Override
    public void delete(Path path) throws IOException {
      Files.deleteIfExists(path);
    }
  }
}
