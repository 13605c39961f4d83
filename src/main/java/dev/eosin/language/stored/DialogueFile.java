package dev.eosin.language.stored;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.language.spec.ConfigFields;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// `eosin.json` beside a language model or its adapters: how questions and answers were put into
/// words while it was trained. Programs of others pass it over.
public final class DialogueFile {
  /// The file's name.
  public static final String NAME = "eosin.json";

  private static final String FORMAT = "eosin-language";
  private static final int VERSION = 1;

  private DialogueFile() {}

  /// The file of a format.
  public static FileContent of(DialogueFormat dialogue) {
    ObjectNode json = new JsonMapper().createObjectNode();
    json.put("format", FORMAT).put("version", VERSION);
    json.putObject("dialogue").put("asks", dialogue.asks()).put("answers", dialogue.answers());
    return FileContent.text(json.toPrettyString() + "\n");
  }

  /// What a folder says; empty where it says nothing.
  ///
  /// @throws DataException naming the file and what is wrong with it
  public static Optional<DialogueFormat> read(Path folder) throws DataException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    ConfigFields fields = ConfigFields.open(file);
    fields.requireOnly("format", FORMAT);
    if (fields.size("version") != VERSION) {
      throw fields.wrong("version", VERSION + "; a later version of Eosin wrote it");
    }
    Optional<ConfigFields> dialogue = fields.object("dialogue");
    if (dialogue.isEmpty()) {
      throw fields.wrong("dialogue", "an object with asks and answers");
    }
    fields.requireNothingElse();
    try {
      var read = new DialogueFormat(dialogue.get().text("asks"), dialogue.get().text("answers"));
      dialogue.get().requireNothingElse();
      return Optional.of(read);
    } catch (IllegalArgumentException e) {
      throw new DataException("%s: dialogue.%s".formatted(file, e.getMessage()), e);
    }
  }
}
