package dev.eosin.fetch;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// Gets files over HTTP or HTTPS, whole and verified or not at all:
///
/// ```java
/// try (Download download = new Download(Patience.usual(), Download.Progress.silent())) {
///   download.to(Path.of("cache/shard-0001.tar"), uri, Download.Expected.anything());
/// }
/// ```
///
/// A file goes to a temporary name beside its target (`.<name>.download`), is read back and
/// compared with what was expected and with what the server said (its length, and the SHA-256 in
/// Hugging Face's `X-Linked-Etag`), synced and renamed. After a broken connection, or in a later
/// process, it goes on at the byte where it ended, if the server still has the same version
/// (`If-Range` with a strong ETag); otherwise from the start. Redirects are followed, but not from
/// https to http. Proxies are those of Java's properties, then of `https_proxy` and the like.
///
/// May be used by several threads at a time, for different targets.
public final class Download implements AutoCloseable {
  private static final Duration CONNECTING = Duration.ofSeconds(30);

  /// How often, and for how long, a name that leads to no server is tried.
  private static final int NAME_ATTEMPTS = 3;

  private static final Duration NAME_PATIENCE = Duration.ofSeconds(10);

  private final HttpClient client;
  private final Patience patience;
  private final Progress progress;
  private final Optional<String> token;

  /// What is known of a file beforehand.
  ///
  /// @param bytes its length
  /// @param sha256 64 hexadecimal digits
  public record Expected(OptionalLong bytes, Optional<String> sha256) {
    /// Writes the digits small.
    public Expected {
      sha256 = sha256.map(digits -> digits.toLowerCase(Locale.ROOT));
    }

    /// Nothing is known.
    public static Expected anything() {
      return new Expected(OptionalLong.empty(), Optional.empty());
    }

    /// What is wrong with a file that has this digest, such as "has 3 bytes, expected 4".
    public Optional<String> mismatch(FileDigest digest) {
      if (bytes.isPresent() && bytes.getAsLong() != digest.bytes()) {
        return Optional.of(
            "has %d bytes, expected %d".formatted(digest.bytes(), bytes.getAsLong()));
      }
      return sha256
          .filter(digits -> !digits.equals(digest.sha256()))
          .map(digits -> "has the sha256 %s, expected %s".formatted(digest.sha256(), digits));
    }
  }

  /// What a download came to.
  ///
  /// @param digest of the file
  /// @param serverSha256 what the server said the file's SHA-256 is; it has been compared
  public record Result(FileDigest digest, Optional<String> serverSha256) {}

  /// Hears how a download goes; called by the thread that downloads.
  public interface Progress {
    /// Some bytes have come.
    ///
    /// @param bytes of the file that are there
    /// @param total all its bytes, where the server says
    void moved(long bytes, OptionalLong total);

    /// An attempt failed, another follows.
    ///
    /// @param reason what went wrong
    /// @param pause until the next attempt
    void retrying(String reason, Duration pause);

    /// Says nothing.
    static Progress silent() {
      return new Progress() {
        @Override
        public void moved(long bytes, OptionalLong total) {}

        @Override
        public void retrying(String reason, Duration pause) {}
      };
    }
  }

  /// Downloads without a token.
  public Download(Patience patience, Progress progress) {
    this(patience, progress, Optional.empty());
  }

  /// @param token a bearer token for the servers of the sources, such as Hugging Face's; servers
  ///   that they redirect to do not get it
  public Download(Patience patience, Progress progress, Optional<String> token) {
    this.patience = patience;
    this.progress = progress;
    this.token = token;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECTING)
            .proxy(Proxies.ofProcess())
            .build();
  }

  /// Downloads one file; one that is there under the name of the target is replaced.
  ///
  /// @throws DataException naming source or target and the reason, when the server refuses,
  ///   patience ends, the disk is full or fails, or the file is not what was expected (then nothing
  ///   of it stays)
  public Result to(Path target, URI source, Expected expected) throws DataException {
    if (source.getHost() == null || !String.valueOf(source.getScheme()).matches("https?")) {
      throw new DataException(source + ": is not an address of http:// or https://");
    }
    try (PartialFile partial = PartialFile.of(target)) {
      RangeRequest request = new RangeRequest(client, source, token, patience);
      return persist(new Transfer(request, partial, expected, progress), source);
    }
  }

  private Result persist(Transfer transfer, URI source) throws DataException {
    int failed = 0;
    long reached = transfer.bytes();
    long lastByte = System.nanoTime();
    boolean everMoved = false;
    while (true) {
      try {
        return transfer.attempt();
      } catch (DataException refused) {
        throw refused;
      } catch (IOException broken) {
        boolean moved = transfer.bytes() > reached;
        everMoved |= moved;
        failed = moved ? 1 : failed + 1;
        lastByte = moved ? System.nanoTime() : lastByte;
        reached = Math.max(reached, transfer.bytes());
        Duration waited = Duration.ofNanos(System.nanoTime() - lastByte);
        // Before the first byte, a name that is not known hardly will be; later the network failed.
        boolean hopeless =
            broken instanceof RangeRequest.UnknownServer
                && !everMoved
                && (failed >= NAME_ATTEMPTS || waited.compareTo(NAME_PATIENCE) > 0);
        if (hopeless || failed >= patience.attempts() || waited.compareTo(patience.total()) > 0) {
          throw gaveUp(source, broken, failed);
        }
        rest(source, broken, failed);
      } catch (InterruptedException e) {
        throw interrupted(source, e);
      }
    }
  }

  private void rest(URI source, IOException broken, int failed) throws DataException {
    Duration asked =
        broken instanceof Transfer.Unavailable busy ? busy.retryAfter() : Duration.ZERO;
    Duration pause = patience.pause(failed, asked);
    progress.retrying(reason(broken), pause);
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      throw interrupted(source, e);
    }
  }

  private static DataException gaveUp(URI source, IOException broken, int failed) {
    return new DataException(
        "%s: %s (%d attempts in vain)".formatted(source, reason(broken), failed), broken);
  }

  private static DataException interrupted(URI source, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new DataException(source + ": the download was interrupted", e);
  }

  private static String reason(IOException e) {
    return Quote.line(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
  }

  /// Drops connections that are still open.
  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
