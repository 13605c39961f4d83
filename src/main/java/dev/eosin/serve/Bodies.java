package dev.eosin.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;

/// Reads bodies of requests, within limits of bytes and time.
record Bodies(ServeLimits limits) {
  private static final int LONGEST_TYPE = 80;

  /// A body.
  ///
  /// @throws ApiException when it is of another type, too large, cut off or slow
  byte[] read(HttpExchange exchange) throws ApiException, InterruptedException {
    Headers headers = exchange.getRequestHeaders();
    requireJson(headers);
    requireSmall(headers);
    // A client that sends a byte a second must not hold the answer back: the wait ends, whatever
    // becomes of the read, which the connection's own limit ends.
    var reading = new FutureTask<>(() -> exchange.getRequestBody().readNBytes(limits.body() + 1));
    Thread.ofVirtual().name("eosin-serve-body").start(reading);
    byte[] body;
    try {
      body = Deadline.in(limits.arriving()).awaitUndisturbed(reading);
    } catch (TimeoutException slow) {
      throw new ApiException(
          408,
          "request_timeout",
          "",
          "the request did not arrive within %d s".formatted(limits.arriving().toSeconds()));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException) {
        throw new ApiException(400, "truncated", "", "the body ends before its announced length");
      }
      throw new IllegalStateException(e.getCause());
    }
    if (body.length > limits.body()) {
      throw tooLarge();
    }
    return body;
  }

  private static void requireJson(Headers headers) throws ApiException {
    String type = Optional.ofNullable(headers.getFirst("Content-Type")).orElse("");
    String media = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    // A page of another site can send forms and plain text unasked, but no JSON.
    if (!media.equals("application/json")) {
      throw new ApiException(
          415,
          "unsupported_media_type",
          "",
          "the body has to be of Content-Type: application/json, here it is of %s; with curl give --json BODY instead of -d BODY, or -H 'Content-Type: application/json'"
              .formatted(media.isEmpty() ? "none" : shown(media)));
    }
    String encoding = Optional.ofNullable(headers.getFirst("Content-Encoding")).orElse("identity");
    if (!encoding.equalsIgnoreCase("identity")) {
      throw new ApiException(
          415,
          "unsupported_media_type",
          "",
          "packed bodies are not taken; leave Content-Encoding out");
    }
  }

  private static String shown(String media) {
    boolean whole = media.length() <= LONGEST_TYPE;
    return "'%s'".formatted(whole ? media : media.substring(0, LONGEST_TYPE) + "...");
  }

  private void requireSmall(Headers headers) throws ApiException {
    String length = headers.getFirst("Content-Length");
    try {
      if (length != null && Long.parseLong(length.strip()) > limits.body()) {
        throw tooLarge();
      }
    } catch (NumberFormatException broken) {
      throw new ApiException(400, "invalid_length", "", "Content-Length is no number");
    }
  }

  private ApiException tooLarge() {
    return new ApiException(
        413,
        "too_large",
        "",
        "the body has more than the %d bytes that are taken".formatted(limits.body()));
  }
}
