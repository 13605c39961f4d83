package dev.eosin.data.opened;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.data.OneLine;
import dev.eosin.data.settings.CaptionConversationsSettings;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.FolderSettings;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.JsonSettings;
import dev.eosin.data.settings.LlavaJsonSettings;
import dev.eosin.data.settings.MixtureSettings;
import dev.eosin.data.settings.ParquetSettings;
import dev.eosin.data.settings.PathGenJsonSettings;
import dev.eosin.data.settings.QuestionSetSettings;
import dev.eosin.data.settings.RecaptionedSettings;
import dev.eosin.data.settings.ShardPaths;
import dev.eosin.data.settings.SlidesSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.SplitSettings;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/// What `eosin prepare` wrote beside curated rows: which files there are, and how large each is. A
/// training that reads one of them is refused where a file is missing, cut off or not that one.
public final class CuratedManifest {
  /// The file's name.
  public static final String NAME = "manifest.json";

  /// What its field `format` says.
  public static final String FORMAT = "eosin curated 1";

  /// The fields of which it is made.
  public static final String EMPTY = "empty";

  private CuratedManifest() {}

  /// Looks for manifests beside the files of a source.
  ///
  /// @throws DataException naming the file that is not as its manifest has it
  static void check(SourceSettings settings) throws DataException {
    switch (settings) {
      case CsvSettings csv -> check(csv.path());
      case JsonLinesSettings lines -> check(lines.path());
      case ParquetSettings parquet -> check(parquet.path());
      case WebDatasetSettings shards -> {
        Set<Path> folders = new LinkedHashSet<>();
        for (String shard : ShardPaths.expand(shards.path())) {
          if (!ShardPaths.isRemote(shard)) {
            folders.add(folder(ShardPaths.path(shard)));
          }
        }
        for (Path folder : folders) {
          checkFolder(folder);
        }
      }
      case FolderSettings _,
          JsonSettings _,
          LlavaJsonSettings _,
          PathGenJsonSettings _,
          QuestionSetSettings _,
          CaptionConversationsSettings _,
          RecaptionedSettings _,
          SlidesSettings _,
          SyntheticSettings _,
          MixtureSettings _,
          SplitSettings _ -> {}
    }
  }

  private static void check(Path path) throws DataException {
    checkFolder(folder(path));
  }

  private static Path folder(Path path) {
    return Files.isDirectory(path) ? path : path.resolveSibling("");
  }

  private static void checkFolder(Path folder) throws DataException {
    Path file = folder.resolve(NAME);
    if (!Files.isRegularFile(file)) {
      return;
    }
    JsonNode manifest;
    try {
      manifest = new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException another) {
      return; // of whatever program
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
    if (!FORMAT.equals(manifest.path("format").asText())) {
      return;
    }
    if (manifest.path("rows").asLong() == 0) {
      throw new DataException(
          "%s: no row is left of the curation: %s"
              .formatted(file, OneLine.of(manifest.path(EMPTY).asText())));
    }
    for (JsonNode listed : manifest.path("files")) {
      checkFile(folder.resolve(listed.path("file").asText()), listed.path("bytes").asLong(), file);
    }
  }

  private static void checkFile(Path file, long bytes, Path manifest) throws DataException {
    String found;
    try {
      if (Files.exists(file) && Files.size(file) == bytes) {
        return;
      }
      found = Files.exists(file) ? "has %d bytes".formatted(Files.size(file)) : "is missing";
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
    throw new DataException(
        "%s: %s, %s says %d bytes; copy it again, or remove it and run the preparation's command again"
            .formatted(file, found, manifest, bytes));
  }
}
