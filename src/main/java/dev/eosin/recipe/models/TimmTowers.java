package dev.eosin.recipe.models;

import dev.eosin.clip.spec.TimmModelConfig;
import dev.eosin.config.DataException;
import dev.eosin.features.TowerSettings;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.TimmModels;
import dev.eosin.train.WeightsPart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What is said of a bare tower of timm's, whose weights do not tell how many heads it has, which
/// pictures it takes, and in which colours.
final class TimmTowers {
  private static final String CONFIG = "config.json";

  private TimmTowers() {}

  /// The architecture: of `config.json` in its folder, or as the recipe names it.
  ///
  /// @param key of the settings in the recipe, for messages
  /// @throws dev.eosin.config.RecipeException when the recipe says it twice, or wrongly
  /// @throws DataException when nothing says it
  static TimmModelConfig config(String key, TowerSettings settings) throws DataException {
    Path from = settings.from();
    if (settings.part() == WeightsPart.AVERAGE) {
      throw LanguageModels.problem(
          key + ".part", "is average; only a run has one, and %s is none".formatted(from));
    }
    Path folder = Files.isDirectory(from) ? from : from.toAbsolutePath().resolveSibling("");
    Path beside = folder.resolve(CONFIG);
    if (TimmModelConfig.is(beside)) {
      if (settings.preset().isPresent() || settings.config().isPresent()) {
        throw LanguageModels.problem(
            key + (settings.preset().isPresent() ? ".preset" : ".config"),
            "says what the tower is; %s tells that itself: leave it out".formatted(beside));
      }
      return TimmModelConfig.read(beside);
    }
    if (settings.config().isPresent()) {
      return TimmModelConfig.read(settings.config().get());
    }
    String name =
        settings
            .preset()
            .orElseThrow(
                () ->
                    LanguageModels.problem(
                        key + ".from",
                        "%s holds a vision transformer of timm's, and nothing says which, as its weights do not tell its heads; put timm's config.json beside it, name that as %s.config, or set %s.preset to one of %s"
                            .formatted(from, key, key, TimmModels.names())));
    return TimmModelConfig.named(name)
        .orElseThrow(
            () ->
                LanguageModels.problem(
                    key + ".preset",
                    "is '%s'; %s holds a vision transformer of timm's, of which are known: %s"
                        .formatted(name, from, TimmModels.names())));
  }

  /// The colours that images are brought to where a recipe leaves them to the tower: OpenAI's of
  /// CLIP models that do not say otherwise, and nothing is guessed of timm's, which differ.
  ///
  /// @throws dev.eosin.config.RecipeException when they are not known
  static Normalisation colours(String key, TowerSettings settings, StoredTower stored) {
    Optional<Normalisation> known = stored.normalisation();
    if (known.isEmpty() && stored.alone() && stored.spec() instanceof TimmImage) {
      throw LanguageModels.problem(
          key + ".from",
          "%s does not say which mean and std its images had; put timm's config.json with pretrained_cfg.mean and std beside it, or name it as %s.config"
              .formatted(settings.from(), key));
    }
    return known.orElse(Normalisation.OPENAI);
  }
}
