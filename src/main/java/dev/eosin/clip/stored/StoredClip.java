package dev.eosin.clip.stored;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.ModelFiles;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.Clip;
import dev.eosin.clip.spec.ArchitectureText;
import dev.eosin.clip.spec.ArchitectureWords;
import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSizes;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.SpecComparison;
import dev.eosin.config.DataException;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.text.TokenizerSettings;
import dev.eosin.tower.TowerNames;
import dev.eosin.train.WeightsPart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A CLIP model on disk, whose format its tensors' names tell.
///
/// @param path file or folder, as it was given
/// @param format how the file names its tensors
/// @param own its tensors under Eosin's names
/// @param unused its other tensors, which a model of this kind has no use for
/// @param sizes what their shapes tell
/// @param spec the architecture, where a configuration lies beside the file, a run knows it or the
///   user named one
/// @param input what a run says of the model's input; for others its folder may
public record StoredClip(
    Path path,
    ClipFormat format,
    StoredTensors own,
    List<String> unused,
    ClipSizes sizes,
    Optional<ClipSpec> spec,
    Optional<Input> input)
    implements AutoCloseable {
  /// What becomes the input of a run's model.
  ///
  /// @param image how images are prepared
  /// @param tokenizer of captions
  /// @param captionLength in ids
  public record Input(ImageSettings image, TokenizerSettings tokenizer, int captionLength) {}

  private static final int SHOWN_NAMES = 3;

  /// Opens a model and checks that every tensor is there, and fits the architecture where that is
  /// known.
  ///
  /// @param named the architecture, as the user named it
  /// @throws DataException when the file cannot be read or holds no CLIP model, when its
  ///   configuration says otherwise than the user, or with every tensor that does not fit
  public static StoredClip open(Path path, Optional<ClipSpec> named) throws DataException {
    StoredTensors file = UnwrappedNames.open(path, ModelFiles.ANY);
    try {
      return open(path, file, named);
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /// Opens what a checkpoint's model computes with: adapters are merged into the weights.
  ///
  /// @param path as it was given
  /// @param spec the run's architecture
  /// @param input what the run's recipe says
  /// @throws DataException when the run had another architecture, kept no such part, or the file
  ///   cannot be read
  public static StoredClip open(
      Path path, Checkpoint checkpoint, WeightsPart part, ClipSpec spec, Input input)
      throws DataException {
    if (ArchitectureText.contradicts(checkpoint.state().more(), spec)) {
      throw new DataException(
          "%s: its model is not what is said of it, in the checkpoint against the recipe or command line: %s; restore model.config of its recipe, or name the configuration with --config"
              .formatted(
                  path,
                  ArchitectureWords.differences(
                      "",
                      ArchitectureText.stored(checkpoint.state().more()),
                      ArchitectureText.of(spec))));
    }
    StoredTensors file = new CheckpointWeights(checkpoint, part).open();
    try {
      StoredClip model = open(path, file, Optional.of(spec));
      return new StoredClip(
          path, model.format, model.own, model.unused, model.sizes, model.spec, Optional.of(input));
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
                        "%s: holds no CLIP model of known towers, but %d tensors such as %s; 'eosin inspect' lists them"
                            .formatted(file.path(), file.names().size(), some(file))));
    Optional<ClipSpec> spec = named;
    Optional<ClipConfigFile> config = ClipConfigFile.beside(path, format);
    if (config.isPresent()) {
      ClipSpec beside = config.get().spec();
      requireSame(config.get().path(), beside, named);
      spec = Optional.of(beside);
    }
    TowerNames found = format.towers(file.names()).orElseThrow();
    TowerNames towers = requireTold(path, found, spec);
    Layout layout = format.layout(towers);
    StoredTensors own = layout.read(file, Map.of());
    if (own.names().contains(Clip.LOGIT_BIAS)) {
      spec = spec.map(ClipSpec::withLogitBias);
    }
    if (spec.isPresent()) {
      ClipWeights.check(spec.get(), layout, file);
    }
    return new StoredClip(
        path, format, own, layout.unused(file), ClipSizes.of(own), spec, Optional.empty());
  }

  /// CLIP's own towers are known from their names. Of others the weights do not tell how a caption
  /// is pooled, and with it not which tensors count.
  private static TowerNames requireTold(Path path, TowerNames found, Optional<ClipSpec> spec)
      throws DataException {
    if (spec.isEmpty()) {
      if (!found.areClips()) {
        throw new DataException(
            "%s: holds %s, whose pooling, heads and further settings the weights do not tell; name the model's open_clip configuration with --config"
                .formatted(path, found.title()));
      }
      return found;
    }
    TowerNames known = ClipWeights.names(spec.get());
    if (!known.haveKindsOf(found)) {
      throw new DataException(
          "%s: holds %s, but its architecture is said to be %s"
              .formatted(path, found.title(), known.title()));
    }
    return known;
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

  /// How its input is normalised, where its run or its folder says so.
  ///
  /// @throws DataException when the folder's preprocessing cannot be read
  public Optional<Normalisation> normalisation() throws DataException {
    return ModelCompanions.of(this)
        .preprocessing()
        .map(known -> new Normalisation(known.mean(), known.std()));
  }

  /// What the user should know of how the file was read, and of numbers in it that are wrong by
  /// themselves.
  ///
  /// @throws DataException when they cannot be read
  public List<String> notes() throws DataException {
    List<String> notes = new ArrayList<>(own.notes());
    if (own.names().contains(Clip.LOGIT_SCALE) && own.header(Clip.LOGIT_SCALE).elements() == 1) {
      StoredLogitScale.fault(Clip.LOGIT_SCALE, own.floats(Clip.LOGIT_SCALE)[0])
          .ifPresent(fault -> notes.add(path + ": " + fault));
    }
    return List.copyOf(notes);
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
