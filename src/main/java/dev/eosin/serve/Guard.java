package dev.eosin.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who may ask. Without a token only this machine may, and a page of another site that a browser of
/// this machine has open may not: names that lead here (DNS rebinding) are refused by their Host,
/// requests of other sites by their Origin.
///
/// @param token that requests carry
record Guard(Optional<String> token) {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final String BEARER = "bearer ";

  /// @param open whether everybody may ask for this without a token
  /// @throws ApiException why not
  void requireAllowed(HttpExchange exchange, boolean open) throws ApiException {
    Headers headers = exchange.getRequestHeaders();
    String host = Optional.ofNullable(headers.getFirst("Host")).orElse("").toLowerCase(Locale.ROOT);
    if (token.isEmpty() && !LOOPBACK.contains(name(host))) {
      throw new ApiException(
          403,
          "host_refused",
          "",
          "this server answers to localhost and 127.0.0.1 alone; for other names start it with a token");
    }
    requireSameOrigin(headers, host);
    if (token.isPresent() && !open && !matches(headers.getFirst("Authorization"))) {
      throw new ApiException(
          401, "invalid_api_key", "", "a token is needed: Authorization: Bearer TOKEN");
    }
  }

  private static void requireSameOrigin(Headers headers, String host) throws ApiException {
    Optional<String> origin = Optional.ofNullable(headers.getFirst("Origin"));
    boolean same =
        origin.isEmpty()
            || origin.get().equalsIgnoreCase("http://" + host)
            || origin.get().equalsIgnoreCase("https://" + host);
    if (!same || "cross-site".equals(headers.getFirst("Sec-Fetch-Site"))) {
      throw new ApiException(
          403, "origin_refused", "", "requests from pages of other sites are refused");
    }
  }

  /// Of a Host header, without the port.
  private static String name(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  private boolean matches(@Nullable String authorization) {
    String header = authorization == null ? "" : authorization;
    boolean bearer = header.regionMatches(true, 0, BEARER, 0, BEARER.length());
    String given = bearer ? header.substring(BEARER.length()).strip() : "";
    // Takes as long wherever the first difference is.
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8),
        token.orElseThrow().getBytes(StandardCharsets.UTF_8));
  }
}
