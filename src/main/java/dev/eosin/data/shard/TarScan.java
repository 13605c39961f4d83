package dev.eosin.data.shard;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Walks over the files in a tar file, reading headers and jumping over bodies.
///
/// Read are ustar, GNU and pax tars; folders and notes on the whole tar are passed over. Refused
/// are links (the sample would silently lack a part), sparse and multi-volume files, devices, a
/// body that goes past the end, and a tar without the empty block that ends every whole one. Memory
/// stays constant whatever the headers claim.
final class TarScan {
  private static final int LONGEST_EXTENSION = 1 << 20;
  private static final long LARGEST_OCTAL = (1L << 33) - 1;
  private static final int BEHIND_END_SEARCHED = 1 << 20;

  private final ShardBytes file;
  private byte[] window = new byte[0];
  private long windowStart;
  private long position;
  private long lastHeader;
  private PaxRecords extension = PaxRecords.NONE;

  TarScan(ShardBytes file) {
    this.file = file;
  }

  /// Position of the last header block that was read, in bytes.
  long lastHeader() {
    return lastHeader;
  }

  /// The next file; empty at the end.
  ///
  /// @throws DataException naming the shard, the byte and the reason
  /// @throws IOException naming the shard, when it cannot be read
  Optional<TarMember> next() throws IOException {
    while (true) {
      int at = load(position);
      if (TarBlock.isEmpty(window, at)) {
        checkEnd();
        return Optional.empty();
      }
      lastHeader = position;
      TarBlock block = parse(at);
      Optional<TarMember> member = visit(block);
      if (member.isPresent()) {
        return member;
      }
    }
  }

  private TarBlock parse(int at) throws DataException {
    try {
      return TarBlock.parse(window, at);
    } catch (DataException e) {
      throw broken(position, e.getMessage());
    }
  }

  private Optional<TarMember> visit(TarBlock block) throws IOException {
    return switch (block.type()) {
      case '0', '7' -> Optional.of(file(block));
      case '5' -> skip(block);
      case 'V' -> skip(block);
      case 'x' -> extend(extension.with(pax(block)), block);
      case 'g' -> global(block);
      case 'L' -> extend(extension.withName(gnuName(block)), block);
      case 'K' -> extend(extension, block);
      case '1', '2' ->
          throw broken(
              position,
              "'%s' is a link; write shards with the files themselves (tar --dereference"
                      .formatted(name(block))
                  + " --hard-dereference)");
      case 'S' -> throw broken(position, "'%s' is a sparse file".formatted(name(block)));
      case 'M' ->
          throw broken(position, "'%s' continues a file of another volume".formatted(name(block)));
      default ->
          throw broken(
              position,
              "'%s' has the type '%s'; a shard holds files only"
                  .formatted(name(block), printable(block.type())));
    };
  }

  private TarMember file(TarBlock block) throws DataException {
    if (extension.sparse()) {
      throw broken(position, "'%s' is a sparse file".formatted(name(block)));
    }
    long size = extension.size().orElse(block.size());
    if (size != block.size() && size <= LARGEST_OCTAL) {
      throw broken(
          position,
          "'%s' has %d bytes by its header and %d by its extended header"
              .formatted(name(block), block.size(), size));
    }
    TarMember member = new TarMember(name(block), position, size, extension.name().isPresent());
    advance(new TarBlock(block.name(), size, block.type()));
    extension = PaxRecords.NONE;
    return member;
  }

  private String name(TarBlock block) {
    return extension.name().orElse(block.name());
  }

  private Optional<TarMember> skip(TarBlock block) throws DataException {
    // A folder's size is no body: POSIX lets it stand for the space the folder may take.
    advance(block.type() == '5' ? new TarBlock(block.name(), 0, block.type()) : block);
    extension = PaxRecords.NONE;
    return Optional.empty();
  }

  private Optional<TarMember> extend(PaxRecords records, TarBlock block) throws DataException {
    extension = records;
    advance(block);
    return Optional.empty();
  }

  private String gnuName(TarBlock block) throws IOException {
    byte[] body = extensionBody(block);
    return TarBlock.text(body, 0, body.length);
  }

  private byte[] extensionBody(TarBlock block) throws IOException {
    if (block.size() > LONGEST_EXTENSION) {
      throw broken(position, "a name or attribute header of %,d bytes".formatted(block.size()));
    }
    if (position + TarBlock.BYTES + block.size() > file.size()) {
      throw truncated(block);
    }
    return file.read(position + TarBlock.BYTES, (int) block.size());
  }

  private PaxRecords pax(TarBlock block) throws IOException {
    byte[] body = extensionBody(block);
    try {
      return PaxRecords.parse(body);
    } catch (PaxRecords.Malformed e) {
      throw broken(position, e.getMessage());
    }
  }

  /// A header for all later members: git writes its commit there. It may not name or measure them.
  private Optional<TarMember> global(TarBlock block) throws IOException {
    if (!pax(block).equals(PaxRecords.NONE)) {
      throw broken(position, "a global header that gives all members one name or size");
    }
    return extend(extension, block);
  }

  private void advance(TarBlock block) throws DataException {
    long body = position + TarBlock.BYTES;
    if (block.size() > file.size() - body) {
      throw truncated(block);
    }
    position = body + block.paddedSize();
  }

  private DataException truncated(TarBlock block) {
    return broken(
        position,
        "'%s' should have %,d bytes but the shard ends at byte %d; it is truncated, or the size"
                .formatted(name(block), block.size(), file.size())
            + " is wrong");
  }

  private int load(long at) throws IOException {
    if (at + TarBlock.BYTES > file.size()) {
      throw broken(
          at,
          "the shard ends at byte %d without the empty block that ends a tar; it is truncated"
              .formatted(file.size()));
    }
    if (at < windowStart || at + TarBlock.BYTES > windowStart + window.length) {
      int count = (int) Math.min(file.headerWindow(), file.size() - at);
      window = file.read(at, count);
      windowStart = at;
    }
    return (int) (at - windowStart);
  }

  /// A second tar behind the first would be silently ignored.
  private void checkEnd() throws IOException {
    int count = (int) Math.min(BEHIND_END_SEARCHED, file.size() - position);
    byte[] rest = file.read(position, count);
    for (int i = 0; i < count; i++) {
      if (rest[i] != 0) {
        throw broken(
            position,
            "the tar ends here but more bytes follow at %d; if tars were joined, join their"
                    .formatted(position + i)
                + " members instead");
      }
    }
  }

  private DataException broken(long at, @Nullable String reason) {
    return new DataException("%s: broken shard: byte %d: %s".formatted(file.name(), at, reason));
  }

  private static String printable(char type) {
    return type > ' ' && type < 127 ? String.valueOf(type) : "0x%02x".formatted((int) type);
  }
}
