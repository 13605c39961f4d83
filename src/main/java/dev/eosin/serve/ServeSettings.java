package dev.eosin.serve;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/// How the server listens, and how requests share a model.
///
/// @param address that it listens at
/// @param port 0 for one that the system chooses
/// @param token that every request has to carry
/// @param batch most images or texts that go through the model together
/// @param patience most time that an input waits for others to go with
public record ServeSettings(
    InetAddress address,
    int port,
    Optional<String> token,
    int batch,
    Duration patience,
    ServeLimits limits) {
  /// @throws IllegalArgumentException when others than this machine could ask without a token, a
  ///   token is too short to be one or has characters that headers do not carry, or a number is out
  ///   of range
  public ServeSettings {
    if (!address.isLoopbackAddress() && token.isEmpty()) {
      throw new IllegalArgumentException(
          "other machines could ask at %s, which needs a token; set EOSIN_TOKEN, or leave the host out"
              .formatted(address.getHostAddress()));
    }
    if (token.isPresent() && token.get().length() < 16) {
      throw new IllegalArgumentException(
          "EOSIN_TOKEN has fewer than 16 characters and could be guessed; openssl rand -hex 24 makes one");
    }
    if (token.isPresent() && !token.get().chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw new IllegalArgumentException(
          "EOSIN_TOKEN has a space, a line's end or a letter beyond ASCII, which no header carries as"
              + " it is; openssl rand -hex 24 makes one that is carried");
    }
    require(batch >= 1, "a batch has at least 1 input, here " + batch);
    require(!patience.isNegative(), "a wait is 0 or longer, here " + patience);
    require(port >= 0 && port <= 65_535, "a port is 0 to 65535, here " + port);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
