package dev.eosin.data.shard;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/// Keeps the index of each shard in a file, so that the shard is scanned once.
///
/// @param folder for index files; without it each lies beside its shard
public record IndexStore(Optional<Path> folder) {
  private static final String ENDING = ".eosin-index";
  private static final long LARGEST = 1L << 30;

  /// An index and what there is to say of its file.
  ///
  /// @param passedOver members of the shard that are no part of a sample
  /// @param unkept why the index could not be kept; it is made again at the next start
  public record Opened(ShardIndex index, List<PassedOver> passedOver, Optional<String> unkept) {
    public Opened {
      passedOver = List.copyOf(passedOver);
    }
  }

  /// The index of a shard: the kept one where it is intact and fits the shard, else a new one.
  ///
  /// @param place the shard's path, or where a remote one would lie
  /// @throws DataException naming the shard, the byte and the reason, when it is broken
  /// @throws IOException naming the shard, when it cannot be read
  public Opened open(ShardBytes shard, Path place) throws IOException {
    Path file = file(place);
    Optional<IndexFile> kept = read(file);
    if (kept.isPresent() && kept.get().stamp().fits(shard)) {
      return new Opened(kept.get().index(), kept.get().passedOver(), Optional.empty());
    }
    SampleScan.Result scanned = SampleScan.run(shard);
    ShardStamp stamp = ShardStamp.of(shard, scanned.lastHeader());
    byte[] bytes = new IndexFile(stamp, scanned.index(), scanned.passedOver()).bytes();
    try {
      AtomicFile.write(file, out -> out.write(bytes));
      return new Opened(scanned.index(), scanned.passedOver(), Optional.empty());
    } catch (DataException e) {
      return new Opened(
          scanned.index(), scanned.passedOver(), Optional.of(String.valueOf(e.getMessage())));
    }
  }

  /// Where the index of a shard is kept. Names in a folder carry a hash of the shard's path: shards
  /// of one name in two folders have two indices.
  Path file(Path place) {
    Path name = place.toAbsolutePath().normalize();
    if (folder.isEmpty()) {
      return name.resolveSibling(name.getFileName() + ENDING);
    }
    CRC32C crc = new CRC32C();
    crc.update(name.toString().getBytes(StandardCharsets.UTF_8));
    return folder.get().resolve("%s.%08x%s".formatted(name.getFileName(), crc.getValue(), ENDING));
  }

  private static Optional<IndexFile> read(Path file) {
    try {
      return Files.isRegularFile(file) && Files.size(file) <= LARGEST
          ? IndexFile.parse(Files.readAllBytes(file))
          : Optional.empty();
    } catch (IOException unreadable) {
      // As good as none: it is made anew, and what hinders reading then hinders writing.
      return Optional.empty();
    }
  }
}
