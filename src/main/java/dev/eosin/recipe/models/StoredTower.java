package dev.eosin.recipe.models;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.TimmModelConfig;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.DataException;
import dev.eosin.features.TowerSettings;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.nn.Activation;
import dev.eosin.qformer.EvaFile;
import dev.eosin.qformer.EvaNames;
import dev.eosin.qformer.ProcessorPixels;
import dev.eosin.qformer.QFormerFolder;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.TimmFile;
import dev.eosin.tower.TimmImage;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// An image tower on disk, whatever file it is in: a CLIP model's, timm's or EVA's own, or that of
/// a model of BLIP-2.
///
/// @param spec the tower
/// @param blocks those that the file has
/// @param embedSize of the model that it is a part of
/// @param activation of its blocks
/// @param own its tensors and others under Eosin's names, the tower's behind [FrozenTower#PREFIX]
/// @param ofRun whether a run's checkpoint holds it
/// @param normalisation of the images that it was trained on, where that is known
/// @param notes what a user should know, one line each
public record StoredTower(
    ImageSpec spec,
    int blocks,
    int embedSize,
    Activation activation,
    StoredTensors own,
    boolean ofRun,
    Optional<Normalisation> normalisation,
    List<String> notes)
    implements AutoCloseable {
  /// Stands for the size of an embedding that a tower alone does not make.
  private static final int ALONE = 1;

  /// Whether it is in a file of its own, not a part of a model that embeds or answers.
  boolean alone() {
    return embedSize == ALONE && !ofRun;
  }

  /// Otherwise it would be noticed when the first features are written.
  private static void requireCacheFolder(String key, TowerSettings settings) throws DataException {
    if (settings.cache().isPresent()
        && Files.exists(settings.cache().get().dir())
        && !Files.isDirectory(settings.cache().get().dir())) {
      throw new DataException(
          "%s.cache.dir: %s is a file; features are kept in a folder, name another place"
              .formatted(key, settings.cache().get().dir()));
    }
  }

  /// Looks at names and shapes; reads no weights.
  ///
  /// @param key of the settings in the recipe, for messages
  /// @throws dev.eosin.config.RecipeException when they say of a file what it tells itself
  /// @throws DataException when the file cannot be read, holds no image tower or does not tell what
  ///   it is
  static StoredTower open(String key, TowerSettings settings) throws IOException {
    requireCacheFolder(key, settings);
    Path from = settings.from();
    if (Files.notExists(from)) {
      throw new DataException(
          "%s: no such file or folder; %s.from names the model whose image tower is used: a run, a folder or a file of weights"
              .formatted(from, key));
    }
    if (StoredRun.find(from).isEmpty()) {
      boolean model = QFormerFolder.is(from);
      if (model || EvaFile.is(from)) {
        requireUnsaid(key, settings);
        return model ? ofModel(QFormerFolder.open(from)) : ofEva(from);
      }
      if (TimmFile.is(from)) {
        return ofTimm(from, TimmTowers.config(key, settings));
      }
    }
    return ofClip(StoredRun.open(from, settings.part(), named(settings), key + ".part: average"));
  }

  private static void requireUnsaid(String key, TowerSettings settings) {
    if (settings.preset().isPresent() || settings.config().isPresent()) {
      throw LanguageModels.problem(
          key + (settings.preset().isPresent() ? ".preset" : ".config"),
          "says what a CLIP model is; %s holds a tower of EVA's kind, which tells that itself: leave it out"
              .formatted(settings.from()));
    }
    if (settings.part() == WeightsPart.AVERAGE) {
      throw LanguageModels.problem(
          key + ".part",
          "is average; only a run has one, and %s is none".formatted(settings.from()));
    }
  }

  private static Optional<ClipSpec> named(TowerSettings settings) throws DataException {
    if (settings.preset().isPresent()) {
      return Optional.of(ClipPresets.named(settings.preset().get()));
    }
    return settings.config().isPresent()
        ? Optional.of(ClipConfigFile.read(settings.config().get()).spec())
        : Optional.empty();
  }

  private static StoredTower ofClip(StoredClip model) throws DataException {
    try {
      ClipSpec spec = model.requiredSpec();
      return new StoredTower(
          spec.image(),
          spec.image().layers(),
          spec.embedSize(),
          spec.activation(),
          model.own(),
          model.input().isPresent(),
          model.normalisation(),
          model.notes());
    } catch (DataException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  private static StoredTower ofTimm(Path from, TimmModelConfig config) throws DataException {
    StoredTensors file = StoredTensors.open(from);
    try {
      TimmImage image = config.image();
      StoredTensors own = TimmFile.weights(file, FrozenTower.PREFIX, image);
      return new StoredTower(
          image,
          image.layers(),
          ALONE,
          Activation.GELU,
          own,
          false,
          config.normalisation(),
          own.notes());
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static StoredTower ofEva(Path from) throws DataException {
    StoredTensors file = StoredTensors.open(from);
    try {
      EvaFile eva = EvaFile.read(file);
      return ofEva(
          eva.image(), eva.image().layers(), eva.weights(file, FrozenTower.PREFIX), OPENAI);
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /// What LAVIS and BLIP-2 train on EVA's tower with.
  private static final Optional<Normalisation> OPENAI = Optional.of(Normalisation.OPENAI);

  private static StoredTower ofEva(
      TimmImage image, int blocks, StoredTensors own, Optional<Normalisation> normalisation) {
    return new StoredTower(
        image, blocks, ALONE, Activation.GELU, own, false, normalisation, own.notes());
  }

  /// Such models leave out the tower's last block, which they do not read: layers are counted as of
  /// the tower with it, so that -2 is the same of its own file and of a model.
  private static StoredTower ofModel(QFormerFolder folder) throws DataException {
    Optional<TimmImage> held = folder.config().tower().filter(_ -> folder.tower().isEmpty());
    if (held.isEmpty()) {
      throw new DataException(
          "%s: has no image tower of its own; name %s"
              .formatted(
                  folder.path(),
                  folder
                      .tower()
                      .map(part -> part.path() + ", where its tower lies")
                      .orElse("the file of the tower that it was trained with")));
    }
    Path pixels = folder.path().resolve(ProcessorPixels.NAME);
    Optional<Normalisation> known = OPENAI;
    if (Files.exists(pixels)) {
      ProcessorPixels read = ProcessorPixels.read(pixels);
      known = Optional.of(new Normalisation(read.mean(), read.std()));
    }
    return ofEva(EvaNames.withLastBlock(held.get()), held.get().layers(), folder.weights(), known);
  }

  @Override
  public void close() {
    own.close();
  }
}
