package dev.eosin.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Writes a tokenizer, whatever files it came from, as the `tokenizer.json` that every version of
/// transformers reads, with a conversation's template beside it.
///
/// Where the template writes begin of text itself, what is written puts nothing around a text: a
/// conversation that is rendered first and encoded then would otherwise begin twice.
public final class ChatTokenizerExport {
  private ChatTokenizerExport() {}

  /// The files, by name.
  ///
  /// @param path as for [LanguageTokenizer#open(Path, List)]
  /// @param more special tokens, by the role that transformers knows them by (`image_token`)
  /// @param template in Jinja
  /// @param around whether the tokenizer still puts around a text what it did
  /// @param context the most ids of the model
  /// @param further what else `tokenizer_config.json` says
  /// @throws dev.eosin.config.DataException as [LanguageTokenizer#open(Path)]
  public static Map<String, FileContent> files(
      Path path,
      Map<String, String> more,
      String template,
      boolean around,
      int context,
      Map<String, String> further)
      throws IOException {
    TokenizerFiles files = TokenizerFiles.read(path, List.copyOf(more.values()));
    ObjectNode json = files.json().deepCopy();
    if (!around) {
      json.set("post_processor", without(json.path("post_processor")));
    }
    Map<String, FileContent> written = new LinkedHashMap<>();
    written.put("tokenizer.json", out -> out.write(JsonText.bytes(json)));
    ObjectNode config = config(files, more, context);
    further.forEach(config::put);
    config.put("chat_template", template);
    written.put("tokenizer_config.json", text(config));
    written.put("chat_template.jinja", FileContent.text(template));
    written.put("chat_template.json", text(JsonText.object().put("chat_template", template)));
    return written;
  }

  private static FileContent text(ObjectNode json) {
    return FileContent.text(json.toPrettyString() + "\n");
  }

  private static ObjectNode config(TokenizerFiles files, Map<String, String> more, int context) {
    Map<Integer, String> tokens = new HashMap<>();
    files.ids().forEach((token, id) -> tokens.put(id, token));
    ObjectNode config = JsonText.object().put("tokenizer_class", "PreTrainedTokenizerFast");
    for (String role : TokenizerConfig.ROLES) {
      OptionalInt id = files.id(role);
      id.ifPresent(value -> config.put(role, tokens.get(value)));
    }
    if (!config.has("pad_token") && config.has("eos_token")) {
      config.set("pad_token", config.get("eos_token"));
    }
    config.put("model_max_length", context);
    config.put("clean_up_tokenization_spaces", false);
    config.put("padding_side", "left");
    ObjectNode named = config.putObject("extra_special_tokens");
    more.forEach(named::put);
    return config;
  }

  /// A post-processor but for its part that puts tokens around a text.
  private static JsonNode without(JsonNode processor) {
    return switch (processor.path("type").asText("")) {
      case "TemplateProcessing", "BertProcessing", "RobertaProcessing", "" ->
          JsonText.object().nullNode();
      case "Sequence" -> {
        ObjectNode sequence = processor.deepCopy();
        ArrayNode kept = sequence.putArray("processors");
        for (JsonNode each : processor.path("processors")) {
          JsonNode rest = without(each);
          if (!rest.isNull()) {
            kept.add(rest);
          }
        }
        yield kept.isEmpty() ? JsonText.object().nullNode() : sequence;
      }
      default -> processor;
    };
  }
}
