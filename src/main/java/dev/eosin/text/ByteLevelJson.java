package dev.eosin.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// GPT-2's kind of tokenizer as a `tokenizer.json`: words by GPT-2's pattern, byte pair merges.
final class ByteLevelJson {
  private ByteLevelJson() {}

  /// One merge of two tokens, each in the spelling of [ByteAlphabet].
  record Merge(String left, String right) {}

  /// @param ids of every token of the vocabulary
  /// @param merges the earliest learned first
  /// @param added see [AddedTokens]
  static ObjectNode json(Map<String, Integer> ids, List<Merge> merges, List<ObjectNode> added) {
    ObjectNode root = JsonText.object().put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    root.putArray("added_tokens").addAll(added);
    root.putNull("normalizer");
    root.set("pre_tokenizer", byteLevel());
    root.putNull("post_processor");
    root.set("decoder", byteLevel());
    ObjectNode model = root.putObject("model").put("type", "BPE").putNull("dropout");
    model.putNull("unk_token").putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode vocabulary = model.putObject("vocab");
    ids.forEach(vocabulary::put);
    ArrayNode pairs = model.putArray("merges");
    merges.forEach(merge -> pairs.addArray().add(merge.left()).add(merge.right()));
    return root;
  }

  private static ObjectNode byteLevel() {
    ObjectNode step = JsonText.object().put("type", "ByteLevel").put("add_prefix_space", false);
    return step.put("trim_offsets", true).put("use_regex", true);
  }

  /// The two files that GPT-2 and OPT come with.
  ///
  /// @param tokenizerClass transformers' class, which decides how words are cut; may be empty
  /// @throws DataException when the class cuts words otherwise, or a file is broken
  static ObjectNode ofFiles(Path vocabulary, Path merges, String tokenizerClass)
      throws IOException {
    if (!List.of("", "GPT2Tokenizer", "GPT2TokenizerFast").contains(tokenizerClass)) {
      throw new DataException(
          "%s: tokenizer_class %s is read from a tokenizer.json only; save the tokenizer with"
                  .formatted(vocabulary.resolveSibling(TokenizerConfig.NAME), tokenizerClass)
              + " transformers' save_pretrained, which writes one");
    }
    ObjectNode root = json(Map.of(), merges(merges), List.of());
    ((ObjectNode) root.path("model")).set("vocab", JsonText.object(vocabulary));
    return root;
  }

  private static List<Merge> merges(Path file) throws IOException {
    List<String> lines =
        Utf8Text.decode(file.toString(), Files.readAllBytes(file)).lines().toList();
    List<Merge> merges = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isEmpty() || (i == 0 && line.startsWith("#version"))) {
        continue;
      }
      int blank = line.indexOf(' ');
      if (blank < 1 || blank != line.lastIndexOf(' ') || blank == line.length() - 1) {
        throw new DataException(
            "%s: line %d: '%s' is no merge of two tokens".formatted(file, i + 1, line));
      }
      merges.add(new Merge(line.substring(0, blank), line.substring(blank + 1)));
    }
    return merges;
  }
}
