package dev.eosin.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What the files beside a tokenizer say of it: `tokenizer_config.json`, `special_tokens_map.json`,
/// `added_tokens.json` and `chat_template.jinja`, each of which may be missing.
final class TokenizerConfig {
  static final String NAME = "tokenizer_config.json";
  static final String MAP = "special_tokens_map.json";
  private static final String ADDED = "added_tokens.json";
  private static final String TEMPLATE = "chat_template";
  static final List<String> ROLES = List.of("bos_token", "eos_token", "pad_token", "unk_token");

  private final Path file;
  private final ObjectNode config;
  private final ObjectNode map;
  private final Map<Integer, ObjectNode> added;
  private final Optional<String> chatTemplate;
  private final Map<String, String> otherwise;

  private TokenizerConfig(
      Path file,
      ObjectNode config,
      ObjectNode map,
      Map<Integer, ObjectNode> added,
      Optional<String> chatTemplate,
      Map<String, String> otherwise) {
    this.file = file;
    this.config = config;
    this.map = map;
    this.added = added;
    this.chatTemplate = chatTemplate;
    this.otherwise = otherwise;
  }

  /// @throws DataException when a file is broken, or two of them name different tokens
  static TokenizerConfig read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    ObjectNode config = optional(file);
    ObjectNode map = optional(folder.resolve(MAP));
    for (String role : ROLES) {
      String one = content(config.path(role));
      String other = content(map.path(role));
      if (!one.isEmpty() && !other.isEmpty() && !one.equals(other)) {
        throw new DataException(
            "%s: %s is '%s', but %s beside it says '%s'; one of the two is another model's"
                .formatted(file, role, one, MAP, other));
      }
    }
    return new TokenizerConfig(
        file, config, map, added(folder, config), template(folder, config), Map.of());
  }

  /// The same, with the vocabulary's own word on roles that no file beside it names.
  TokenizerConfig otherwise(Map<String, String> roles) {
    return new TokenizerConfig(file, config, map, added, chatTemplate, roles);
  }

  private static ObjectNode optional(Path file) throws IOException {
    return Files.isRegularFile(file) ? JsonText.object(file) : JsonText.object();
  }

  private static String content(JsonNode named) {
    return named.isObject() ? named.path("content").asText("") : named.asText("");
  }

  /// Tokens by id, each as `tokenizer.json` lists them in `added_tokens`.
  private static Map<Integer, ObjectNode> added(Path folder, ObjectNode config) throws IOException {
    Map<Integer, ObjectNode> tokens = new LinkedHashMap<>();
    for (var entry : config.path("added_tokens_decoder").properties()) {
      int id = id(folder.resolve(NAME), entry.getKey(), entry.getKey());
      JsonNode said = entry.getValue();
      ObjectNode token = AddedTokens.token(id, content(said), said.path("special").asBoolean());
      for (String flag : AddedTokens.FLAGS) {
        token.put(flag, said.path(flag).asBoolean(token.path(flag).asBoolean()));
      }
      tokens.put(id, token);
    }
    Path file = folder.resolve(ADDED);
    for (var entry : optional(file).properties()) {
      int id = id(file, entry.getKey(), entry.getValue().asText());
      tokens.putIfAbsent(id, AddedTokens.token(id, entry.getKey(), false));
    }
    return tokens;
  }

  private static int id(Path file, String token, String id) throws DataException {
    try {
      return Integer.parseInt(id);
    } catch (NumberFormatException e) {
      throw new DataException("%s: '%s' has the id '%s', no number".formatted(file, token, id), e);
    }
  }

  private static Optional<String> template(Path folder, ObjectNode config) throws IOException {
    Path file = folder.resolve(TEMPLATE + ".jinja");
    if (Files.isRegularFile(file)) {
      return Optional.of(Utf8Text.decode(file.toString(), Files.readAllBytes(file)));
    }
    JsonNode said = config.path(TEMPLATE);
    for (JsonNode named : said) {
      if (named.path("name").asText().equals("default")) {
        said = named.path("template");
      }
    }
    return said.isTextual() ? Optional.of(said.asText()) : Optional.empty();
  }

  Path file() {
    return file;
  }

  /// The text of the token that has a role, such as `bos_token`.
  Optional<String> token(String role) {
    return Stream.of(
            content(config.path(role)), content(map.path(role)), otherwise.getOrDefault(role, ""))
        .filter(token -> !token.isEmpty())
        .findFirst();
  }

  /// A switch, where the file has it.
  Optional<Boolean> flag(String name) {
    return config.path(name).isBoolean()
        ? Optional.of(config.path(name).asBoolean())
        : Optional.empty();
  }

  /// The class that transformers opens the tokenizer with, or nothing.
  String tokenizerClass() {
    return config.path("tokenizer_class").asText("");
  }

  /// The number of `<extra_id_N>` tokens after a T5's own pieces.
  int extraIds() {
    int standard = tokenizerClass().startsWith("T5Tokenizer") ? 100 : 0;
    return config.path("extra_ids").asInt(standard);
  }

  Map<Integer, ObjectNode> added() {
    return added;
  }

  /// Further tokens of meaning, by their text.
  List<String> additional() {
    JsonNode said = config.path("additional_special_tokens");
    if (said.isEmpty()) {
      said = map.path("additional_special_tokens");
    }
    return said.valueStream().map(TokenizerConfig::content).filter(t -> !t.isEmpty()).toList();
  }

  Optional<String> chatTemplate() {
    return chatTemplate;
  }
}
