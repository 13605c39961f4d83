package dev.eosin.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.text.ByteLevelJson.Merge;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What [BytePairTrainer] learned, to be written as the files that transformers and
/// [LanguageTokenizer] open.
public final class BytePairVocabulary {
  private final BytePairSettings settings;
  private final List<String> tokens;
  private final Map<String, Integer> ids;
  private final List<Merge> merges;

  BytePairVocabulary(
      BytePairSettings settings,
      List<String> tokens,
      Map<String, Integer> ids,
      List<Merge> merges) {
    this.settings = settings;
    this.tokens = List.copyOf(tokens);
    this.ids = Collections.unmodifiableMap(new LinkedHashMap<>(ids));
    this.merges = List.copyOf(merges);
  }

  /// The number of tokens.
  public int size() {
    return tokens.size();
  }

  /// The number of merges learned.
  public int mergeCount() {
    return merges.size();
  }

  List<Merge> merges() {
    return merges;
  }

  /// Every token by id: special ones as they are, others in the visible spelling of bytes, in which
  /// a blank is `Ġ`.
  public List<String> tokens() {
    return tokens;
  }

  /// Writes `tokenizer.json` and `tokenizer_config.json` into a folder; where a path that ends in
  /// `.json` is given, the first of them alone, under that name. Text is encoded with begin of text
  /// before it.
  ///
  /// @throws DataException when a file cannot be written
  public void write(Path out) throws DataException {
    if (String.valueOf(out.getFileName()).endsWith(".json")) {
      AtomicFile.write(out, to -> to.write(JsonText.bytes(json())));
      return;
    }
    AtomicFile.write(
        out.resolve(TokenizerConfig.NAME), to -> to.write(JsonText.bytes(configuration())));
    AtomicFile.write(out.resolve("tokenizer.json"), to -> to.write(JsonText.bytes(json())));
  }

  private ObjectNode json() {
    List<ObjectNode> added = new ArrayList<>();
    settings.specialTokens().forEach(t -> added.add(AddedTokens.token(added.size(), t, true)));
    ObjectNode json = ByteLevelJson.json(ids, merges, added);
    json.set("post_processor", AddedTokens.template(settings.bos(), id(settings.bos()), "", -1));
    return json;
  }

  private int id(String token) {
    return tokens.indexOf(token);
  }

  private ObjectNode configuration() {
    ObjectNode config = JsonText.object().put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("pad_token", settings.pad());
    config.put("bos_token", settings.bos()).put("eos_token", settings.eos());
    config.put("add_bos_token", true).put("add_eos_token", false);
    config.put("clean_up_tokenization_spaces", false);
    ArrayNode further = config.putArray("additional_special_tokens");
    settings.special().forEach(further::add);
    return config;
  }
}
