package dev.eosin.data.shard;

import dev.eosin.config.ByteSize;
import dev.eosin.config.DataException;
import dev.eosin.fetch.Download;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Shards from servers, kept in a folder that several processes may share.
///
/// A shard is downloaded by one of them while the others wait for it. Who uses a shard holds a
/// shared lock on its byte of the file `.locks`, so that no other process evicts it; who downloads
/// one holds an exclusive lock on another byte, since those who still read a copy that vanished
/// must not keep it from coming back. A lock ends with its process. A shard that is here is taken
/// as it is: what lies under an address is not expected to change. Thread safe.
public final class ShardCache {
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_WAIT = Duration.ofHours(2);
  private static final String ENDING = ".tar";
  // Bytes of .locks: a shard's own for its use, this far behind it for its download.
  private static final long DOWNLOADS = 1L << 32;

  private final Path folder;
  private final ByteSize size;
  private final Download download;
  private final FileChannel locks;
  // Locks end when nothing refers to them.
  private final Map<Path, Lock> used = new ConcurrentHashMap<>();

  private record Kept(Path file, long bytes, FileTime lastUsed) {}

  private ShardCache(Path folder, ByteSize size, Download download, FileChannel locks) {
    this.folder = folder;
    this.size = size;
    this.download = download;
    this.locks = locks;
  }

  /// Opens a cache; a missing folder is made.
  ///
  /// @param download used as long as the cache is
  /// @throws DataException when the folder cannot be written
  public static ShardCache open(Path folder, ByteSize size, Download download)
      throws DataException {
    try {
      Files.createDirectories(folder);
      FileChannel locks =
          FileChannel.open(
              folder.resolve(".locks"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      return new ShardCache(folder, size, download, locks);
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  /// The local copy of a shard; it stays as long as what is returned is referred to.
  ///
  /// @throws DataException naming the address and the reason, or that the shards in use outgrow the
  ///   cache
  public ShardBytes open(URI shard, LocalShards local) throws DataException {
    Path file = folder.resolve(name(shard));
    long started = System.nanoTime();
    try {
      boolean fetched = false;
      while (!hold(file)) {
        fetched = fetch(shard, file) || fetched;
        if (System.nanoTime() - started > LONGEST_WAIT.toNanos()) {
          throw new DataException(
              "%s: another process holds it in %s but does not bring it".formatted(shard, folder));
        }
      }
      Files.setLastModifiedTime(marker(file), FileTime.fromMillis(System.currentTimeMillis()));
      if (fetched) {
        evict();
      }
      return new Held(shard, file, local.open(file), this);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataException(shard + ": interrupted while waiting for the shard", e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /// Where a shard's copy lies once it is here.
  public Path file(URI shard) {
    return folder.resolve(name(shard));
  }

  /// A shard that keeps the cache's locks alive.
  private record Held(URI address, Path file, ShardBytes shard, ShardCache cache)
      implements ShardBytes {
    @Override
    public String name() {
      return shard.name();
    }

    @Override
    public long size() {
      return shard.size();
    }

    @Override
    public long modifiedNanos() {
      return shard.modifiedNanos();
    }

    @Override
    public byte[] read(long position, int count) throws IOException {
      try {
        return shard.read(position, count);
      } catch (LostShardException e) {
        throw new LostShardException(
            "%s: its copy %s is %s the same command downloads it again and goes on"
                .formatted(
                    address, file, Files.exists(file) ? "cut; remove it, and then" : "gone;"),
            e);
      }
    }
  }

  private static String name(URI shard) {
    String path = String.valueOf(shard.getPath());
    CRC32C crc = new CRC32C();
    crc.update(shard.toString().getBytes(StandardCharsets.UTF_8));
    String last = path.substring(path.lastIndexOf('/') + 1).replaceAll("[^A-Za-z0-9._-]", "_");
    String stem = last.endsWith(ENDING) ? last.substring(0, last.length() - ENDING.length()) : last;
    return "%s-%08x%s".formatted(stem, crc.getValue(), ENDING);
  }

  /// Takes the shard into use; false when it is not here.
  private boolean hold(Path file) throws IOException, InterruptedException {
    if (used.containsKey(file)) {
      return true;
    }
    while (Files.exists(file)) {
      Lock lock = lock(place(file), true);
      if (lock.held() && Files.exists(file)) {
        used.put(file, lock);
        return true;
      }
      lock.release();
      Thread.sleep(PAUSE);
    }
    return false;
  }

  /// Downloads the shard, or waits a moment while somebody else does.
  private boolean fetch(URI shard, Path file) throws IOException, InterruptedException {
    Lock lock = lock(DOWNLOADS + place(file), false);
    try {
      if (!lock.held()) {
        Thread.sleep(PAUSE);
        return false;
      }
      if (Files.exists(file)) {
        return false;
      }
      download.to(file, shard, Download.Expected.anything());
      Files.write(marker(file), new byte[0]);
      return true;
    } finally {
      lock.release();
    }
  }

  /// A lock on one byte.
  ///
  /// @param lock null where another process holds it, or this one already does
  /// @param ours whether this process holds a shared one already
  private record Lock(@Nullable FileLock lock, boolean ours) {
    boolean held() {
      return lock != null || ours;
    }

    void release() throws IOException {
      if (lock != null) {
        lock.release();
      }
    }
  }

  private Lock lock(long place, boolean shared) throws IOException {
    try {
      return new Lock(locks.tryLock(place, 1, shared), false);
    } catch (OverlappingFileLockException held) {
      return new Lock(null, shared);
    }
  }

  private static long place(Path file) {
    CRC32C crc = new CRC32C();
    crc.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }

  /// Where the time of the last use is kept: a shard's own time is part of its index.
  private static Path marker(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".used");
  }

  private synchronized void evict() throws IOException {
    List<Kept> oldestFirst = kept();
    long total = oldestFirst.stream().mapToLong(Kept::bytes).sum();
    for (Kept shard : oldestFirst) {
      if (total > size.bytes() && isFree(shard.file)) {
        total -= shard.bytes;
      }
    }
    if (total > size.bytes()) {
      throw new DataException(
          "%s: the shards in use take %s and 'cache.size' is %s; raise it"
              .formatted(folder, new ByteSize(total), size));
    }
  }

  /// Removes a shard that nobody uses; false when somebody does.
  private boolean isFree(Path file) throws IOException {
    if (used.containsKey(file)) {
      return false;
    }
    Lock lock = lock(place(file), false);
    try {
      if (lock.held()) {
        Files.deleteIfExists(file);
        Files.deleteIfExists(new IndexStore(Optional.empty()).file(file));
        Files.deleteIfExists(marker(file));
      }
      return lock.held();
    } finally {
      lock.release();
    }
  }

  private List<Kept> kept() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Kept> all = new ArrayList<>();
      for (Path file : files.filter(each -> each.toString().endsWith(ENDING)).toList()) {
        kept(file).ifPresent(all::add);
      }
      all.sort(Comparator.comparing(Kept::lastUsed));
      return all;
    }
  }

  private static Optional<Kept> kept(Path file) throws IOException {
    try {
      Path marker = marker(file);
      FileTime lastUsed =
          Files.exists(marker) ? Files.getLastModifiedTime(marker) : FileTime.fromMillis(0);
      return Optional.of(new Kept(file, Files.size(file), lastUsed));
    } catch (NoSuchFileException evicted) {
      return Optional.empty();
    }
  }

  private static DataException failure(Path file, IOException e) {
    return new DataException(
        "%s: cannot be used as a cache: %s".formatted(file, e.getMessage()), e);
  }
}
