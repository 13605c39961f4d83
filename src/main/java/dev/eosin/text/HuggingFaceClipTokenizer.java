package dev.eosin.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/// A tokenizer of a Hugging Face CLIP model, read from its `tokenizer.json`, with the ids of
/// transformers' `CLIPTokenizer`: no text repair, no HTML entities.
///
/// Rows are padded with the `pad_token` of `tokenizer_config.json` beside it, end of text for CLIP;
/// without that file, with the id that an empty caption ends in. A cut row keeps its last id.
///
/// Runs on the native library of Hugging Face's tokenizers, bundled with DJL. The first use unpacks
/// it into DJL's cache folder (`ENGINE_CACHE_DIR`, else `DJL_CACHE_DIR`, else `~/.djl.ai`), under a
/// temporary name and renamed, so that several processes may start at once; with
/// `ai.djl.offline=true`, which the launcher sets, nothing is ever fetched. Safe for use by many
/// threads at once.
public final class HuggingFaceClipTokenizer implements Tokenizer, AutoCloseable {
  private static final Map<String, String> WHOLE_ROWS =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "true");

  private final HuggingFaceTokenizer tokenizer;
  private final int paddingId;
  private final int vocabularySize;

  private HuggingFaceClipTokenizer(
      HuggingFaceTokenizer tokenizer, int paddingId, int vocabularySize) {
    this.tokenizer = tokenizer;
    this.paddingId = paddingId;
    this.vocabularySize = vocabularySize;
  }

  /// @param path the file `tokenizer.json`, or the folder that holds it
  /// @throws DataException when the file is missing or is no tokenizer
  public static HuggingFaceClipTokenizer open(Path path) throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve("tokenizer.json") : path;
    if (!Files.isRegularFile(file)) {
      throw new DataException(
          file + ": no such file; expected tokenizer.json of a Hugging Face model");
    }
    JsonNode json = json(file);
    HuggingFaceTokenizer tokenizer = load(file);
    int[] empty = ids(tokenizer, "");
    if (empty.length == 0) {
      throw new DataException(
          file + ": an empty caption has no ids; expected start and end of text around it");
    }
    int padding = paddingId(file.resolveSibling("tokenizer_config.json"), json, empty);
    return new HuggingFaceClipTokenizer(tokenizer, padding, vocabularySize(json));
  }

  @Override
  public int[] encode(String text, int contextLength) {
    if (contextLength < 1) {
      throw new IllegalArgumentException("context length must be at least 1, got " + contextLength);
    }
    int[] ids = ids(tokenizer, text);
    if (ids.length <= contextLength) {
      return ids;
    }
    int[] cut = Arrays.copyOf(ids, contextLength);
    cut[contextLength - 1] = ids[ids.length - 1];
    return cut;
  }

  @Override
  public int untruncatedLength(String text) {
    return ids(tokenizer, text).length;
  }

  @Override
  public int paddingId() {
    return paddingId;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  private static int[] ids(HuggingFaceTokenizer tokenizer, String text) {
    long[] ids = tokenizer.encode(TextRepair.replaceLoneSurrogates(text)).getIds();
    return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
  }

  private static HuggingFaceTokenizer load(Path file) throws IOException {
    try {
      return HuggingFaceTokenizer.newInstance(file, WHOLE_ROWS);
    } catch (LinkageError e) {
      throw new DataException(
          "the native library of Hugging Face tokenizers does not load on this machine ("
              + e.getMessage()
              + "); use the tokenizer clip-bpe",
          e);
    } catch (RuntimeException e) {
      throw new DataException(
          file + ": not a tokenizer of the Hugging Face format: " + e.getMessage(), e);
    }
  }

  private static JsonNode json(Path file) throws IOException {
    try {
      return new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw new DataException(file + ": not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static int paddingId(Path config, JsonNode tokenizer, int[] empty) throws IOException {
    int endOfText = empty[empty.length - 1];
    if (!Files.isRegularFile(config)) {
      return endOfText;
    }
    JsonNode named = json(config).path("pad_token");
    String token = named.isObject() ? named.path("content").asText() : named.asText("");
    return token.isEmpty() ? endOfText : id(tokenizer, token, config);
  }

  private static int id(JsonNode tokenizer, String token, Path config) throws DataException {
    for (JsonNode added : tokenizer.path("added_tokens")) {
      if (added.path("content").asText().equals(token)) {
        return added.path("id").asInt();
      }
    }
    JsonNode id = tokenizer.path("model").path("vocab").path(token);
    if (!id.isInt()) {
      throw new DataException(
          "%s: pad_token '%s' is not in the tokenizer.json beside it".formatted(config, token));
    }
    return id.asInt();
  }

  private static int vocabularySize(JsonNode tokenizer) {
    int size = 0;
    for (JsonNode id : tokenizer.path("model").path("vocab")) {
      size = Math.max(size, id.asInt() + 1);
    }
    for (JsonNode added : tokenizer.path("added_tokens")) {
      size = Math.max(size, added.path("id").asInt() + 1);
    }
    return size;
  }
}
