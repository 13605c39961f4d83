package dev.eosin.curate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.data.Sample;
import dev.eosin.data.shard.ShardWriter;
import dev.eosin.image.Png;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.RowPictures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `pairs-00000.tar` and so on: of each row `ROW.jpg` (or its own ending), `ROW.txt` with the
/// caption, `ROW.json` with its fields, where ROW is its number in eight digits.
final class ShardPairs implements PairsWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final int shardRows;
  private final RowPictures pictures;
  private final Outputs outputs;
  private final List<WrittenFile.Entry> written = new ArrayList<>();
  private @Nullable Shard open;

  private record Shard(WrittenFile file, ShardWriter writer) {
    WrittenFile.Entry end() throws IOException {
      writer.finish();
      return file.end();
    }
  }

  ShardPairs(int shardRows, RowPictures pictures, Outputs outputs) {
    this.shardRows = shardRows;
    this.pictures = pictures;
    this.outputs = outputs;
  }

  @Override
  public void add(Candidate row, ObjectNode fields) throws IOException {
    byte[] image = image(row);
    Shard shard = shard();
    String name = "%08d".formatted(row.position());
    shard.writer().add(name + ending(image), image);
    shard.writer().add(name + ".txt", row.caption().getBytes(StandardCharsets.UTF_8));
    shard.writer().add(name + ".json", JSON.writeValueAsBytes(fields));
    shard.file().countRow();
  }

  private Shard shard() throws IOException {
    Shard shard = open;
    if (shard != null && shard.file().rows() >= shardRows) {
      written.add(shard.end());
      shard = null;
    }
    if (shard == null) {
      String name = "pairs-%05d.tar".formatted(written.size());
      WrittenFile file = new WrittenFile(name, outputs.open(name));
      shard = new Shard(file, new ShardWriter(file));
      open = shard;
    }
    return shard;
  }

  /// The image that the steps saw.
  private byte[] image(Candidate row) throws IOException {
    Sample.ImageReader reader = pictures.of(row.row()).orElseThrow();
    Optional<byte[]> encoded = reader.encoded();
    String before = row.image().orElseThrow().file();
    if (encoded.isPresent() && !RowJudge.digest(encoded.get()).equals(before)) {
      throw new DataException(
          "%s: the image is another than when the steps looked at it; restore it, or prepare into a new folder"
              .formatted(row.row().place()));
    }
    return encoded.isPresent() && !ending(encoded.get()).isEmpty()
        ? encoded.get()
        : Png.encode(reader.read().toRgb());
  }

  /// The ending of an encoded image's name; empty for one that WebDataset has none for.
  private static String ending(byte[] image) {
    String begin = new String(image, 0, Math.min(12, image.length), StandardCharsets.ISO_8859_1);
    if (begin.startsWith("\u00ff\u00d8\u00ff")) {
      return ".jpg";
    }
    if (begin.startsWith("\u0089PNG")) {
      return ".png";
    }
    if (begin.startsWith("RIFF") && begin.endsWith("WEBP")) {
      return ".webp";
    }
    return begin.startsWith("II*\0") || begin.startsWith("MM\0*") ? ".tif" : "";
  }

  @Override
  public List<WrittenFile.Entry> finish() throws IOException {
    Shard last = open;
    if (last != null) {
      written.add(last.end());
    }
    return List.copyOf(written);
  }
}
