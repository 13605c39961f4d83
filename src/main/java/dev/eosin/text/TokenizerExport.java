package dev.eosin.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tokenizer files that belong beside a model in the Hugging Face layout, as file name to text.
///
/// For CLIP's vocabulary these are `tokenizer.json`, `vocab.json`, `merges.txt`,
/// `tokenizer_config.json` and `special_tokens_map.json`, which transformers' `CLIPTokenizer`
/// reads. Its ids are Hugging Face's: without the text repair that open_clip does, padded with end
/// of text.
public final class TokenizerExport {
  private static final String START = "<|startoftext|>";
  private static final String END = "<|endoftext|>";
  private static final String NAME = "tokenizer.json";
  private static final String CONFIG = "tokenizer_config.json";
  private static final String SPECIAL = "special_tokens_map.json";

  private static final List<String> KNOWN =
      List.of(NAME, CONFIG, SPECIAL, "vocab.json", "merges.txt", "vocab.txt");

  private static final ObjectMapper JSON = new ObjectMapper();

  private TokenizerExport() {}

  /// The files of the tokenizer that a recipe chose: those of the model it names, or written anew.
  ///
  /// @param contextLength the text tower's, in ids
  /// @throws IOException when the files of the named model cannot be read
  public static Map<String, String> files(TokenizerSettings settings, int contextLength)
      throws IOException {
    return switch (settings) {
      case TokenizerSettings.ClipBpe() -> clip(ClipVocabulary.load(), contextLength);
      case TokenizerSettings.HuggingFace(Path path) -> copies(path);
      case TokenizerSettings.Bert(Path path, boolean repair) -> copies(path);
    };
  }

  /// The files of CLIP's vocabulary.
  ///
  /// @param contextLength the text tower's, in ids
  public static Map<String, String> clip(ClipVocabulary vocabulary, int contextLength) {
    ObjectNode ids = vocabulary(vocabulary);
    Map<String, String> files = new LinkedHashMap<>();
    files.put(NAME, text(tokenizer(vocabulary, ids)));
    files.put("vocab.json", text(ids));
    files.put("merges.txt", "#version: 0.2\n" + String.join("\n", vocabulary.merges()) + "\n");
    ObjectNode special = JSON.createObjectNode();
    special.put("bos_token", START).put("eos_token", END);
    special.put("unk_token", END).put("pad_token", END);
    files.put(SPECIAL, text(special));
    ObjectNode config = JSON.createObjectNode();
    config.put("tokenizer_class", "CLIPTokenizer").put("model_max_length", contextLength);
    config.setAll(special);
    files.put(CONFIG, text(config.put("do_lower_case", true)));
    return files;
  }

  /// A `tokenizer.json` with one more special token, where it is not there yet.
  ///
  /// @param id that no other token has
  /// @throws DataException when the file cannot be read or has the token under another id
  public static String with(Path file, String token, int id) throws IOException {
    JsonNode root = JSON.readTree(Files.readString(file));
    ArrayNode added = root.withArray("added_tokens");
    for (JsonNode each : added) {
      if (each.path("content").asText().equals(token)) {
        if (each.path("id").asInt() != id) {
          throw new DataException(
              "%s: %s has the id %s, not %d".formatted(file, token, each.path("id"), id));
        }
        return text(root);
      }
    }
    for (JsonNode entry : root.path("model").path("vocab")) {
      if (entry.isIntegralNumber() && entry.asInt() == id) {
        throw new DataException(
            "%s: the id %d that is to be %s's is another token's; is the tokenizer another model's?"
                .formatted(file, id, token));
      }
    }
    added.add(special(token, id));
    return text(root);
  }

  /// The files of a tokenizer in a folder or beside a `tokenizer.json`.
  ///
  /// @throws DataException when there is none
  public static Map<String, String> copies(Path path) throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve(NAME) : path;
    if (!Files.isRegularFile(file)) {
      throw new DataException(file + ": no such file; the tokenizer's files cannot be exported");
    }
    Map<String, String> files = new LinkedHashMap<>();
    for (String name : KNOWN) {
      Path source = name.equals(NAME) ? file : file.resolveSibling(name);
      if (Files.isRegularFile(source)) {
        files.put(name, Files.readString(source));
      }
    }
    return files;
  }

  private static ObjectNode vocabulary(ClipVocabulary vocabulary) {
    ObjectNode ids = JSON.createObjectNode();
    List<String> tokens = vocabulary.tokens();
    for (int id = 0; id < vocabulary.startOfText(); id++) {
      ids.put(tokens.get(id), id);
    }
    return ids.put(START, vocabulary.startOfText()).put(END, vocabulary.endOfText());
  }

  private static ObjectNode tokenizer(ClipVocabulary vocabulary, ObjectNode ids) {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    added.add(special(START, vocabulary.startOfText()));
    added.add(special(END, vocabulary.endOfText()));
    root.set("normalizer", template(NORMALIZER));
    root.set("pre_tokenizer", template(PRE_TOKENIZER));
    ObjectNode post = root.putObject("post_processor").put("type", "RobertaProcessing");
    post.putArray("sep").add(END).add(vocabulary.endOfText());
    post.putArray("cls").add(START).add(vocabulary.startOfText());
    post.put("trim_offsets", false).put("add_prefix_space", false);
    root.set("decoder", template(DECODER));
    root.set("model", model(vocabulary, ids));
    return root;
  }

  private static ObjectNode model(ClipVocabulary vocabulary, ObjectNode ids) {
    ObjectNode model = JSON.createObjectNode().put("type", "BPE").putNull("dropout");
    model.put("unk_token", END).put("continuing_subword_prefix", "");
    model.put("end_of_word_suffix", ClipVocabulary.END_OF_WORD);
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    model.set("vocab", ids);
    ArrayNode merges = model.putArray("merges");
    for (String merge : vocabulary.merges()) {
      int blank = merge.indexOf(' ');
      merges.addArray().add(merge.substring(0, blank)).add(merge.substring(blank + 1));
    }
    return model;
  }

  private static ObjectNode special(String content, int id) {
    ObjectNode token = JSON.createObjectNode().put("id", id).put("content", content);
    token.put("single_word", false).put("lstrip", false).put("rstrip", false);
    return token.put("normalized", false).put("special", true);
  }

  private static JsonNode template(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(JsonNode node) {
    return node + "\n";
  }

  // The rules as transformers 5.18 writes them for CLIP.
  private static final String NORMALIZER =
      """
      {"type": "Sequence", "normalizers": [
        {"type": "NFC"},
        {"type": "Replace", "pattern": {"Regex": "\\\\s+"}, "content": " "},
        {"type": "Lowercase"}]}
      """;

  private static final String PRE_TOKENIZER =
      """
      {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": "<\\\\|startoftext\\\\|>|<\\\\|endoftext\\\\|>\
      |'s|'t|'re|'ve|'m|'ll|'d|[\\\\p{L}]+|[\\\\p{N}]|[^\\\\s\\\\p{L}\\\\p{N}]+"},
         "behavior": "Removed", "invert": true},
        {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]}
      """;

  private static final String DECODER =
      """
      {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}
      """;
}
