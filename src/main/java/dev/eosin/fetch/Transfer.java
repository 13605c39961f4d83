package dev.eosin.fetch;

import dev.eosin.config.DataException;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The attempts of a [Download] to bring one file: each goes on where the last one ended.
final class Transfer {
  private static final Pattern RANGE =
      Pattern.compile("bytes (?:([0-9]{1,18})-[0-9]{1,18}|\\*)/([0-9]{1,18}|\\*)");

  private final RangeRequest request;
  private final PartialFile partial;
  private final Download.Expected expected;
  private final Download.Progress progress;

  /// The server cannot answer now but may later.
  static final class Unavailable extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Duration retryAfter;

    Unavailable(String message, Duration retryAfter) {
      super(message);
      this.retryAfter = retryAfter;
    }

    Duration retryAfter() {
      return retryAfter;
    }
  }

  Transfer(
      RangeRequest request,
      PartialFile partial,
      Download.Expected expected,
      Download.Progress progress) {
    this.request = request;
    this.partial = partial;
    this.expected = expected;
    this.progress = progress;
  }

  long bytes() throws DataException {
    return partial.bytes();
  }

  /// Brings what is missing, verifies the whole and gives it its name.
  ///
  /// @throws DataException when another attempt would be in vain
  /// @throws IOException when it may help
  Download.Result attempt() throws IOException, InterruptedException {
    if (partial.version().isEmpty()) {
      partial.restart(Optional.empty());
    }
    long start = partial.bytes();
    RangeRequest.Answer answer = request.send(start, partial.version());
    try (HttpBody body = new HttpBody(answer.response().body(), request.patience().silence())) {
      OptionalLong total =
          switch (answer.status()) {
            case 200 -> fromStart(answer);
            case 206 -> fromHere(answer);
            case 416 -> beyondTheEnd(answer);
            default -> throw refusal(answer);
          };
      requireSame(answer, total);
      if (answer.status() != 416) {
        receive(body, total);
      }
    }
    return finish(answer, start > 0 && answer.status() != 200);
  }

  private OptionalLong fromStart(RangeRequest.Answer answer) throws IOException {
    partial.restart(version(answer));
    OptionalLong length = answer.response().headers().firstValueAsLong("Content-Length");
    return length.isPresent() ? length : answer.bytes();
  }

  private OptionalLong fromHere(RangeRequest.Answer answer) throws IOException {
    Matcher range = range(answer);
    boolean fits = String.valueOf(partial.bytes()).equals(range.group(1));
    boolean same = version(answer).isEmpty() || version(answer).equals(partial.version());
    if (!fits || !same) {
      partial.restart(Optional.empty());
      throw new IOException("the server sent another part or version than it was asked for");
    }
    return range.group(2).equals("*") ? answer.bytes() : total(range);
  }

  // What was there already may have been all of it.
  private OptionalLong beyondTheEnd(RangeRequest.Answer answer) throws IOException {
    Matcher range = range(answer);
    if (!String.valueOf(partial.bytes()).equals(range.group(2))) {
      partial.restart(Optional.empty());
      throw new IOException("the server has fewer bytes than are here already");
    }
    return total(range);
  }

  private Matcher range(RangeRequest.Answer answer) throws IOException {
    Matcher range = RANGE.matcher(answer.header("Content-Range").orElse(""));
    if (!range.matches()) {
      partial.restart(Optional.empty());
      throw new IOException("the server answered with a part but not with which one");
    }
    return range;
  }

  private static OptionalLong total(Matcher range) {
    return OptionalLong.of(Long.parseLong(range.group(2)));
  }

  private void requireSame(RangeRequest.Answer answer, OptionalLong total) throws DataException {
    if (expected.bytes().isPresent() && total.isPresent() && !expected.bytes().equals(total)) {
      partial.discard();
      throw new DataException(
          "%s: has %d bytes on the server, expected %d"
              .formatted(request.source(), total.getAsLong(), expected.bytes().getAsLong()));
    }
    if (expected.sha256().isPresent()
        && answer.sha256().isPresent()
        && !expected.sha256().equals(answer.sha256())) {
      partial.discard();
      throw new DataException(
          "%s: has the sha256 %s on the server, expected %s"
              .formatted(request.source(), answer.sha256().get(), expected.sha256().get()));
    }
    partial.requireSpace(total.orElse(0) - partial.bytes());
  }

  private void receive(HttpBody body, OptionalLong total) throws IOException, InterruptedException {
    Optional<List<ByteBuffer>> piece = body.next();
    while (piece.isPresent()) {
      for (ByteBuffer bytes : piece.get()) {
        partial.append(bytes);
      }
      progress.moved(partial.bytes(), total);
      if (total.isPresent() && partial.bytes() > total.getAsLong()) {
        partial.restart(Optional.empty());
        throw new IOException("the server sent more than it announced");
      }
      piece = body.next();
    }
    if (total.isPresent() && partial.bytes() < total.getAsLong()) {
      throw new IOException(
          "the connection ended after %d of %d bytes"
              .formatted(partial.bytes(), total.getAsLong()));
    }
  }

  private Download.Result finish(RangeRequest.Answer answer, boolean pieced) throws IOException {
    FileDigest digest = partial.digest();
    Download.Expected all =
        new Download.Expected(expected.bytes(), expected.sha256().or(answer::sha256));
    Optional<String> wrong = all.mismatch(digest);
    if (wrong.isPresent() && pieced) {
      partial.restart(Optional.empty());
      throw new IOException("the pieces do not fit together");
    }
    if (wrong.isPresent()) {
      partial.discard();
      throw new DataException(
          "%s: what came %s; nothing was kept".formatted(request.source(), wrong.get()));
    }
    partial.commit();
    return new Download.Result(digest, answer.sha256());
  }

  /// The strong name of the file's version: bytes of files that share it may be joined.
  private static Optional<String> version(RangeRequest.Answer answer) {
    return answer.header("ETag").filter(etag -> etag.startsWith("\""));
  }

  private IOException refusal(RangeRequest.Answer answer) {
    int status = answer.status();
    return switch (status) {
      case 408, 425, 429, 500, 502, 503, 504 ->
          new Unavailable("the server answers %d".formatted(status), retryAfter(answer));
      case 401, 403 ->
          new DataException(
              "%s: the server answers %d: it wants a token, or does not accept the one it got"
                  .formatted(request.source(), status));
      case 404, 410 ->
          new DataException(
              "%s: the server answers %d: no such file".formatted(request.source(), status));
      default -> new DataException("%s: the server answers %d".formatted(request.source(), status));
    };
  }

  private static Duration retryAfter(RangeRequest.Answer answer) {
    return answer
        .header("Retry-After")
        .filter(seconds -> seconds.matches("[0-9]{1,6}"))
        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
        .orElse(Duration.ZERO);
  }
}
