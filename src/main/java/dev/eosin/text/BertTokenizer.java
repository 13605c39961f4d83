package dev.eosin.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// WordPiece with `[CLS]` before and `[SEP]` after a caption, read from the `tokenizer.json` of a
/// BERT; a cut row keeps `[SEP]`.
///
/// Captions are repaired first as open_clip's `HFTokenizer` does (text repair, HTML entities, white
/// space; the case is the file's matter), or taken as they are. Safe for use by many threads.
///
/// Source: open_clip 3.3.0 `tokenizer.py`, tokenizers 0.23.
public final class BertTokenizer implements Tokenizer, AutoCloseable {
  private static final String PADDING = "[PAD]";
  private final HuggingFaceClipTokenizer pieces;
  private final boolean repair;
  private final int paddingId;

  private BertTokenizer(HuggingFaceClipTokenizer pieces, boolean repair, int paddingId) {
    this.pieces = pieces;
    this.repair = repair;
    this.paddingId = paddingId;
  }

  /// @param path the file `tokenizer.json`, or the folder that holds it
  /// @param repair whether captions are repaired as open_clip does
  /// @throws DataException when the file is missing, is no WordPiece tokenizer or names no padding
  public static BertTokenizer open(Path path, boolean repair) throws IOException {
    HuggingFaceClipTokenizer pieces = HuggingFaceClipTokenizer.open(path);
    try {
      Path file = Files.isDirectory(path) ? path.resolve("tokenizer.json") : path;
      JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(file));
      String type = json.path("model").path("type").asText();
      if (!type.equals("WordPiece")) {
        throw new DataException(
            "%s: is a tokenizer of type '%s', 'WordPiece' is expected; use the tokenizer hugging-face"
                .formatted(file, type));
      }
      return new BertTokenizer(pieces, repair, paddingId(file, json));
    } catch (IOException | RuntimeException e) {
      pieces.close();
      throw e;
    }
  }

  /// Where the file says how rows are padded, that; else the id of [PAD].
  private static int paddingId(Path file, JsonNode json) throws DataException {
    JsonNode said = json.path("padding").path("pad_id");
    if (said.isInt()) {
      return said.intValue();
    }
    for (JsonNode added : json.path("added_tokens")) {
      if (added.path("content").asText().equals(PADDING)) {
        return added.path("id").asInt();
      }
    }
    JsonNode id = json.path("model").path("vocab").path(PADDING);
    if (!id.isInt()) {
      throw new DataException(
          "%s: has neither padding.pad_id nor the token %s".formatted(file, PADDING));
    }
    return id.intValue();
  }

  private String prepared(String text) {
    return repair ? CaptionCleaning.repaired(text) : text;
  }

  @Override
  public int[] encode(String text, int contextLength) {
    return pieces.encode(prepared(text), contextLength);
  }

  @Override
  public int untruncatedLength(String text) {
    return pieces.untruncatedLength(prepared(text));
  }

  @Override
  public int paddingId() {
    return paddingId;
  }

  @Override
  public int vocabularySize() {
    return pieces.vocabularySize();
  }

  @Override
  public void close() {
    pieces.close();
  }
}
