package dev.eosin.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// A tokenizer as its files describe it, before it runs: one `tokenizer.json` in memory, whatever
/// the files are, with what lies beside it worked in.
///
/// @param file where the vocabulary comes from
/// @param json of the form of `tokenizer.json`
/// @param config what the files beside it say
/// @param ids every token's id
/// @param special the tokens that mean something and are no text
record TokenizerFiles(
    Path file,
    ObjectNode json,
    TokenizerConfig config,
    Map<String, Integer> ids,
    Set<String> special) {
  private static final String JSON = "tokenizer.json";
  private static final List<String> MODELS = List.of("tokenizer.model", "spiece.model");
  private static final String MERGES = "merges.txt";
  private static final String VOCABULARY = "vocab.json";

  /// @param path a folder of the Hugging Face format, or a `tokenizer.json` or `.model` file
  /// @throws DataException when nothing is there, a file is broken, or files disagree
  static TokenizerFiles read(Path path) throws IOException {
    return read(path, List.of());
  }

  /// @param more special tokens that are added behind all others, where they are not among them
  static TokenizerFiles read(Path path, List<String> more) throws IOException {
    Path folder = Files.isDirectory(path) ? path : AtomicFile.parent(path.toAbsolutePath());
    TokenizerConfig config = TokenizerConfig.read(folder);
    Path file = Files.isDirectory(path) ? find(path) : path;
    if (!Files.isRegularFile(file)) {
      throw new DataException(file + ": no such file; expected a tokenizer.json or a .model file");
    }
    Map<String, String> roles = new HashMap<>();
    ObjectNode json = json(file, config, roles);
    // Rows are cut and padded by whoever knows the model's length.
    json.putNull("truncation").putNull("padding");
    TokenizerFiles files =
        new TokenizerFiles(file, json, config.otherwise(roles), ids(file, json), new HashSet<>());
    files.workIn(more);
    return files;
  }

  private static Path find(Path folder) throws DataException {
    Path json = folder.resolve(JSON);
    if (Files.isRegularFile(json)) {
      return json;
    }
    for (String name : MODELS) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    if (Files.isRegularFile(folder.resolve(MERGES))) {
      return folder.resolve(VOCABULARY);
    }
    throw new DataException(
        "%s: holds no tokenizer: looked for %s, %s, and %s with %s"
            .formatted(folder, JSON, String.join(", ", MODELS), VOCABULARY, MERGES));
  }

  /// @param roles takes what the vocabulary itself says of its special tokens
  private static ObjectNode json(Path file, TokenizerConfig config, Map<String, String> roles)
      throws IOException {
    String name = String.valueOf(file.getFileName());
    if (name.endsWith(".model")) {
      return sentencePiece(file, config, roles);
    }
    if (name.equals(VOCABULARY)) {
      return ByteLevelJson.ofFiles(file, file.resolveSibling(MERGES), config.tokenizerClass());
    }
    ObjectNode json = JsonText.object(file);
    if (!json.path("model").isObject()) {
      throw new DataException(
          file + ": has no 'model'; expected the tokenizer.json of a Hugging Face model");
    }
    JsonNode model = json.path("model");
    String unknown = model.path("unk_token").asText("");
    unknown = model.path("vocab").path(model.path("unk_id").asInt(-1)).path(0).asText(unknown);
    if (!unknown.isEmpty()) {
      roles.put("unk_token", unknown);
    }
    return json;
  }

  private static ObjectNode sentencePiece(
      Path file, TokenizerConfig config, Map<String, String> roles) throws IOException {
    SentencePieceModel model = SentencePieceModel.read(file);
    boolean legacy = config.flag("legacy").orElse(true);
    ObjectNode json = new SentencePieceJson(model, config.extraIds(), legacy).json();
    List<SentencePieceModel.Piece> pieces = model.pieces();
    int[] named = {model.bos(), model.eos(), model.pad(), model.unk()};
    for (int i = 0; i < named.length; i++) {
      if (named[i] >= 0) {
        roles.put(TokenizerConfig.ROLES.get(i), pieces.get(named[i]).text());
      }
    }
    // What the flags of the configuration may change afterwards: LLaMA's and T5's own habits.
    boolean begins = model.bos() >= 0;
    String bos = begins ? pieces.get(model.bos()).text() : "";
    String eos = begins || model.eos() < 0 ? "" : pieces.get(model.eos()).text();
    json.set("post_processor", AddedTokens.template(bos, model.bos(), eos, model.eos()));
    return json;
  }

  private static Map<String, Integer> ids(Path file, ObjectNode json) throws DataException {
    Map<String, Integer> ids = new HashMap<>();
    JsonNode vocabulary = json.path("model").path("vocab");
    for (int id = 0; id < vocabulary.size() && vocabulary.isArray(); id++) {
      ids.putIfAbsent(vocabulary.path(id).path(0).asText(), id);
    }
    vocabulary.properties().forEach(e -> ids.put(e.getKey(), e.getValue().asInt()));
    for (JsonNode token : json.path("added_tokens")) {
      ids.put(token.path("content").asText(), token.path("id").asInt());
    }
    if (ids.isEmpty()) {
      throw new DataException(file + ": its vocabulary is empty");
    }
    return ids;
  }

  /// Adds the tokens that only the files beside the vocabulary name, and checks those that both do.
  private void workIn(List<String> more) throws DataException {
    Map<String, ObjectNode> listed = new HashMap<>();
    for (JsonNode token : json.path("added_tokens")) {
      listed.put(token.path("content").asText(), (ObjectNode) token);
    }
    for (ObjectNode token : config.added().values()) {
      String content = token.path("content").asText();
      requireSame(content, token.path("id").asInt());
      listed.putIfAbsent(content, token);
    }
    listed.forEach((content, token) -> ids.put(content, token.path("id").asInt()));
    for (String token : more) {
      if (!ids.containsKey(token)) {
        int next = 1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
        listed.put(token, AddedTokens.token(next, token, true));
        ids.put(token, next);
      }
    }
    for (String role : TokenizerConfig.ROLES) {
      Optional<String> token = config.token(role);
      if (token.isPresent()) {
        mark(token.get(), role, listed);
      }
    }
    for (String token : config.additional()) {
      mark(token, "additional_special_tokens", listed);
    }
    List<ObjectNode> sorted =
        listed.values().stream()
            .sorted(Comparator.comparingInt(t -> t.path("id").asInt()))
            .toList();
    json.putArray("added_tokens").addAll(sorted);
    requireNoGaps(sorted);
    sorted.stream()
        .filter(token -> token.path("special").asBoolean())
        .forEach(token -> special.add(token.path("content").asText()));
  }

  private void requireSame(String token, int id) throws DataException {
    int known = ids.getOrDefault(token, id);
    String there = known == id ? tokenOf(id).orElse(token) : token;
    if (known != id || !there.equals(token)) {
      throw new DataException(
          "%s: says that '%s' has the id %d, but in %s '%s' has the id %d; one of the two is another"
                  .formatted(config.file(), token, id, file.getFileName(), there, known)
              + " model's");
    }
  }

  private Optional<String> tokenOf(int id) {
    return ids.entrySet().stream()
        .filter(entry -> entry.getValue() == id)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /// The library numbers added tokens itself, one after the other behind the vocabulary.
  private void requireNoGaps(List<ObjectNode> added) throws DataException {
    Set<String> pieces = pieces();
    int next = json.path("model").path("vocab").size();
    for (ObjectNode token : added) {
      String content = token.path("content").asText();
      int id = token.path("id").asInt();
      if (!pieces.contains(content) && id != next++) {
        throw new DataException(
            "%s: the added token '%s' has the id %d, where %d is the next; ids with gaps are not"
                    .formatted(file, content, id, next - 1)
                + " supported");
      }
    }
  }

  /// A token that has a role is special, also where the vocabulary's file does not say so.
  private void mark(String token, String role, Map<String, ObjectNode> listed)
      throws DataException {
    Integer id = ids.get(token);
    if (id == null) {
      throw new DataException(
          "%s: %s '%s' is not among the %d tokens of %s; add it there, or name one that is"
              .formatted(config.file(), role, token, ids.size(), file.getFileName()));
    }
    listed
        .computeIfAbsent(token, content -> AddedTokens.token(id, content, true))
        .put("special", true);
  }

  /// The id of the token that has a role.
  OptionalInt id(String role) {
    Integer id = config.token(role).map(ids::get).orElse(null);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /// What puts begin and end of text around a text, where the configuration says so and the
  /// vocabulary's file does otherwise. Source: transformers' `update_post_processor`.
  ///
  /// @param empty the ids of an empty text as the vocabulary's file has it
  Optional<JsonNode> otherEnds(int[] empty) throws DataException {
    if (config.flag("add_bos_token").isEmpty() && config.flag("add_eos_token").isEmpty()) {
      return Optional.empty();
    }
    String bos = put("bos_token");
    String eos = put("eos_token");
    int bosId = ids.getOrDefault(bos, -1);
    int eosId = ids.getOrDefault(eos, -1);
    int[] wanted = IntStream.of(bosId, eosId).filter(id -> id >= 0).toArray();
    return Arrays.equals(wanted, empty)
        ? Optional.empty()
        : Optional.of(AddedTokens.template(bos, bosId, eos, eosId));
  }

  /// The token of a role, empty where it is not to be put.
  private String put(String role) throws DataException {
    if (!config.flag("add_" + role).orElse(false)) {
      return "";
    }
    return config
        .token(role)
        .orElseThrow(
            () ->
                new DataException(
                    "%s: add_%s is true, but no %s is named".formatted(config.file(), role, role)));
  }

  /// The same tokenizer, to which the special tokens are ordinary text: it knows them by other
  /// spellings.
  ///
  /// @param spellings gives the other spelling
  ObjectNode literal(UnaryOperator<String> spellings) {
    ObjectNode plain = JsonText.object();
    plain.setAll(json);
    ArrayNode added = plain.putArray("added_tokens");
    for (JsonNode token : json.path("added_tokens")) {
      boolean text = !token.path("special").asBoolean();
      added.add(text ? token : respelled((ObjectNode) token, spellings));
    }
    if (json.path("model").path("vocab").isArray()) {
      plain.set("model", withoutSpecial((ObjectNode) json.path("model")));
    }
    return plain;
  }

  private static ObjectNode respelled(ObjectNode token, UnaryOperator<String> spellings) {
    String content = spellings.apply(token.path("content").asText());
    return token.deepCopy().put("content", content);
  }

  /// The tokens' ids by those that the library gives them in [#literal]: it numbers added tokens
  /// that its vocabulary does not hold one after the other behind it.
  Map<Integer, Integer> literalIds() {
    Set<String> pieces = pieces();
    int next = json.path("model").path("vocab").size();
    Map<Integer, Integer> numbered = new HashMap<>();
    for (JsonNode token : json.path("added_tokens")) {
      boolean respelled = token.path("special").asBoolean();
      if (respelled || !pieces.contains(token.path("content").asText())) {
        numbered.put(next++, token.path("id").asInt());
      }
    }
    return numbered;
  }

  private Set<String> pieces() {
    JsonNode vocabulary = json.path("model").path("vocab");
    Set<String> pieces = new HashSet<>();
    vocabulary.properties().forEach(entry -> pieces.add(entry.getKey()));
    if (vocabulary.isArray()) {
      vocabulary.forEach(piece -> pieces.add(piece.path(0).asText()));
    }
    return pieces;
  }

  /// A unigram model spells text with every piece that it has, its special ones too. A blank, which
  /// no text has any more when it gets there, keeps them from matching.
  private ObjectNode withoutSpecial(ObjectNode unigram) {
    ObjectNode model = JsonText.object();
    model.setAll(unigram);
    ArrayNode pieces = model.putArray("vocab");
    for (JsonNode piece : unigram.path("vocab")) {
      String text = piece.path(0).asText();
      if (special.contains(text)) {
        pieces.addArray().add(text + " ").add(piece.path(1));
      } else {
        pieces.add(piece);
      }
    }
    return model;
  }

  /// Whether a special token may be found in a text that does not hold its spelling.
  boolean hiddenSpecial() {
    return json.path("added_tokens")
        .valueStream()
        .anyMatch(t -> t.path("special").asBoolean() && t.path("normalized").asBoolean());
  }
}
