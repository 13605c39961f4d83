package dev.eosin.data.shard;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Shards on a file system, read in place; a bounded number of them is open. Thread safe.
public final class LocalShards {
  private static final int OPEN_FILES = 64;

  private final OpenFiles files = new OpenFiles(OPEN_FILES);

  /// A shard as it is now.
  ///
  /// @throws DataException when there is no such file
  public ShardBytes open(Path file) throws DataException {
    try {
      if (!Files.isRegularFile(file)) {
        throw new DataException(file + ": no such shard");
      }
      long modified = Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
      return new LocalShard(this, file, Files.size(file), modified);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private record LocalShard(LocalShards shards, Path file, long size, long modifiedNanos)
      implements ShardBytes {
    @Override
    public String name() {
      return file.toString();
    }

    @Override
    public byte[] read(long position, int count) throws IOException {
      try {
        return shards.files.read(file, channel -> exactly(channel, position, count));
      } catch (NoSuchFileException e) {
        throw new LostShardException(
            file + ": the shard is gone; put it back, and the same command goes on", e);
      } catch (EOFException e) {
        throw new LostShardException(
            "%s: the shard %s; restore it, and the same command goes on"
                .formatted(file, e.getMessage()),
            e);
      } catch (IOException e) {
        throw new DataException(
            "%s: %d bytes from byte %d cannot be read: %s"
                .formatted(file, count, position, AtomicFile.reason(e)),
            e);
      }
    }

    private static byte[] exactly(FileChannel channel, long position, int count)
        throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(count);
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, position + bytes.position()) < 0) {
          throw new EOFException(
              "ends at byte %d; %d bytes from byte %d on were expected"
                  .formatted(position + bytes.position(), count, position));
        }
      }
      return bytes.array();
    }
  }
}
