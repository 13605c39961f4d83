package dev.eosin.caption;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Where a service is, and the key that it wants. The key is in no message and in no text of this
/// object.
public final class LlmEndpoint {
  private static final List<String> ADDRESSES = List.of("EOSIN_LLM_BASE_URL", "OPENAI_BASE_URL");
  private static final List<String> KEYS = List.of("EOSIN_LLM_API_KEY", "OPENAI_API_KEY");
  private static final String CHAT = "/chat/completions";

  private final URI chat;
  private final Optional<String> key;

  private LlmEndpoint(URI chat, Optional<String> key) {
    this.chat = chat;
    this.key = key;
  }

  /// The one that the environment names; the variables with EOSIN come first.
  ///
  /// @param environment the variables of the process
  /// @throws DataException when there is no address, or it is none
  public static LlmEndpoint of(Map<String, String> environment) throws DataException {
    String address =
        first(environment, ADDRESSES)
            .orElseThrow(
                () ->
                    new DataException(
                        "the environment has no EOSIN_LLM_BASE_URL (nor OPENAI_BASE_URL); set it to"
                            + " the service's address, such as http://127.0.0.1:8000/v1"));
    return of(address, first(environment, KEYS));
  }

  /// @param address of the service, without `/chat/completions`
  /// @throws DataException when it is no address of http or https
  public static LlmEndpoint of(String address, Optional<String> key) throws DataException {
    try {
      String base = address.replaceFirst("/+$", "");
      URI chat = URI.create(base.endsWith(CHAT) ? base : base + CHAT);
      boolean web = String.valueOf(chat.getScheme()).matches("https?") && chat.getHost() != null;
      if (web && chat.getUserInfo() == null && chat.getRawQuery() == null) {
        return new LlmEndpoint(chat, key);
      }
    } catch (IllegalArgumentException noAddress) {
      // Told below, without what may be a key in it.
    }
    throw new DataException(
        "the service's address (EOSIN_LLM_BASE_URL or OPENAI_BASE_URL) is not like"
            + " https://host/v1, without user name and question mark; the key goes into"
            + " EOSIN_LLM_API_KEY");
  }

  private static Optional<String> first(Map<String, String> environment, List<String> names) {
    return names.stream()
        .map(environment::get)
        .filter(Objects::nonNull)
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .findFirst();
  }

  URI chat() {
    return chat;
  }

  /// The value of the header `Authorization`.
  Optional<String> authorization() {
    return key.map(secret -> "Bearer " + secret);
  }

  /// A text from the service, on one line and without the key: services repeat wrong keys.
  String cleaned(String text) {
    return Quote.line(key.map(secret -> text.replace(secret, "(key)")).orElse(text));
  }

  @Override
  public String toString() {
    return chat.toString();
  }
}
