package dev.eosin.data.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexStoreTest {
  private static final String LONG = "slide/" + "x".repeat(200) + "/tile";

  @TempDir Path folder;
  private Path shard = Path.of("");

  @BeforeEach
  void writeShard() throws IOException {
    shard = folder.resolve("a.tar");
    Files.write(shard, tar("one").bytes());
  }

  @Test
  void aKeptIndexIsReadAndNotMadeAgain() throws IOException {
    IndexStore store = new IndexStore(Optional.empty());
    ShardIndex index = open(store);
    Path kept = folder.resolve("a.tar.eosin-index");
    FileTime written = FileTime.fromMillis(1);
    Files.setLastModifiedTime(kept, written);
    assertThat(open(store).checksum()).isEqualTo(index.checksum());
    assertThat(Files.getLastModifiedTime(kept)).isEqualTo(written);
    assertThat(index.size()).isEqualTo(3);
    assertThat(index.longName(1)).isEmpty();
    assertThat(open(store).longName(2)).contains(LONG);
  }

  @Test
  void anotherShardUnderTheNameIsIndexedAnew() throws IOException {
    IndexStore store = new IndexStore(Optional.empty());
    open(store);
    FileTime before = Files.getLastModifiedTime(shard);
    // As long as the one before and as old: the header blocks alone tell.
    Files.write(shard, tar("two").bytes());
    Files.setLastModifiedTime(shard, before);
    ShardIndex index = open(store);
    assertThat(index.place(0, Part.TEXT)).isPresent();
    assertThat(Member.read(new LocalShards().open(shard), index.place(0, Part.TEXT).orElseThrow()))
        .satisfies(member -> assertThat(member.name()).isEqualTo("two.txt"));
  }

  @Test
  void aDamagedIndexIsMadeAnew() throws IOException {
    IndexStore store = new IndexStore(Optional.empty());
    long checksum = open(store).checksum();
    Path kept = store.file(shard);
    byte[] good = Files.readAllBytes(kept);
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      int length = random.nextInt(4) == 0 ? random.nextInt(bad.length) : bad.length;
      assertThat(IndexFile.parse(java.util.Arrays.copyOf(bad, length))).isEmpty();
    }
    Files.write(kept, new byte[70]);
    assertThat(open(store).checksum()).isEqualTo(checksum);
    assertThat(Files.readAllBytes(kept)).isEqualTo(good);
  }

  @Test
  void anIndexGoesToTheFolderOfChoiceOrStaysInMemory() throws IOException {
    IndexStore store = new IndexStore(Optional.of(folder.resolve("new/indices")));
    open(store);
    assertThat(store.file(shard)).exists().hasParent(folder.resolve("new/indices"));
    assertThat(folder.resolve("a.tar.eosin-index")).doesNotExist();
    // A file where the folder should be.
    IndexStore hindered = new IndexStore(Optional.of(shard));
    IndexStore.Opened opened = hindered.open(new LocalShards().open(shard), shard);
    assertThat(opened.index().size()).isEqualTo(3);
    assertThat(opened.unkept().orElseThrow()).contains("cannot be written");
  }

  private ShardIndex open(IndexStore store) throws IOException {
    IndexStore.Opened opened = store.open(new LocalShards().open(shard), shard);
    assertThat(opened.unkept()).isEmpty();
    return opened.index();
  }

  private static TarBytes tar(String first) throws IOException {
    return new TarBytes()
        .file(first + ".jpg", "image")
        .file(first + ".txt", "caption")
        .file("next.png", "image")
        .file(LONG + ".jpg", "image")
        .file(LONG + ".json", "{}");
  }
}
