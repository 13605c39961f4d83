package dev.eosin.recipe;

import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.file.UserCache;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.machine.Precision;
import java.nio.file.Path;
import java.util.Optional;

/// `features`: whose features of tiles are measured.
@Doc("Whose features of tiles are measured.")
public sealed interface FeatureSource {
  /// A model that embeds tiles and prompts.
  @Named("clip")
  @Doc("A stored CLIP model; the tiles are embedded once for all tasks.")
  record ClipModel(
      @Doc(
              "A run's folder, one of its checkpoints, a folder of Hugging Face's or open_clip's, or a"
                  + " file of weights.")
          Path path,
      @Doc("Of a run: its weights, or the moving average of them.") @OrElse("weights")
          WeightsPart part,
      @Doc("The architecture by name, where the weights do not say it.") Optional<String> preset,
      @Doc("Or by an open_clip or Hugging Face configuration.") Optional<Path> config,
      @Doc("The number format of weights and activations.") @OrElse("fp32") Precision precision,
      @Doc("Tiles that go through the model together.") @OrElse("64") @Range(min = 1, max = 65536)
          int batch,
      @Doc(
              "Whether embeddings of image files are remembered, by model and content, and taken from"
                  + " what `eosin embed` remembered. The results are the same without it.")
          @OrElse("true")
          boolean remember,
      @Doc("Where they are remembered; in the user's cache without it.") Optional<Path> cache)
      implements FeatureSource {
    /// @throws IllegalArgumentException for both a preset and a configuration, no such preset, or a
    ///   cache that nothing is remembered in
    public ClipModel {
      if (preset.isPresent() && config.isPresent()) {
        throw new IllegalArgumentException("preset: give either preset or config, not both");
      }
      if (cache.isPresent() && !remember) {
        throw new IllegalArgumentException("cache: nothing is remembered; leave it out");
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

    /// Of a path that says all there is to say.
    ///
    /// @param memory where embeddings are remembered, if they are
    public static ClipModel of(Path path, Memory memory) {
      return new ClipModel(
          path,
          WeightsPart.WEIGHTS,
          Optional.empty(),
          Optional.empty(),
          Precision.FP32,
          64,
          memory.remember(),
          memory.folder());
    }

    /// Whether embeddings are remembered.
    ///
    /// @param folder in the user's cache without it
    public record Memory(boolean remember, Optional<Path> folder) {}

    /// The folder of embeddings that are remembered, if they are.
    public Optional<Path> memory() {
      return remember
          ? Optional.of(cache.orElseGet(() -> UserCache.folder().resolve("embeddings")))
          : Optional.empty();
    }
  }

  /// Hidden states that are there already.
  @Named("states")
  @Doc("Hidden states in a file, each row with its tile; no text is embedded.")
  record States(
      @Doc(
              "A .safetensors, .parquet or .npz file of `eosin embed`, or a folder of Multimodal-Probes'"
                  + " (NAME.0.pt, NAME.1.pt, ...).")
          Path states,
      @Doc("The rows' table, where the file does not say what they are.") Optional<Path> table,
      @Doc("The layer; the last one without it.") Optional<Integer> layer)
      implements FeatureSource {}

  /// Embeddings that are there already.
  @Named("embeddings")
  @Doc(
      "Embeddings in a file, each row with its tile: of `eosin embed`, or features of other programs."
          + " Texts are embedded where prompts-by names the model.")
  record Embeddings(
      @Doc("A .parquet, .safetensors, .npz or .npy file.") Path path,
      @Doc("The rows' table, where the file does not say what they are.") Optional<Path> table)
      implements FeatureSource {}
}
