package dev.eosin.data.shard;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// A member read from its shard.
///
/// @param name as its header block has it
/// @param body its bytes
public record Member(String name, byte[] body) {
  /// Reads a member with its header, which must still say what the index says.
  ///
  /// @throws DataException naming the shard and the byte, when the shard is gone, shorter or
  ///   another than the one that was indexed
  public static Member read(ShardBytes shard, MemberPlace place) throws IOException {
    byte[] bytes = shard.read(place.header(), TarBlock.BYTES + place.size());
    TarBlock block = header(shard, place, bytes);
    return new Member(block.name(), Arrays.copyOfRange(bytes, TarBlock.BYTES, bytes.length));
  }

  /// The first member of a shard as Eosin writes them.
  ///
  /// @throws IOException when the shard cannot be read, or begins with no header of a file
  public static Member first(Path shard) throws IOException {
    try (InputStream in = Files.newInputStream(shard)) {
      TarBlock block = TarBlock.parse(in.readNBytes(TarBlock.BYTES), 0);
      return new Member(block.name(), in.readNBytes(Math.toIntExact(block.size())));
    }
  }

  /// What names the sample, by the header block of one of its members.
  public static String key(String name) {
    return SampleName.of(name).map(SampleName::key).orElse(name);
  }

  private static TarBlock header(ShardBytes shard, MemberPlace place, byte[] bytes)
      throws DataException {
    try {
      TarBlock block = TarBlock.parse(bytes, 0);
      if (block.size() != place.size()) {
        throw new DataException(
            "the header gives %d bytes, the index %d".formatted(block.size(), place.size()));
      }
      return block;
    } catch (DataException e) {
      throw new DataException(
          "%s: byte %d: the shard was changed after it was opened: %s"
              .formatted(shard.name(), place.header(), e.getMessage()),
          e);
    }
  }
}
