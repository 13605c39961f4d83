package dev.eosin.clip.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.HuggingFaceConfig;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.DiskSpace;
import dev.eosin.file.FileContent;
import dev.eosin.tower.TowerNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Where a model is written to: a file `*.safetensors` with its tensors alone, or a folder as the
/// format's own programs load it, with its configuration and, as far as they are known,
/// preprocessing and tokenizer.
///
/// Nothing appears under the name unless it is whole.
///
/// @param path file or folder
/// @param format how tensors are named
/// @param replace whether what is there may be replaced
public record ModelTarget(Path path, ClipFormat format, boolean replace) {
  /// Configuration, preprocessing and tokenizer take less.
  private static final long OTHER_BYTES = 16L << 20;

  private static final int SHOWN_NAMES = 5;
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  /// Writes a model.
  ///
  /// @param tensors its tensors under Eosin's names, made when their turn comes
  /// @param source the model that architecture, preprocessing and tokenizer are taken from
  /// @return what a user should know about the result
  /// @throws DataException when something is there already, the disk is too small, the format
  ///   cannot hold the model, or the architecture is needed and not known
  public List<String> write(Map<String, PendingTensor> tensors, StoredClip source)
      throws DataException {
    if (!replace && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new DataException(path + ": is there already; --replace replaces it");
    }
    SafetensorsWriter weights = weights(tensors, source);
    List<String> notes = new ArrayList<>();
    if (!source.unused().isEmpty()) {
      notes.add(
          "%s is not used by this model and not written"
              .formatted(Quote.some(source.unused(), SHOWN_NAMES)));
    }
    if (isFile()) {
      DiskSpace.require(path, weights.dataBytes() + OTHER_BYTES);
      weights.write(path);
      notes.add("the file has tensors only; a folder would hold the configuration, too");
      return List.copyOf(notes);
    }
    Map<String, FileContent> others = others(source, notes);
    DiskSpace.require(path, weights.dataBytes() + OTHER_BYTES);
    try (AtomicFolder folder = AtomicFolder.begin(path)) {
      folder.write(
          switch (format) {
            case OPEN_CLIP, OPEN_CLIP_CUSTOM_TEXT -> "open_clip_model.safetensors";
            case HUGGING_FACE, EOSIN -> "model.safetensors";
          },
          weights);
      for (Map.Entry<String, FileContent> other : others.entrySet()) {
        folder.write(other.getKey(), other.getValue());
      }
      folder.commit();
    }
    return List.copyOf(notes);
  }

  /// Replacing a model by what is made of it would lose whatever else lies in its folder.
  ///
  /// @throws DataException when the target is the source or holds it
  public void requireOutside(Path source) throws DataException {
    try {
      if (Files.exists(path) && source.toRealPath().startsWith(path.toRealPath())) {
        throw new DataException(
            "%s: is or holds %s, which is read; write to another place".formatted(path, source));
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("%s: cannot be read: %s".formatted(source, AtomicFile.reason(e)), e);
    }
  }

  private boolean isFile() {
    return path.toString().endsWith(".safetensors");
  }

  private SafetensorsWriter weights(Map<String, PendingTensor> tensors, StoredClip source)
      throws DataException {
    if (format == ClipFormat.HUGGING_FACE && !source.sizes().towers().areClips()) {
      throw new DataException(
          "%s: %s"
              .formatted(
                  source.path(), HuggingFaceConfig.refusal(source.requiredSpec()).orElseThrow()));
    }
    TowerNames towers = source.spec().map(ClipWeights::names).orElse(source.sizes().towers());
    Layout layout = format.layout(towers);
    if (!layout.unholdable(tensors.keySet()).isEmpty()) {
      throw new DataException(
          "%s: has a logit bias, as SigLIP's loss trains one, and a %s has no place for it; write it with --to open-clip"
              .formatted(source.path(), format.title()));
    }
    return layout.writePending(tensors, METADATA);
  }

  private Map<String, FileContent> others(StoredClip source, List<String> notes)
      throws DataException {
    ClipSpec spec = source.requiredSpec();
    ModelCompanions companions = ModelCompanions.of(source);
    Map<String, String> files = new LinkedHashMap<>(companions.configuration(format, spec));
    try {
      files.putAll(companions.tokenizer(format));
    } catch (IOException e) {
      throw new DataException(
          source.path() + ": its tokenizer cannot be read: " + AtomicFile.reason(e), e);
    }
    notes.addAll(companions.notes(format));
    Map<String, FileContent> contents = new LinkedHashMap<>();
    files.forEach((name, text) -> contents.put(name, FileContent.text(text)));
    return contents;
  }
}
