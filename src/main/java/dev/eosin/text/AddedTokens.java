package dev.eosin.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// Entries of `added_tokens` in a `tokenizer.json`: texts that are one token wherever they stand.
final class AddedTokens {
  static final List<String> FLAGS = List.of("single_word", "lstrip", "rstrip", "normalized");

  private AddedTokens() {}

  static ObjectNode token(int id, String content, boolean special) {
    ObjectNode token = JsonText.object().put("id", id).put("content", content);
    FLAGS.forEach(flag -> token.put(flag, false));
    return token.put("special", special);
  }

  /// Puts begin and end of text around a text; an empty name puts none.
  static ObjectNode template(String bos, int bosId, String eos, int eosId) {
    ObjectNode processor = JsonText.object().put("type", "TemplateProcessing");
    ObjectNode named = JsonText.object();
    if (!bos.isEmpty()) {
      named.set(bos, named(bos, bosId));
    }
    if (!eos.isEmpty()) {
      named.set(eos, named(eos, eosId));
    }
    around(processor.putArray("single"), bos, eos, "A");
    around(around(processor.putArray("pair"), bos, eos, "A"), bos, eos, "B");
    processor.set("special_tokens", named);
    return processor;
  }

  private static ArrayNode around(ArrayNode parts, String bos, String eos, String sequence) {
    int type = sequence.equals("A") ? 0 : 1;
    if (!bos.isEmpty()) {
      parts.addObject().putObject("SpecialToken").put("id", bos).put("type_id", type);
    }
    parts.addObject().putObject("Sequence").put("id", sequence).put("type_id", type);
    if (!eos.isEmpty()) {
      parts.addObject().putObject("SpecialToken").put("id", eos).put("type_id", type);
    }
    return parts;
  }

  private static ObjectNode named(String token, int id) {
    ObjectNode named = JsonText.object().put("id", token);
    named.putArray("ids").add(id);
    named.putArray("tokens").add(token);
    return named;
  }
}
