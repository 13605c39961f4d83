package dev.eosin.data.webdataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.FlawedServer;
import dev.eosin.FlawedServer.Fault;
import dev.eosin.config.ByteSize;
import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.ShardCacheSettings;
import dev.eosin.data.settings.WebDatasetFields;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.data.shard.LostShardException;
import dev.eosin.data.shard.TarBytes;
import dev.eosin.fetch.Patience;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Shards on a server of this machine that fails as it is told.
class RemoteShardsTest {
  private static final Patience PATIENCE =
      new Patience(
          3,
          Duration.ofMillis(1),
          Duration.ofMillis(2),
          Duration.ofSeconds(20),
          Duration.ofMinutes(1));
  private static final ByteSize ROOM = new ByteSize(1_000_000);

  @TempDir Path folder;
  private FlawedServer server;

  @BeforeEach
  void serve() throws IOException {
    server = new FlawedServer();
    for (int shard = 0; shard < 3; shard++) {
      TarBytes tar = new TarBytes();
      for (int i = 0; i < 4; i++) {
        tar.file(i + ".jpg", new byte[20_000])
            .file(i + ".txt", "Caption %d/%d".formatted(shard, i));
      }
      server.put("/s-%d.tar".formatted(shard), tar.bytes());
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void shardsComeOnceAndAreThenReadWithoutTheServer() throws IOException {
    Source first = open("/s-{0..2}.tar", ROOM);
    assertThat(first.size()).isEqualTo(12);
    assertThat(server.requests()).hasSize(3);
    server.close();
    Source again = open("/s-{0..2}.tar", ROOM);
    assertThat(again.fingerprint()).isEqualTo(first.fingerprint());
    assertThat(again.get(7).texts()).containsExactly("Caption 1/3");
    assertThat(again.get(7).key()).isEqualTo("s-1.tar/3");
    assertThat(again.get(7).image().encoded().orElseThrow()).hasSize(20_000);
  }

  @Test
  void brokenConnectionsAndBusyServersAreOutlasted() throws IOException {
    server.fail(
        new Fault.Break(3_000),
        new Fault.Status(503, Map.of()),
        new Fault.Whole(),
        new Fault.Break(1));
    assertThat(open("/s-{0..0}.tar", ROOM).get(3).texts()).containsExactly("Caption 0/3");
    assertThat(server.requests().get(1).range()).isEqualTo("bytes=3000-");
  }

  @Test
  void aShardThatCannotBeHadIsNamed() {
    assertThatThrownBy(() -> open("/s-{2..3}.tar", ROOM))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(server.uri("/s-3.tar") + ": the server answers 404: no such file");
    server.fail(new Fault.Announce(9), new Fault.Announce(9), new Fault.Announce(9));
    assertThatThrownBy(() -> open("/s-1.tar", ROOM))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(server.uri("/s-1.tar") + ": ")
        .hasMessageContaining("3 attempts in vain");
    assertThat(shards()).noneMatch(name -> name.startsWith("s-1"));
  }

  /// A copy that is open stays readable; of the others the run is told, and the next one fetches
  /// them again.
  @Test
  void copiesThatVanishAreDownloadedAgainByTheNextRun() throws IOException {
    int open = 64;
    for (int shard = 0; shard < open + 2; shard++) {
      TarBytes tar = new TarBytes().file("0.jpg", new byte[9]).file("0.txt", "Caption " + shard);
      server.put("/m-%02d.tar".formatted(shard), tar.bytes());
    }
    Source source = open("/m-{00..65}.tar", ROOM);
    for (String copy : shards()) {
      Files.delete(folder.resolve(copy));
    }
    List<String> lost = new ArrayList<>();
    for (int shard = 0; shard < source.size(); shard++) {
      Sample sample = source.get(shard);
      if (sample.captions().isEmpty()) {
        assertThatThrownBy(() -> sample.image().read())
            .isInstanceOf(LostShardException.class)
            .hasMessageMatching(
                server.uri("/m-") + ".*: its copy .* is gone; the same command .* goes on");
        lost.add(sample.key());
      }
    }
    assertThat(lost).hasSize(2);
    Source again = open("/m-{00..65}.tar", ROOM);
    assertThat(again.fingerprint()).isEqualTo(source.fingerprint());
    assertThat(again.get(65).texts()).containsExactly("Caption 65");
  }

  @Test
  void aCopyThatIsCutIsNamedWithItsAddress() throws IOException {
    Source source = open("/s-{0..1}.tar", ROOM);
    Path copy = folder.resolve(shards().getFirst());
    Files.write(copy, new byte[512]);
    assertThatThrownBy(
            () ->
                source.get(copy.getFileName().toString().startsWith("s-0") ? 3 : 7).image().read())
        .isInstanceOf(LostShardException.class)
        .hasMessageContainingAll(server.uri("/s-").toString(), copy + " is cut; remove it, and");
  }

  @Test
  void severalReadersWaitForOneDownload() {
    List<CompletableFuture<Source>> readers =
        Stream.generate(() -> CompletableFuture.supplyAsync(() -> unchecked("/s-0.tar")))
            .limit(4)
            .toList();
    readers.forEach(reader -> assertThat(reader.join().size()).isEqualTo(4));
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void whatWasUsedLongestAgoGoesButNothingInUse() throws IOException {
    ByteSize room = new ByteSize(200_000);
    Source used = open("/s-0.tar", room);
    String old = "s-older-0.tar";
    Files.write(folder.resolve(old), new byte[60_000]);
    Files.setLastModifiedTime(folder.resolve(old), FileTime.fromMillis(5));
    Source alsoUsed = open("/s-1.tar", room);
    assertThat(shards()).hasSize(2).noneMatch(old::equals);
    assertThatThrownBy(() -> open("/s-2.tar", room))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'cache.size' is 0.2 MB; raise it");
    assertThat(used.get(0).texts()).containsExactly("Caption 0/0");
    assertThat(alsoUsed.get(0).texts()).containsExactly("Caption 1/0");
  }

  private Source unchecked(String path) {
    try {
      return open(path, ROOM);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Source open(String path, ByteSize size) throws IOException {
    WebDatasetSettings settings =
        new WebDatasetSettings(
            server.uri("") + path,
            new WebDatasetFields(List.of(), Optional.empty(), Optional.empty(), Optional.empty()),
            false,
            Map.of(),
            List.of(),
            Optional.empty(),
            Optional.of(new ShardCacheSettings(folder, size)),
            false);
    ShardSet shards = ShardFiles.open(settings, PATIENCE);
    return WebDatasetSource.of(settings, new ImageDecoder(), shards);
  }

  private List<String> shards() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".tar"))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
