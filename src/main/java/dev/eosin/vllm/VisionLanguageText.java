package dev.eosin.vllm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.chat.BuiltInTemplate;
import dev.eosin.language.chat.ChatTemplate;
import dev.eosin.language.chat.JinjaTemplate;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.stored.DialogueFile;
import dev.eosin.text.ChatTokenizerExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What belongs to text in a LLaVA folder that Eosin writes: tokenizer, chat template, how it
/// generates, and which template it was trained with.
public final class VisionLanguageText {
  /// Eosin's own file.
  public static final String NAME = DialogueFile.NAME;

  private static final String FORMAT = "eosin-vllm";
  private static final int VERSION = 1;
  private static final String OWN = "own";
  private static final String GENERATION = "generation_config.json";

  private VisionLanguageText() {}

  /// The files, by name.
  ///
  /// @param tokenizer a folder, or a `tokenizer.json` or `.model` file; may lack `<image>`
  /// @param template that the model was trained with
  /// @param around whether what the tokenizer puts before a text stands before conversations, too
  /// @param context the most ids of the model
  /// @param begin of text
  /// @param ends ids that end an answer
  public static Map<String, FileContent> files(
      Path tokenizer,
      ChatTemplate template,
      boolean around,
      int context,
      OptionalInt begin,
      List<Integer> ends)
      throws IOException {
    Map<String, FileContent> files =
        new LinkedHashMap<>(
            ChatTokenizerExport.files(
                tokenizer,
                Map.of("image_token", ConversationRows.MARK),
                template.jinja(),
                around,
                context,
                Map.of("processor_class", "LlavaProcessor")));
    files.put(GENERATION, generation(tokenizer.resolve(GENERATION), begin, ends));
    if (!around) {
      ObjectNode own = JsonNodeFactory.instance.objectNode();
      own.put("format", FORMAT).put("version", VERSION).put("template", word(template));
      files.put(NAME, FileContent.text(own.toPrettyString() + "\n"));
    }
    return files;
  }

  private static String word(ChatTemplate template) {
    return switch (template) {
      case BuiltInTemplate built -> built.name();
      case JinjaTemplate _ -> OWN;
    };
  }

  private static FileContent generation(Path base, OptionalInt begin, List<Integer> ends) {
    if (Files.isRegularFile(base)) {
      return FileContent.copyOf(base);
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    begin.ifPresent(id -> json.put("bos_token_id", id));
    ends.forEach(json.putArray("eos_token_id")::add);
    json.put("pad_token_id", ends.isEmpty() ? 0 : ends.getFirst());
    return FileContent.text(json.toPrettyString() + "\n");
  }

  /// The template that a folder's model was trained with: `v1`, `plain`, `llama-3`, `chatml` or
  /// `own`.
  ///
  /// @return empty where the folder does not say it
  /// @throws DataException naming the file and what is wrong with it
  public static Optional<String> template(Path folder) throws DataException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    ConfigFields fields = ConfigFields.open(file);
    fields.requireOnly("format", FORMAT);
    if (fields.size("version") != VERSION) {
      throw fields.wrong("version", VERSION + "; a later version of Eosin wrote it");
    }
    String template = fields.text("template");
    fields.requireNothingElse();
    return Optional.of(template);
  }
}
