package dev.eosin.run.models;

import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.clip.WeightsSettings;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ModelCompanions;
import dev.eosin.clip.stored.ModelTarget;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.export.ClipBundle;
import dev.eosin.export.HeldOut;
import dev.eosin.export.Origin;
import dev.eosin.export.Score;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.run.folders.RunKind;
import dev.eosin.run.folders.RunScores;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.Tokenizer;
import dev.eosin.text.TokenizerSettings;
import dev.eosin.tower.BertText;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Processor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// `eosin export --to onnx`: finds what a model needs besides its weights, and tiles on which its
/// graphs are compared with it.
///
/// @param part of a run; others have weights only
/// @param architecture where the weights do not say it
/// @param out a folder to make
/// @param replace whether what is there may be replaced
/// @param settings of the graphs
/// @param verify tiles to compare on; those of the run's validation where there are none
/// @param tiles how many of them
/// @param template around the names of classes of such tiles, `{}` standing for the name
/// @param licence of the weights
/// @param version Eosin's
/// @param threads of Eosin's own numbers, which are a CPU's: others round fp32
public record Export(
    WeightsPart part,
    NamedArchitecture architecture,
    Path out,
    boolean replace,
    ClipBundle.Settings settings,
    Optional<Path> verify,
    int tiles,
    String template,
    Optional<String> licence,
    String version,
    CountOrAuto threads) {
  /// Writes the bundle.
  ///
  /// @param note what a user should know, one line each
  /// @param progress told how far it is, one line
  /// @throws DataException when the model cannot be read, nothing says which tiles were held out,
  ///   or as [ClipBundle#write]
  public ClipBundle.Written onnx(Path in, Consumer<String> note, Consumer<String> progress)
      throws IOException {
    if (Files.exists(out) && !replace) {
      throw new DataException(out + ": is there already; --replace replaces it");
    }
    var target = new ModelTarget(out, ClipFormat.EOSIN, replace);
    target.requireOutside(in);
    if (verify.isPresent()) {
      target.requireOutside(verify.get());
    }
    Optional<StoredRun> run = StoredRun.find(in);
    try (StoredClip model = StoredModels.open(in, part, architecture.spec())) {
      Optional<ClipRecipe> recipe =
          run.isPresent() ? Optional.of(run.get().clip()) : Optional.empty();
      RunKind.narrow(in).ifPresent(note);
      CaptionEncoder captions = recipe.isPresent() ? captions(recipe.get()) : captions(model);
      HeldOut heldOut = heldOut(in, model, recipe);
      var bundle = new ClipBundle(model, settings, captions, origin(in, run, recipe), progress);
      return bundle.write(
          out, replace, heldOut, new ComputeSettings(Processor.CPU, threads).start());
    }
  }

  private static CaptionEncoder captions(ClipRecipe recipe) throws IOException {
    return new CaptionEncoder(recipe.data().text().tokenizer().open(), recipe.data().text());
  }

  /// Of a folder: its own tokenizer, or CLIP's where its format says so.
  private static CaptionEncoder captions(StoredClip model) throws IOException {
    ClipSpec spec = model.requiredSpec();
    Optional<Path> folder = model.folder();
    TokenizerSettings tokenizer;
    if (folder.isPresent() && Files.isRegularFile(folder.get().resolve("tokenizer.json"))) {
      tokenizer =
          spec.text() instanceof BertText
              ? new TokenizerSettings.Bert(folder.get(), true)
              : new TokenizerSettings.HuggingFace(folder.get());
    } else if (ModelCompanions.of(model).usesClipVocabulary()) {
      tokenizer = new TokenizerSettings.ClipBpe();
    } else {
      throw new DataException(
          model.path()
              + ": has no tokenizer.json, without which its text tower cannot be used; name the"
              + " folder that has one");
    }
    Tokenizer opened = tokenizer.open();
    if (opened.vocabularySize() > spec.text().vocabulary()) {
      throw new DataException(
          "%s: its tokenizer has %d ids, its text tower knows %d; is the tokenizer another model's?"
              .formatted(model.path(), opened.vocabularySize(), spec.text().vocabulary()));
    }
    if (spec.text() instanceof BertText bert && opened.paddingId() != bert.encoder().padding()) {
      throw new DataException(
          "%s: its tokenizer pads with %d, its text tower leaves out %d; is the tokenizer another model's?"
              .formatted(model.path(), opened.paddingId(), bert.encoder().padding()));
    }
    return CaptionEncoder.truncating(opened, spec.text().context());
  }

  private HeldOut heldOut(Path in, StoredClip model, Optional<ClipRecipe> recipe)
      throws IOException {
    if (verify.isPresent()) {
      return HeldOut.of(
          verify.get().toString(),
          ListedImages.open(verify.get(), ListedImages.Columns.GUESSED, new ImageDecoder()),
          template,
          recipe.isPresent()
              ? recipe.get().data().image().transforms().evaluation()
              : transform(model),
          tiles);
    }
    if (recipe.isEmpty()) {
      throw new DataException(
          "%s: is no run, so that nothing says which tiles it was not trained on; name some with --verify"
              .formatted(in));
    }
    ClipRecipe of = recipe.get();
    return new RunTiles(of.data(), of.evaluate(), tiles).heldOut(in);
  }

  private static TileTransform transform(StoredClip model) throws DataException {
    ClipSpec spec = model.requiredSpec();
    var preprocessing =
        ModelCompanions.of(model)
            .preprocessing()
            .orElseThrow(
                () ->
                    new DataException(
                        model.path()
                            + ": does not say how images are prepared; name the folder that also"
                            + " has preprocessor_config.json or open_clip_config.json"));
    return new EvaluationTransform(
        EvaluationTransform.Rule.OPEN_CLIP,
        preprocessing.fit(),
        spec.image().height(),
        spec.image().width(),
        preprocessing.interpolation());
  }

  private Origin origin(Path in, Optional<StoredRun> run, Optional<ClipRecipe> recipe)
      throws DataException {
    Map<String, String> fingerprints = new TreeMap<>();
    List<Score> scores = new ArrayList<>();
    if (run.isPresent()) {
      CheckpointState state = run.get().checkpoint().state();
      state
          .more()
          .forEach(
              (key, value) -> {
                if (key.endsWith("fingerprint") || key.endsWith("sha256")) {
                  fingerprints.put(key, value);
                }
              });
      scores.addAll(RunScores.of(run.get()));
    }
    return new Origin(
        RunKind.name(in),
        version,
        licence,
        recipe.flatMap(settings -> settings.model().weights()).flatMap(Export::base),
        fingerprints,
        recipe.flatMap(settings -> settings.data().image().stainNormalise()).isPresent()
            ? List.of(
                "images were given the stains of a reference before anything else"
                    + " (data.image.stain-normalise), which preprocessor_config.json has no word"
                    + " for")
            : List.of(),
        part == WeightsPart.WEIGHTS ? scores : List.of());
  }

  private static Optional<String> base(WeightsSettings weights) {
    return switch (weights) {
      case WeightsSettings.Random _ -> Optional.empty();
      case WeightsSettings.OpenClip(Path path) -> Optional.of(RunKind.name(path));
      case WeightsSettings.HuggingFace(Path path) -> Optional.of(RunKind.name(path));
      case WeightsSettings.Run run -> Optional.of(RunKind.name(run.path()));
      case WeightsSettings.Eosin(Path path) -> Optional.of(RunKind.name(path));
    };
  }
}
