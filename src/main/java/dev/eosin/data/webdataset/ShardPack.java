package dev.eosin.data.webdataset;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.ByteSize;
import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.shard.IndexStore;
import dev.eosin.data.shard.LocalShards;
import dev.eosin.data.shard.Member;
import dev.eosin.data.shard.Part;
import dev.eosin.data.shard.ShardBytes;
import dev.eosin.data.shard.ShardIndex;
import dev.eosin.data.shard.ShardWriter;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.image.Png;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Packs the samples of a source into tar shards: the encoded image as it is (a PNG where the
/// source has no encoded one), `.txt` with the first caption, `.json` with everything.
///
/// Shards appear under their name only when they are whole, with their index. A pack that was
/// interrupted goes on behind the last whole shard and ends with the same bytes.
public final class ShardPack {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PLAN = "pack.json";

  private final Source source;
  private final Path folder;
  private final ByteSize shardSize;
  private long position;
  private long written;
  private long unreadable;
  private String firstReason = "";
  private Optional<Packed> pending = Optional.empty();

  private ShardPack(Source source, Path folder, ByteSize shardSize) {
    this.source = source;
    this.folder = folder;
    this.shardSize = shardSize;
  }

  /// What a pack did.
  ///
  /// @param shards in the folder now
  /// @param kept of these, how many were there before
  /// @param written number of samples
  /// @param unreadable number of samples left out because their image cannot be read
  public record Summary(int shards, int kept, long written, long unreadable) {}

  private record Packed(long index, Map<String, byte[]> members) {
    long space() {
      return members.values().stream().mapToLong(ShardWriter::space).sum();
    }
  }

  /// Writes `00000.tar` and so on.
  ///
  /// @param shardSize what a shard may have, in bytes; one with a single sample may have more
  /// @param folder made if it is missing
  /// @throws DataException when the folder holds another pack or cannot be written, or no image can
  ///   be read
  public static Summary write(Source source, ByteSize shardSize, Path folder) throws DataException {
    return new ShardPack(source, folder, shardSize).run();
  }

  private Summary run() throws DataException {
    plan();
    int shard = 0;
    int kept = 0;
    while (peek().isPresent()) {
      Path file = folder.resolve("%05d.tar".formatted(shard));
      if (Files.exists(file)) {
        kept++;
      } else {
        writeShard(file);
      }
      skipTo(lastIndex(file) + 1);
      shard++;
    }
    if (shard == 0) {
      throw new DataException(
          "none of the %d images can be read; first: %s".formatted(unreadable, firstReason));
    }
    return new Summary(shard, kept, written, unreadable);
  }

  /// A folder belongs to one source and one size.
  private void plan() throws DataException {
    ObjectNode plan = JSON.createObjectNode();
    plan.put("fingerprint", source.fingerprint()).put("shard_bytes", shardSize.bytes());
    Path file = folder.resolve(PLAN);
    try {
      if (!Files.exists(file)) {
        AtomicFile.write(file, FileContent.text(plan.toPrettyString()));
      } else if (!plan.toString().equals(JSON.readTree(Files.readAllBytes(file)).toString())) {
        throw new DataException(
            "%s: holds shards of other data or another size; name another folder"
                .formatted(folder));
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("%s: cannot be read: %s".formatted(file, AtomicFile.reason(e)), e);
    }
  }

  private void writeShard(Path file) throws DataException {
    AtomicFile.write(
        file,
        out -> {
          ShardWriter shard = new ShardWriter(out);
          long before = written;
          for (Optional<Packed> next = peek(); next.isPresent(); next = peek()) {
            Packed sample = next.get();
            if (written > before && shard.bytes() + sample.space() > shardSize.bytes()) {
              break;
            }
            for (Map.Entry<String, byte[]> member : sample.members().entrySet()) {
              shard.add(name(sample.index()) + member.getKey(), member.getValue());
            }
            written++;
            pending = Optional.empty();
          }
          shard.finish();
        });
  }

  private static String name(long index) {
    return "%09d".formatted(index);
  }

  /// Reads back a shard's headers, which checks and indexes it.
  private long lastIndex(Path file) throws DataException {
    try {
      ShardBytes bytes = new LocalShards().open(file);
      ShardIndex index = new IndexStore(Optional.empty()).open(bytes, file).index();
      Member last = Member.read(bytes, index.place(index.size() - 1, Part.JSON).orElseThrow());
      return Long.parseLong(Member.key(last.name()));
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new DataException(
          "%s: is no shard of this pack (%s); remove it".formatted(file, e.getMessage()), e);
    }
  }

  private void skipTo(long index) {
    if (pending.isPresent() && pending.get().index() < index) {
      pending = Optional.empty();
    }
    position = Math.max(position, index);
  }

  /// The next sample that can be read; it stays the next until it is written or skipped.
  private Optional<Packed> peek() {
    while (pending.isEmpty() && position < source.size()) {
      long index = position++;
      try {
        pending = Optional.of(new Packed(index, members(source.get(index))));
      } catch (IOException e) {
        firstReason = unreadable == 0 ? String.valueOf(e.getMessage()) : firstReason;
        unreadable++;
      }
    }
    return pending;
  }

  private static Map<String, byte[]> members(Sample sample) throws IOException {
    Optional<byte[]> encoded = sample.pair().image().encoded();
    byte[] image = encoded.isPresent() ? encoded.get() : Png.encode(sample.image().read().toRgb());
    Map<String, byte[]> members = new LinkedHashMap<>();
    members.put(ending(sample, image), image);
    if (!sample.captions().isEmpty()) {
      String first = sample.captions().getFirst().text();
      members.put(".txt", first.getBytes(StandardCharsets.UTF_8));
    }
    members.put(".json", JSON.writeValueAsBytes(json(sample)));
    return members;
  }

  private static ObjectNode json(Sample sample) {
    ObjectNode json = JSON.createObjectNode().put("key", sample.key());
    ArrayNode captions = json.putArray("captions");
    for (Caption caption : sample.captions()) {
      captions.addObject().put("text", caption.text()).put("weight", caption.weight());
    }
    sample.label().ifPresent(label -> json.put("label", label));
    sample.group().ifPresent(group -> json.put("group", group));
    return json;
  }

  private static String ending(Sample sample, byte[] image) throws DataException {
    List<String> starts = new ArrayList<>();
    for (int length : new int[] {2, 4}) {
      starts.add(new String(image, 0, Math.min(length, image.length), StandardCharsets.ISO_8859_1));
    }
    if (starts.getFirst().equals("\u00FF\u00D8")) {
      return ".jpg";
    }
    return switch (starts.getLast()) {
      case "\u0089PNG" -> ".png";
      case "II*\0", "MM\0*", "II+\0", "MM\0+" -> ".tif";
      case "RIFF" -> ".webp";
      case "GIF8" -> ".gif";
      default -> {
        if (starts.getFirst().equals("BM")) {
          yield ".bmp";
        }
        throw new DataException(sample.key() + ": not a JPEG, PNG, TIFF, WebP, BMP or GIF image");
      }
    };
  }
}
