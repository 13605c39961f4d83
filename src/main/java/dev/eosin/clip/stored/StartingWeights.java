package dev.eosin.clip.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.ModelFiles;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ModelSettings;
import dev.eosin.clip.WeightsSettings;
import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSizes;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.SpecComparison;
import dev.eosin.config.DataException;
import dev.eosin.config.Place;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.model.ResizedPositions;
import dev.eosin.nn.LowRank;
import dev.eosin.nn.Weight;
import dev.eosin.tower.Causal;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.PositionTables;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.TowerNames;
import dev.eosin.tower.Vit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The stored weights that a recipe starts from, opened: position embeddings are fitted to the
/// recipe's image size and caption length, as open_clip fits them.
///
/// @param file the weights under the file's own names
/// @param layout how they are named
/// @param elsewhere the model's weights that are not taken from here, by Eosin's names
/// @param notes what was done to them, for the user
public record StartingWeights(
    StoredTensors file, Layout layout, Set<String> elsewhere, List<String> notes)
    implements AutoCloseable {
  private static final int SHOWN_NAMES = 5;

  public StartingWeights {
    elsewhere = Set.copyOf(elsewhere);
    notes = List.copyOf(notes);
  }

  /// All of a model's weights.
  StartingWeights(StoredTensors file, Layout layout, List<String> notes) {
    this(file, layout, Set.of(), notes);
  }

  private record Source(Path path, ModelFiles files, ClipFormat format) {}

  /// Opens the weights of a model.
  ///
  /// @param settings with weights
  /// @param wanted the architecture with the recipe's input sizes
  /// @return empty for random weights
  /// @throws RecipeException when a configuration beside the weights says otherwise than the recipe
  /// @throws OtherArchitecture when their towers are others than the recipe's
  /// @throws DataException when the file cannot be read
  public static Optional<StartingWeights> open(ModelSettings settings, ClipSpec wanted)
      throws DataException {
    WeightsSettings weights = settings.weights().orElseThrow();
    if (weights instanceof WeightsSettings.Run run) {
      return Optional.of(RunWeights.open(run, wanted));
    }
    Optional<Source> source = source(weights);
    if (source.isEmpty()) {
      return Optional.empty();
    }
    ClipSpec declared = settings.stored();
    requireNoContradiction(settings, source.get(), declared);
    if (settings.loadedTower().isPresent()) {
      return Optional.of(withoutImageTower(settings, source.get(), wanted, declared));
    }
    return Optional.of(open(settings, source.get(), wanted, declared));
  }

  /// What of a model goes with an image tower that is taken from elsewhere.
  private static StartingWeights withoutImageTower(
      ModelSettings settings, Source source, ClipSpec wanted, ClipSpec declared)
      throws DataException {
    ClipSpec rest = wanted.withImage(declared.image(), declared.activation());
    StartingWeights whole = open(settings, source, rest, declared);
    Set<String> image = names(rest);
    Set<String> elsewhere = new HashSet<>(image);
    elsewhere.addAll(names(wanted));
    return new StartingWeights(whole.file, whole.layout.without(image), elsewhere, whole.notes);
  }

  private static Set<String> names(ClipSpec spec) {
    return Clip.weights(spec).stream()
        .map(Weight::name)
        .filter(name -> name.startsWith(ImageTowerWeights.PREFIX + "."))
        .collect(Collectors.toSet());
  }

  private static StartingWeights open(
      ModelSettings settings, Source source, ClipSpec wanted, ClipSpec declared)
      throws DataException {
    StoredTensors stored = UnwrappedNames.open(source.path(), source.files());
    try {
      requireNoAdapters(stored);
      requireFormat(source.format(), stored);
      requireTowers(source.format(), wanted, stored);
      Layout layout = layout(source.format(), wanted, stored);
      requireLogarithm(wanted, layout, stored);
      List<String> notes = new ArrayList<>(stored.notes());
      notes.addAll(unused(layout, stored));
      StoredTensors file = WithoutLogitBias.where(wanted, layout, stored, notes);
      Map<String, ResizedPositions.Resize> resizes = new HashMap<>();
      resizeImage(layout, file, declared.image(), wanted.image(), notes, resizes);
      resizeText(layout, file, settings, wanted, notes, resizes);
      return new StartingWeights(new ResizedPositions(file, resizes), layout, notes);
    } catch (DataException | RuntimeException | Error e) {
      stored.close();
      throw e;
    }
  }

  /// Adapters are no part of a model: without their scale, which the file lacks, nobody can merge
  /// them.
  ///
  /// @throws DataException when the file has any
  static void requireNoAdapters(StoredTensors file) throws DataException {
    if (file.names().stream().anyMatch(LowRank::isAdapter)) {
      throw new DataException(
          "%s: has low-rank adapters beside the weights, its run's recipe has lora; take that run's final/, where they are merged: weights of type open-clip, path: RUN/final"
              .formatted(file.path()));
    }
  }

  private static List<String> unused(Layout layout, StoredTensors file) {
    List<String> names = layout.unused(file);
    return names.isEmpty()
        ? List.of()
        : List.of(
            "%s: this model does not use %s"
                .formatted(file.path(), Quote.some(names, SHOWN_NAMES)));
  }

  /// Of names in another format every single one would be missing and unknown.
  private static void requireFormat(ClipFormat said, StoredTensors file) throws DataException {
    Optional<ClipFormat> found = ClipFormat.of(file.names());
    if (found.isPresent() && !type(found.get()).equals(type(said))) {
      throw new DataException(
          "%s: is a CLIP model with the names of %s; take weights of type: %s instead of %s"
              .formatted(file.path(), found.get().title(), type(found.get()), type(said)));
    }
  }

  private static String type(ClipFormat format) {
    return switch (format) {
      case OPEN_CLIP, OPEN_CLIP_CUSTOM_TEXT -> "open-clip";
      case HUGGING_FACE -> "hugging-face";
      case EOSIN -> "eosin";
    };
  }

  /// Neither would names of other towers, or of towers with more or fewer blocks, tell what is
  /// wrong.
  private static void requireTowers(ClipFormat said, ClipSpec wanted, StoredTensors file)
      throws DataException {
    Optional<TowerNames> found =
        ClipFormat.of(file.names()).flatMap(format -> format.towers(file.names()));
    TowerNames ours = ClipWeights.names(wanted);
    if (found.isEmpty() || said == ClipFormat.HUGGING_FACE && !ours.areClips()) {
      return;
    }
    String theirs = towers(found.get());
    if (!theirs.equals(towers(ours))) {
      throw new OtherArchitecture(
          "%s: is another model than the recipe's: %s, here %s%s"
              .formatted(file.path(), theirs, towers(ours), suggestion(file)));
    }
  }

  private static String towers(TowerNames towers) {
    return "%s of %d blocks and %s of %d"
        .formatted(
            towers.image().title(),
            towers.image().layers(),
            towers.text().title(),
            towers.text().layers());
  }

  /// Fills a model but for its adapters, see [ClipWeights#loadFirst].
  ///
  /// @return whether logit scale and bias start as in a new model
  /// @throws DataException listing every missing, unknown and misfitting tensor
  public boolean fill(Clip clip) throws DataException {
    return ClipWeights.loadFirst(clip, layout, file, elsewhere);
  }

  private static String suggestion(StoredTensors file) {
    try {
      ClipFormat format = ClipFormat.of(file.names()).orElseThrow();
      Layout layout = format.layout(format.towers(file.names()).orElseThrow());
      List<String> presets = ClipPresets.fitting(ClipSizes.of(layout.read(file, Map.of())));
      return presets.isEmpty()
          ? ""
          : "; its tensors have the shapes of " + String.join(" and of ", presets);
    } catch (DataException | IllegalArgumentException incomplete) {
      return ""; // no whole model, of which no preset can be told
    }
  }

  private static void requireLogarithm(ClipSpec wanted, Layout layout, StoredTensors file)
      throws DataException {
    if (ClipWeights.lacksLogitBias(wanted, layout, file)) {
      return; // the loss begins with a scale of its own
    }
    Optional<String> fault = StoredLogitScale.fault(layout, file);
    if (fault.isPresent()) {
      throw new DataException(file.path() + ": " + fault.get());
    }
  }

  private static Optional<Source> source(WeightsSettings weights) {
    return switch (weights) {
      case WeightsSettings.Random _ -> Optional.empty();
      case WeightsSettings.Run run -> Optional.empty();
      case WeightsSettings.OpenClip(Path path) ->
          Optional.of(new Source(path, ModelFiles.OPEN_CLIP, ClipFormat.OPEN_CLIP));
      case WeightsSettings.HuggingFace(Path path) ->
          Optional.of(new Source(path, ModelFiles.HUGGING_FACE, ClipFormat.HUGGING_FACE));
      case WeightsSettings.Eosin(Path path) ->
          Optional.of(new Source(path, ModelFiles.ANY, ClipFormat.EOSIN));
    };
  }

  /// The same weights compute nonsense with another activation: what their folder says counts.
  private static void requireNoContradiction(
      ModelSettings settings, Source source, ClipSpec declared) throws DataException {
    Optional<ClipConfigFile> beside = ClipConfigFile.beside(source.path(), source.format());
    if (beside.isEmpty()) {
      return;
    }
    List<String> differences = SpecComparison.differences(beside.get().spec(), declared);
    if (!differences.isEmpty()) {
      String message =
          "%s beside the weights says otherwise: %s; take 'config: %s'"
              .formatted(beside.get().path(), String.join(", ", differences), beside.get().path());
      String key = settings.preset().isPresent() ? "model.preset" : "model.config";
      throw new RecipeException(
          Path.of("the recipe"),
          List.of(new Problem(new Place.Whole(Path.of("the recipe")), key, message)));
    }
  }

  private static Layout layout(ClipFormat format, ClipSpec spec, StoredTensors file) {
    return switch (format) {
      case OPEN_CLIP, OPEN_CLIP_CUSTOM_TEXT ->
          ClipFormat.of(file.names()).equals(Optional.of(ClipFormat.OPEN_CLIP_CUSTOM_TEXT))
              ? ClipFormat.OPEN_CLIP_CUSTOM_TEXT.layout(ClipWeights.names(spec))
              : ClipWeights.openClip(spec);
      case HUGGING_FACE -> ClipWeights.huggingFace(spec);
      case EOSIN -> ClipWeights.eosin(spec);
    };
  }

  /// Fits the table of an image tower's positions to another size of images.
  static void resizeImage(
      Layout layout,
      StoredTensors file,
      ImageSpec from,
      ImageSpec to,
      List<String> notes,
      Map<String, ResizedPositions.Resize> resizes)
      throws DataException {
    Optional<String> name = table(layout, file, "image.position-embedding");
    if (name.isEmpty() || from.getClass() != to.getClass()) {
      return;
    }
    List<Long> found = file.header(name.get()).shape();
    PositionTables.Grid before = PositionTables.Grid.of(from);
    PositionTables.Grid after = PositionTables.Grid.of(to);
    // A file of another size may come from a run with this input: it fits as it is, or is refused.
    if (before.equals(after) || !found.equals(positions(from))) {
      return;
    }
    int kept = kept(from);
    resizes.put(
        name.get(),
        new ResizedPositions.Resize(
            positions(to), values -> PositionTables.resized(values, kept, before, after)));
    notes.add(
        "the weights' image positions were interpolated from %d x %d to %d x %d patches (bicubic): data.image.size is %d x %d px, theirs %d x %d px"
            .formatted(
                before.height(),
                before.width(),
                after.height(),
                after.width(),
                to.height(),
                to.width(),
                from.height(),
                from.width()));
  }

  /// The shape of a tower's table of positions.
  private static List<Long> positions(ImageSpec image) {
    return switch (image) {
      case Vit vit -> List.of((long) vit.tokens(), (long) vit.hiddenSize());
      case TimmImage timm -> List.of(1L, (long) timm.trunk().positions(), (long) timm.hiddenSize());
    };
  }

  /// Its rows before those of patches.
  private static int kept(ImageSpec image) {
    return switch (image) {
      case Vit vit -> 1;
      case TimmImage timm -> timm.trunk().patchPositionsOnly() ? 0 : 1 + timm.trunk().registers();
    };
  }

  private static void resizeText(
      Layout layout,
      StoredTensors file,
      ModelSettings settings,
      ClipSpec wanted,
      List<String> notes,
      Map<String, ResizedPositions.Resize> resizes)
      throws DataException {
    Optional<String> name = table(layout, file, "text.position-embedding");
    if (name.isEmpty() || !(wanted.text() instanceof Causal to)) {
      return;
    }
    List<Long> found = file.header(name.get()).shape();
    int before = settings.stored().text().context();
    int after = to.context();
    if (before == after || !found.equals(List.of((long) before, (long) to.hiddenSize()))) {
      return;
    }
    boolean truncated =
        after < before && settings.textPositions() == ModelSettings.TextPositions.TRUNCATE;
    resizes.put(
        name.get(),
        new ResizedPositions.Resize(
            List.of((long) after, (long) to.hiddenSize()),
            truncated
                ? values -> Arrays.copyOf(values, after * to.hiddenSize())
                : values -> PositionTables.stretched(values, before, after)));
    notes.add(
        truncated
            ? "the first %d of the weights' %d text positions were kept: data.text.length is %d"
                .formatted(after, before, after)
            : "the weights' text positions were interpolated from %d to %d (linear): data.text.length is %d"
                .formatted(before, after, after));
  }

  /// The name in the file of a table that our towers keep, if the file has it.
  private static Optional<String> table(Layout layout, StoredTensors file, String name) {
    return layout.rules().stream()
        .filter(rule -> rule.name().equals(name))
        .filter(TensorRule.Copy.class::isInstance)
        .map(rule -> rule.foreignNames().getFirst())
        .filter(file.names()::contains)
        .findFirst();
  }

  @Override
  public void close() {
    file.close();
  }
}
