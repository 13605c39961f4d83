package dev.eosin.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.FlawedServer;
import dev.eosin.FlawedServer.Fault;
import dev.eosin.config.DataException;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Downloads from a server on this machine that fails in every way a server can.
class DownloadTest {
  private static final Patience SHORT =
      new Patience(
          3,
          Duration.ofMillis(1),
          Duration.ofMillis(2),
          Duration.ofSeconds(20),
          Duration.ofMinutes(1));

  private static final byte[] BYTES = bytes(300_000, 7);
  private static final String NAME = "/models/a.bin";

  private final List<String> retries = new ArrayList<>();
  private final FlawedServer server;

  @TempDir private Path folder;
  private Path target = Path.of("");

  DownloadTest() throws IOException {
    server = new FlawedServer();
  }

  @BeforeEach
  void serve() {
    target = folder.resolve("cache/a.bin");
    server.put(NAME, BYTES);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aFileComesWholeUnderItsName() throws IOException {
    Download.Result result = fetch();
    assertThat(target).hasBinaryContent(BYTES);
    assertThat(result.digest()).isEqualTo(new FileDigest(BYTES.length, sha256(BYTES)));
    assertThat(result.serverSha256()).isEmpty();
    assertOnlyTheTargetIsLeft();
  }

  @Test
  void aNameThatLeadsToNoServerIsGivenUpSoon() {
    Patience long10 =
        new Patience(
            10,
            Duration.ofMillis(1),
            Duration.ofMillis(2),
            Duration.ofSeconds(20),
            Duration.ofMinutes(10));
    try (Download download = new Download(long10, Download.Progress.silent())) {
      URI nowhere = URI.create("http://no-such-server.invalid/a.bin");
      assertThatThrownBy(() -> download.to(target, nowhere, Download.Expected.anything()))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("the name of the server no-such-server.invalid is not known here")
          .hasMessageContaining("(3 attempts in vain)");
    }
  }

  @Test
  void aBrokenConnectionGoesOnWhereItEnded() throws IOException {
    server.fail(new Fault.Break(100_000), new Fault.Break(50_000));
    fetch(known(sha256(BYTES)));
    assertThat(target).hasBinaryContent(BYTES);
    assertThat(server.requests().getFirst().range()).isNull();
    assertThat(server.requests().stream().skip(1).map(FlawedServer.Seen::range))
        .hasSize(2)
        .allSatisfy(range -> assertThat(range).matches("bytes=[1-9][0-9]*-"));
    assertThat(retries).hasSize(2);
    assertOnlyTheTargetIsLeft();
  }

  @Test
  void aLaterProcessGoesOnToo() throws IOException {
    server.fail(new Fault.Break(120_000), status(503), status(503), status(503));
    assertThatThrownBy(this::fetch).hasMessageContaining("503");
    assertThat(target).doesNotExist();
    fetch();
    assertThat(target).hasBinaryContent(BYTES);
    assertThat(server.requests().getLast().range()).isEqualTo("bytes=120000-");
  }

  @Test
  void aFileThatChangedOnTheServerStartsAnew() throws IOException {
    server.fail(new Fault.Break(120_000), status(503), status(503), status(503));
    assertThatThrownBy(this::fetch).isInstanceOf(DataException.class);
    byte[] changed = bytes(200_000, 8);
    server.put(NAME, changed);
    fetch();
    assertThat(target).hasBinaryContent(changed);
  }

  @Test
  void aProcessThatEndedBeforeTheLastStepNeedsNoByteMore() throws IOException {
    fetch();
    Path whole = target.resolveSibling(".a.bin.download");
    Files.move(target, whole);
    Files.writeString(
        target.resolveSibling(".a.bin.download.version"),
        "\"" + java.util.Arrays.hashCode(BYTES) + "\"");
    fetch(known(sha256(BYTES)));
    assertThat(target).hasBinaryContent(BYTES);
    assertThat(server.requests().getLast().range()).isEqualTo("bytes=300000-");
  }

  @Test
  void aServerWithoutRangesIsReadFromTheStartAgain() throws IOException {
    server.fail(new Fault.Break(100_000), new Fault.Whole());
    fetch();
    assertThat(target).hasBinaryContent(BYTES);
  }

  @Test
  void aConnectionThatBreaksAtTheSamePlaceForEverIsGivenUp() {
    server.fail(new Fault.Break(0), new Fault.Break(0), new Fault.Break(0));
    assertThatThrownBy(this::fetch)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("3 attempts in vain");
    assertThat(retries).hasSize(2);
  }

  @Test
  void aBusyServerIsAskedAgain() throws IOException {
    server.fail(status(503), new Fault.Status(429, Map.of("Retry-After", "0")));
    fetch();
    assertThat(target).hasBinaryContent(BYTES);
    assertThat(retries).containsExactly("the server answers 503", "the server answers 429");
  }

  @Test
  void aMissingFileIsFinal() {
    assertThatThrownBy(() -> fetch(server.uri("/none.bin"), Download.Expected.anything()))
        .isInstanceOf(DataException.class)
        .hasMessage(server.uri("/none.bin") + ": the server answers 404: no such file");
    assertThat(retries).isEmpty();
    assertThat(target.getParent()).isEmptyDirectory();
  }

  @Test
  void wrongBytesAreRefusedAndRemoved() {
    String other = sha256(bytes(3, 1));
    assertThatThrownBy(() -> fetch(known(other)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(sha256(BYTES))
        .hasMessageContaining("expected " + other)
        .hasMessageContaining("nothing was kept");
    assertThat(target.getParent()).isEmptyDirectory();
  }

  @Test
  void bytesOfAnEarlierAttemptThatDoNotFitAreFetchedAgain() throws IOException {
    server.fail(new Fault.Break(120_000), status(503), status(503), status(503));
    assertThatThrownBy(this::fetch).isInstanceOf(DataException.class);
    Path partial = target.resolveSibling(".a.bin.download");
    byte[] damaged = Files.readAllBytes(partial);
    damaged[5] ^= 1;
    Files.write(partial, damaged);
    fetch(known(sha256(BYTES)));
    assertThat(target).hasBinaryContent(BYTES);
    assertThat(retries).contains("the pieces do not fit together");
  }

  @Test
  void aWrongLengthIsRefusedBeforeTheBody() {
    assertThatThrownBy(() -> fetch(new Download.Expected(OptionalLong.of(5), Optional.empty())))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has 300000 bytes on the server, expected 5");
    assertThat(target.getParent()).isEmptyDirectory();
  }

  @Test
  void aDiskWithoutRoomIsNamedBeforeTheBody() {
    server.fail(new Fault.Announce(1L << 60));
    assertThatThrownBy(this::fetch)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the disk has")
        .hasMessageContaining("are needed");
    assertThat(target).doesNotExist();
  }

  @Test
  void theServerThatRedirectsMayNameTheHash() throws IOException {
    server.fail(redirect(server.uri(NAME).toString(), sha256(BYTES)));
    Download.Result result = fetch(server.uri("/resolve/main/a.bin"), Download.Expected.anything());
    assertThat(result.serverSha256()).contains(sha256(BYTES));
    assertThat(target).hasBinaryContent(BYTES);
  }

  @Test
  void theHashOfTheServerThatRedirectsHolds() {
    server.fail(redirect(NAME, sha256(bytes(3, 1))));
    assertThatThrownBy(() -> fetch(server.uri("/resolve/main/a.bin"), Download.Expected.anything()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nothing was kept");
  }

  @Test
  void aHashThatTheServerContradictsIsRefusedBeforeTheBody() {
    server.fail(redirect(NAME, sha256(BYTES)));
    URI source = server.uri("/resolve/main/a.bin");
    assertThatThrownBy(() -> fetch(source, known(sha256(bytes(3, 1)))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("on the server");
  }

  @Test
  void redirectsThatNeverEndAreRefused() {
    Fault again = new Fault.Status(302, Map.of("Location", NAME));
    server.fail(again, again, again, again, again, again, again, again, again, again, again);
    assertThatThrownBy(this::fetch).hasMessageContaining("more than 10 redirects");
    server.fail(new Fault.Status(302, Map.of("Location", "file:///etc/passwd")));
    assertThatThrownBy(this::fetch).hasMessageContaining("redirects to");
  }

  @Test
  void aTokenStaysWithItsServer() throws IOException {
    try (FlawedServer other = new FlawedServer();
        Download download = new Download(SHORT, progress(), Optional.of("secret"))) {
      server.fail(redirect(other.put(NAME, BYTES).toString(), sha256(BYTES)));
      download.to(target, server.uri(NAME), Download.Expected.anything());
      assertThat(server.requests().getFirst().authorization()).isEqualTo("Bearer secret");
      assertThat(other.requests()).hasSize(1);
      assertThat(other.requests().getFirst().authorization()).isNull();
    }
  }

  @Test
  void oneDownloadOfAFileAtATime() throws IOException {
    try (PartialFile held = PartialFile.of(target)) {
      assertThat(held.bytes()).isZero();
      assertThatThrownBy(this::fetch)
          .isInstanceOf(DataException.class)
          .hasMessageContaining("under way");
    }
  }

  @Test
  void addressesOfOtherKindsAreRefused() {
    assertThatThrownBy(() -> fetch(URI.create("ftp://host/a"), Download.Expected.anything()))
        .hasMessageContaining("not an address of http");
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws IOException {
    URI gone;
    try (FlawedServer closed = new FlawedServer()) {
      gone = closed.uri(NAME);
    }
    assertThatThrownBy(() -> fetch(gone, Download.Expected.anything()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no connection to 127.0.0.1");
  }

  private Download.Result fetch() throws DataException {
    return fetch(Download.Expected.anything());
  }

  private Download.Result fetch(Download.Expected expected) throws DataException {
    return fetch(server.uri(NAME), expected);
  }

  private Download.Result fetch(URI source, Download.Expected expected) throws DataException {
    try (Download download = new Download(SHORT, progress())) {
      return download.to(target, source, expected);
    }
  }

  private Download.Progress progress() {
    return new Download.Progress() {
      @Override
      public void moved(long bytes, OptionalLong total) {
        assertThat(total.orElse(-1)).isGreaterThanOrEqualTo(bytes);
      }

      @Override
      public void retrying(String reason, Duration pause) {
        retries.add(reason);
      }
    };
  }

  private void assertOnlyTheTargetIsLeft() {
    assertThat(folder.resolve("cache").toFile().list()).containsExactly("a.bin");
  }

  private static Fault status(int code) {
    return new Fault.Status(code, Map.of());
  }

  private static Fault redirect(String location, String sha256) {
    return new Fault.Status(
        302, Map.of("Location", location, "X-Linked-Etag", "\"" + sha256 + "\""));
  }

  private static Download.Expected known(String sha256) {
    return new Download.Expected(OptionalLong.empty(), Optional.of(sha256));
  }

  private static byte[] bytes(int count, int seed) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i * 31 + i / 256 * seed);
    }
    return bytes;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
