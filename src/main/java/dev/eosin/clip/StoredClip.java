package dev.eosin.clip;

import dev.eosin.checkpoint.ClipFormat;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A CLIP model on disk, whose format its tensors' names tell.
///
/// @param path file or folder, as it was given
/// @param format how the file names its tensors
/// @param own its tensors under Eosin's names
/// @param sizes what their shapes tell
/// @param spec the architecture, where a configuration lies beside the file or the user named one
public record StoredClip(
    Path path, ClipFormat format, StoredTensors own, ClipSizes sizes, Optional<ClipSpec> spec)
    implements AutoCloseable {
  private static final int SHOWN_NAMES = 3;

  /// Opens a model and checks that every tensor is there, and fits the architecture where that is
  /// known.
  ///
  /// @param named the architecture, as the user named it
  /// @throws DataException when the file cannot be read or holds no CLIP model, when its
  ///   configuration says otherwise than the user, or with every tensor that does not fit
  public static StoredClip open(Path path, Optional<ClipSpec> named) throws DataException {
    StoredTensors file = StoredTensors.open(path);
    try {
      return open(path, file, named);
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static StoredClip open(Path path, StoredTensors file, Optional<ClipSpec> named)
      throws DataException {
    ClipFormat format =
        ClipFormat.of(file.names())
            .orElseThrow(
                () ->
                    new DataException(
                        "%s: holds no CLIP model of CLIP's own two transformers, but %d tensors such as %s; 'eosin inspect' lists them"
                            .formatted(file.path(), file.names().size(), some(file))));
    Optional<ClipSpec> spec = named;
    Optional<ClipConfigFile> config = ClipConfigFile.beside(path, format);
    if (config.isPresent()) {
      ClipSpec beside = config.get().spec();
      requireSame(config.get().path(), beside, named);
      spec = Optional.of(beside);
    }
    StoredTensors own = format.layoutOf(file.names()).read(file, Map.of());
    if (own.names().contains(Clip.LOGIT_BIAS)) {
      spec = spec.map(ClipSpec::withLogitBias);
    }
    if (spec.isPresent()) {
      ClipSpec known = spec.get();
      Layout layout = format.layout(known.image().layers(), known.text().layers());
      ClipWeights.check(known, layout, file);
    }
    ClipSizes sizes = ClipSizes.of(own);
    return new StoredClip(path, format, own, sizes, spec);
  }

  private static void requireSame(Path config, ClipSpec beside, Optional<ClipSpec> named)
      throws DataException {
    List<String> differences =
        named.map(spec -> SpecComparison.differences(beside, spec)).orElse(List.of());
    if (!differences.isEmpty()) {
      throw new DataException(
          "%s: contradicts the architecture that was named: %s"
              .formatted(config, String.join(", ", differences)));
    }
  }

  private static String some(StoredTensors file) {
    return String.join(", ", file.names().stream().limit(SHOWN_NAMES).map(Quote::of).toList());
  }

  /// The folder whose further files belong to the model, if it was given as a folder.
  public Optional<Path> folder() {
    return Files.isDirectory(path) ? Optional.of(path) : Optional.empty();
  }

  /// The architecture.
  ///
  /// @throws DataException saying what the file does not, and how to say it
  public ClipSpec requiredSpec() throws DataException {
    return spec.orElseThrow(
        () ->
            new DataException(
                "%s: does not say which activation, end-of-text rule and heads its model has; name it with --preset or --config%s"
                    .formatted(path, suggestion())));
  }

  private String suggestion() {
    List<String> presets = ClipPresets.fitting(sizes);
    return presets.isEmpty()
        ? ""
        : "; its tensors have the shapes of " + String.join(" and of ", presets);
  }

  @Override
  public void close() {
    own.close();
  }
}
