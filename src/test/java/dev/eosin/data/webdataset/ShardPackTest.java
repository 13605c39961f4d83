package dev.eosin.data.webdataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.ByteSize;
import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.TinySource;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.WebDatasetFields;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardPackTest {
  private static final ByteSize SMALL = new ByteSize(12_000);

  @TempDir Path folder;

  @Test
  void whatIsPackedIsReadBackAsItWas() throws IOException {
    TinySource source = new TinySource(20, Set.of(0L, 7L, 19L));
    ShardPack.Summary summary = ShardPack.write(source, SMALL, folder);
    assertThat(summary.written()).isEqualTo(17);
    assertThat(summary.unreadable()).isEqualTo(3);
    assertThat(summary.shards()).isGreaterThan(2);
    Source packed = open();
    assertThat(packed.size()).isEqualTo(17);
    Sample sample = packed.get(6);
    assertThat(sample.key()).endsWith("000000008");
    Sample original = source.get(8);
    assertThat(sample.captions()).isEqualTo(original.captions());
    assertThat(sample.label()).isEqualTo(original.label());
    assertThat(sample.group()).isEqualTo(original.group());
    RgbImage tile = sample.image().read().toRgb();
    assertThat(tile.pixels()).isEqualTo(original.image().read().toRgb().pixels());
  }

  @Test
  void encodedImagesArePackedByteForByte() throws IOException {
    ShardPack.write(new TinySource(5, Set.of()), SMALL, folder.resolve("one"));
    Source first = open(folder.resolve("one"));
    ShardPack.write(first, SMALL, folder.resolve("two"));
    assertThat(open(folder.resolve("two")).get(4).image().encoded().orElseThrow())
        .isEqualTo(first.get(4).image().encoded().orElseThrow());
  }

  @Test
  void anInterruptedPackEndsWithTheSameBytes() throws IOException {
    TinySource source = new TinySource(20, Set.of(7L, 19L));
    int shards = ShardPack.write(source, SMALL, folder).shards();
    Path last = folder.resolve("%05d.tar".formatted(shards - 1));
    byte[] whole = Files.readAllBytes(last);
    Path first = folder.resolve("00000.tar");
    Files.delete(last);
    FileTime written = Files.getLastModifiedTime(first);
    ShardPack.Summary rest = ShardPack.write(source, SMALL, folder);
    assertThat(rest.kept()).isEqualTo(shards - 1);
    assertThat(Files.readAllBytes(last)).isEqualTo(whole);
    assertThat(Files.getLastModifiedTime(first)).isEqualTo(written);
    assertThat(ShardPack.write(source, SMALL, folder).written()).isZero();
  }

  @Test
  void aFolderOfOtherDataIsRefused() throws IOException {
    ShardPack.write(new TinySource(5, Set.of()), SMALL, folder);
    assertThatThrownBy(() -> ShardPack.write(new TinySource(6, Set.of()), SMALL, folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds shards of other data");
    Path empty = folder.resolve("empty");
    assertThatThrownBy(() -> ShardPack.write(new TinySource(1, Set.of(0L)), SMALL, empty))
        .hasMessageContaining("none of the 1 images can be read");
  }

  private Source open() throws IOException {
    return open(folder);
  }

  private static Source open(Path shards) throws IOException {
    WebDatasetFields fields =
        new WebDatasetFields(
            List.of("captions"), Optional.empty(), Optional.of("label"), Optional.of("group"));
    return Sources.open(
        new WebDatasetSettings(
            shards.toString(),
            fields,
            false,
            Map.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            false),
        new ImageDecoder());
  }
}
