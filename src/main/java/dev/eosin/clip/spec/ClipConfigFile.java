package dev.eosin.clip.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.checkpoint.ModelFiles;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// A model configuration on disk, Hugging Face's or open_clip's.
///
/// @param path where it lies
/// @param json its contents, an object
public record ClipConfigFile(Path path, JsonNode json) {
  /// In what a folder of each format keeps its configuration.
  public static final String HUGGING_FACE = "config.json";

  public static final String OPEN_CLIP = "open_clip_config.json";
  public static final String EOSIN = "model.json";

  private static final long LARGEST = 16L << 20;

  /// Reads a file, whichever of the two it is.
  ///
  /// @throws DataException when it cannot be read or is no JSON object
  public static ClipConfigFile read(Path path) throws DataException {
    try {
      if (Files.size(path) > LARGEST) {
        throw new DataException(path + ": is larger than 16 MiB, too large for a configuration");
      }
      JsonNode json = new JsonMapper().readTree(path.toFile());
      if (!json.isObject()) {
        throw new DataException(path + ": is not a JSON object");
      }
      return new ClipConfigFile(path, json);
    } catch (NoSuchFileException e) {
      throw new DataException(path + ": no such file", e);
    } catch (JsonProcessingException e) {
      throw new DataException(
          path + ": is not valid JSON: " + Quote.line(e.getOriginalMessage()), e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("%s: cannot be read: %s".formatted(path, AtomicFile.reason(e)), e);
    }
  }

  /// The configuration that belongs to weights: in their folder, under the format's usual name.
  ///
  /// @param weights a folder, or the file in it that has the usual name; other files may have a
  ///   stranger's configuration beside them
  public static Optional<ClipConfigFile> beside(Path weights, ClipFormat format)
      throws DataException {
    if (!Files.isDirectory(weights) && !ModelFiles.isUsual(weights)) {
      return Optional.empty();
    }
    Path folder =
        Files.isDirectory(weights) ? weights : weights.toAbsolutePath().resolveSibling("");
    Path config =
        folder.resolve(
            switch (format) {
              case OPEN_CLIP, OPEN_CLIP_CUSTOM_TEXT -> OPEN_CLIP;
              case HUGGING_FACE -> HUGGING_FACE;
              case EOSIN -> EOSIN;
            });
    return Files.isRegularFile(config) ? Optional.of(read(config)) : Optional.empty();
  }

  /// The architecture.
  ///
  /// @throws DataException naming the key that is missing, wrong or not supported
  public ClipSpec spec() throws DataException {
    return json.has("vision_config")
        ? HuggingFaceConfig.read(path.toString(), json)
        : OpenClipConfig.read(path.toString(), json, beside());
  }

  /// What lies beside an open_clip configuration under Hugging Face's name: a text tower of BERT
  /// kind has its sizes there.
  private Optional<JsonNode> beside() throws DataException {
    Path other = path.resolveSibling(HUGGING_FACE);
    return !path.endsWith(HUGGING_FACE) && Files.isRegularFile(other)
        ? Optional.of(read(other).json())
        : Optional.empty();
  }
}
