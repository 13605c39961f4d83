package dev.eosin.data.shard;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/// Groups the members of a shard into samples: neighbours with the same key are one.
final class SampleScan {
  private static final List<String> IMAGES =
      List.of("jpg", "png", "jpeg", "webp", "tif", "tiff", "bmp", "gif", "jp2");
  private static final int LONGEST_TEXT = 1 << 24;

  private final ShardBytes file;
  private final TarScan members;
  private final ShardIndexBuilder index = new ShardIndexBuilder(EnumSet.allOf(Part.class));
  private final EnumSet<Part> parts = EnumSet.noneOf(Part.class);
  private String key = "";
  private int imageRank;

  private SampleScan(ShardBytes file) {
    this.file = file;
    this.members = new TarScan(file);
  }

  /// What a scan found.
  ///
  /// @param lastHeader position of the last header block, in bytes
  record Result(ShardIndex index, long lastHeader) {}

  /// Reads all headers of a shard.
  ///
  /// @throws DataException naming the shard, the byte and the reason, when it is broken
  static Result run(ShardBytes file) throws IOException {
    SampleScan scan = new SampleScan(file);
    for (var member = scan.members.next(); member.isPresent(); member = scan.members.next()) {
      scan.visit(member.get());
    }
    return new Result(scan.index.build(), scan.members.lastHeader());
  }

  private void visit(TarMember member) throws DataException {
    Optional<SampleName> name = SampleName.of(member.name());
    if (name.isPresent()) {
      int rank = IMAGES.indexOf(name.get().suffix());
      Optional<Part> part = part(name.get().suffix(), rank);
      if (part.isPresent()) {
        put(member, name.get(), part.get(), rank);
      }
    }
  }

  private static Optional<Part> part(String suffix, int rank) {
    return switch (suffix) {
      case "txt" -> Optional.of(Part.TEXT);
      case "json" -> Optional.of(Part.JSON);
      case "cls" -> Optional.of(Part.LABEL);
      default -> rank < 0 ? Optional.empty() : Optional.of(Part.IMAGE);
    };
  }

  private void put(TarMember member, SampleName name, Part part, int rank) throws DataException {
    checkSize(member, part);
    if (index.isEmpty() || !name.key().equals(key)) {
      index.begin();
      parts.clear();
      key = name.key();
    }
    boolean first = parts.add(part);
    if (!first && (part != Part.IMAGE || rank == imageRank)) {
      throw broken(member, "'%s' is there twice".formatted(member.name()));
    }
    if (member.extended()) {
      index.name(key);
    }
    if (first || rank < imageRank) {
      index.put(part, (int) (member.header() / TarBlock.BYTES), (int) member.size());
      imageRank = part == Part.IMAGE ? rank : imageRank;
    }
  }

  private void checkSize(TarMember member, Part part) throws DataException {
    long most = part == Part.IMAGE ? Integer.MAX_VALUE - TarBlock.BYTES : LONGEST_TEXT;
    if (member.size() > most) {
      throw broken(
          member,
          "'%s' has %,d bytes; at most %,d can be read"
              .formatted(member.name(), member.size(), most));
    }
    if (member.header() / TarBlock.BYTES > Integer.MAX_VALUE) {
      throw broken(member, "the shard is larger than 1 TiB; split it");
    }
  }

  private DataException broken(TarMember member, String reason) {
    return new DataException(
        "%s: broken shard: byte %d: %s".formatted(file.name(), member.header(), reason));
  }
}
