package dev.eosin.fetch;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.Serial;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Flow;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One GET of a file from some byte on, along its redirects.
///
/// @param client follows no redirects itself: the first answer of Hugging Face names the file's
///   SHA-256, which the server that it redirects to does not know
/// @param token the bearer token for `source`; no other host gets it
record RangeRequest(HttpClient client, URI source, Optional<String> token, Patience patience) {
  private static final int MOST_REDIRECTS = 10;
  private static final Pattern LINKED_SHA256 = Pattern.compile("\"?([0-9a-f]{64})\"?");

  /// What a server answers.
  ///
  /// @param sha256 of the whole file, where a server says so
  /// @param bytes of the whole file, where a server says so before it sends it
  record Answer(
      HttpResponse<Flow.Publisher<List<ByteBuffer>>> response,
      Optional<String> sha256,
      OptionalLong bytes) {
    int status() {
      return response.statusCode();
    }

    Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }
  }

  /// @param from the first byte wanted
  /// @param version a partial answer is wanted only if the file still has this version
  /// @throws DataException when a redirect cannot be followed
  /// @throws IOException when the connection fails
  Answer send(long from, Optional<String> version) throws IOException, InterruptedException {
    Optional<String> sha256 = Optional.empty();
    OptionalLong bytes = OptionalLong.empty();
    URI here = source;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      Answer answer = new Answer(get(here, from, version), sha256, bytes);
      Optional<String> linked = answer.header("X-Linked-Etag").flatMap(RangeRequest::sha256);
      sha256 = sha256.or(() -> linked);
      OptionalLong linkedBytes = answer.response.headers().firstValueAsLong("X-Linked-Size");
      bytes = bytes.isPresent() ? bytes : linkedBytes;
      if (!redirects(answer.status())) {
        return new Answer(answer.response, sha256, bytes);
      }
      new HttpBody(answer.response.body(), patience.silence()).close();
      here = next(here, answer);
    }
    throw new DataException(source + ": more than " + MOST_REDIRECTS + " redirects");
  }

  private HttpResponse<Flow.Publisher<List<ByteBuffer>>> get(
      URI here, long from, Optional<String> version) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(here).timeout(patience.silence()).header("User-Agent", "eosin");
    if (from > 0 && version.isPresent()) {
      request.header("Range", "bytes=%d-".formatted(from)).header("If-Range", version.get());
    }
    if (token.isPresent() && sameServer(here)) {
      request.header("Authorization", "Bearer " + token.get());
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofPublisher());
    } catch (ConnectException e) {
      throw unreachable(here, e);
    }
  }

  /// The name of a server leads nowhere: a misspelling, or no network at all.
  static final class UnknownServer extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    UnknownServer(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static IOException unreachable(URI here, ConnectException e) {
    return Stream.<@Nullable Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
            .anyMatch(UnresolvedAddressException.class::isInstance)
        ? new UnknownServer("the name of the server " + here.getHost() + " is not known here", e)
        : new IOException("no connection to " + here.getHost(), e);
  }

  private boolean sameServer(URI here) {
    return here.getScheme().equals(source.getScheme())
        && here.getAuthority().equals(source.getAuthority());
  }

  private URI next(URI here, Answer answer) throws DataException {
    String location =
        answer
            .header("Location")
            .orElseThrow(() -> new DataException(here + ": redirects without a location"));
    try {
      URI next = here.resolve(location);
      boolean secured = "https".equals(next.getScheme());
      if (next.getHost() == null || !secured && !"http".equals(next.getScheme())) {
        throw new DataException(here + ": redirects to " + Quote.of(location));
      }
      if (!secured && "https".equals(here.getScheme())) {
        throw new DataException(here + ": redirects from https to http, to " + Quote.of(location));
      }
      return next;
    } catch (IllegalArgumentException e) {
      throw new DataException(here + ": redirects to " + Quote.of(location), e);
    }
  }

  private static boolean redirects(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  private static Optional<String> sha256(String etag) {
    return Optional.of(etag)
        .map(LINKED_SHA256::matcher)
        .filter(m -> m.matches())
        .map(m -> m.group(1));
  }
}
