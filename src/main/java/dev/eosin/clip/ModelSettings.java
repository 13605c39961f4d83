package dev.eosin.clip;

import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import java.nio.file.Path;
import java.util.Optional;

/// The key `model` of a CLIP recipe.
@Doc("The architecture and its first weights.")
public record ModelSettings(
    @Doc(
            "A known architecture: vit-b-32, vit-b-16, vit-l-14, vit-l-14-336, vit-s-16, vit-s-32 or tiny; with -quickgelu appended, the same with QuickGELU.")
        Optional<String> preset,
    @Doc(
            "Or the architecture as a file: an open_clip model config, also with a timm image tower or a BERT text tower, or a Hugging Face config.json.")
        Optional<Path> config,
    @Doc(
            "The weights that training starts from; needed unless initialise-from names a run. A teacher always has its own.")
        Optional<WeightsSettings> weights,
    @Doc("An image tower alone that takes the place of the model's own.")
        Optional<ImageTowerSettings> imageTower,
    @Doc(
            "What becomes of the weights' text positions when data.text.length is another than theirs: interpolated linearly, as open_clip does it, or, for shorter captions only, truncated: the first ones kept as they are.")
        @OrElse("interpolate")
        TextPositions textPositions,
    @Doc(
            "The share of each image's patches that a training step leaves out, drawn anew each time a sample comes up; open_clip's patch_dropout, which is not taken from a config file. Evaluation sees every patch. For CLIP's own vision transformers.")
        @OrElse("0")
        @Range(min = 0, below = 1)
        double patchDropout,
    @Doc(
            "The dropout of a text tower of BERT kind in training steps, drawn anew each time a sample comes up; without it that of the tower's config, 0.1 each where that says nothing (transformers' BertConfig), as in open_clip. Evaluation and what a run exports have none. CLIP's own text towers have none either.")
        Optional<TextDropoutSettings> textDropout) {
  /// How text positions are fitted to another context length.
  public enum TextPositions {
    INTERPOLATE,
    TRUNCATE
  }

  /// @throws IllegalArgumentException unless exactly one of preset and config is given, and the
  ///   preset exists
  public ModelSettings {
    if (preset.isPresent() == config.isPresent()) {
      throw new IllegalArgumentException(
          "preset: give either preset or config%s"
              .formatted(preset.isPresent() ? ", not both" : ""));
    }
    preset.ifPresent(
        name -> {
          try {
            ClipPresets.named(name);
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("preset: " + e.getMessage(), e);
          }
        });
  }

  /// The same with other weights.
  public ModelSettings withWeights(Optional<WeightsSettings> other) {
    return new ModelSettings(
        preset, config, other, imageTower, textPositions, patchDropout, textDropout);
  }

  /// The image tower whose weights are taken from elsewhere; none where a run has all weights.
  public Optional<ImageTowerSettings> loadedTower() {
    return weights.filter(WeightsSettings.Run.class::isInstance).isPresent()
        ? Optional.empty()
        : imageTower;
  }

  /// The architecture.
  ///
  /// @throws DataException when the config file cannot be read or describes something else
  public ClipSpec spec() throws DataException {
    ClipSpec spec = stored();
    return imageTower.isPresent() ? imageTower.get().in(spec) : spec;
  }

  /// The architecture of the model that preset or config names, whose image tower may be replaced.
  ///
  /// @throws DataException when the config file cannot be read or describes something else
  public ClipSpec stored() throws DataException {
    ClipSpec spec =
        preset.isPresent()
            ? ClipPresets.named(preset.get())
            : ClipConfigFile.read(config.orElseThrow()).spec();
    return textDropout.map(settings -> settings.applied(spec)).orElse(spec);
  }
}
