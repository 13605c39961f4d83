package dev.eosin.recipe.stored;

import dev.eosin.checkpoint.JoinedTensors;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorsDigest;
import dev.eosin.clip.spec.Preprocessing;
import dev.eosin.config.DataException;
import dev.eosin.export.ExportedFamily;
import dev.eosin.export.ExportedReader;
import dev.eosin.features.TowerFeatures;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.file.FileDigest;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.language.generation.GenerationDefaults;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.nn.Weight;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.qformer.DecoderAnswers;
import dev.eosin.qformer.ImageAnswerer;
import dev.eosin.qformer.InstructText;
import dev.eosin.qformer.QFormerFolder;
import dev.eosin.qformer.ReaderGraphs;
import dev.eosin.recipe.QFormerInstructRecipe;
import dev.eosin.recipe.models.FrozenTower;
import dev.eosin.recipe.models.QFormerInstructModels;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.text.TokenizerExport;
import dev.eosin.tower.PixelInputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/// A run of kind qformer-instruct that is to answer: what it left in `final/`, behind the tower and
/// before the language model that its recipe names.
///
/// @param run its folder
/// @param folder what it left
/// @param models as its recipe describes them
/// @param text as its recipe puts questions
/// @param notes what a user should know, one line each
record StoredImageAnswerer(
    Path run,
    QFormerFolder folder,
    QFormerInstructModels models,
    InstructText text,
    List<String> notes)
    implements StoredAnswerer {
  /// Images that go through the tower together.
  private static final int AT_ONCE = 16;

  /// @throws DataException naming what is missing, broken, or not what the run trained with
  static StoredImageAnswerer open(StoredLanguage.Wanted wanted, QFormerInstructRecipe recipe)
      throws IOException {
    if (wanted.adapter().isPresent() || wanted.dialogue().isPresent() || wanted.raw()) {
      throw new DataException(
          "%s: answers as it was trained; adapters, another dialogue and raw prompts are for models of text alone, leave them out"
              .formatted(wanted.path()));
    }
    QFormerFolder folder = QFormerFolder.open(LanguageFolder.of(wanted.path()));
    folder.check();
    QFormerInstructModels models = QFormerInstructModels.of(recipe, wanted.base());
    try {
      models.check(false);
      List<String> notes = new ArrayList<>(models.tower().notes());
      notes.addAll(models.language().notes());
      return new StoredImageAnswerer(wanted.path(), folder, models, models.text(), notes);
    } catch (IOException | RuntimeException | Error e) {
      models.close();
      throw e;
    }
  }

  @Override
  public Path path() {
    return run;
  }

  @Override
  public boolean seesImages() {
    return true;
  }

  /// As the recipe says; the likeliest token each time where it does not.
  @Override
  public GenerationDefaults defaults() {
    Optional<GenerationSettings> said = models.recipe().generation();
    return said.map(
            settings ->
                new GenerationDefaults(
                    settings.search(),
                    OptionalInt.of(settings.maxNewTokens()),
                    OptionalInt.empty(),
                    settings.minNewTokens(),
                    settings.repetitionPenalty(),
                    settings.noRepeatNgram(),
                    settings.stop(),
                    List.of(),
                    OptionalInt.empty(),
                    OptionalInt.empty()))
        .orElse(GenerationDefaults.NONE);
  }

  @Override
  public int length(String question) {
    return models.reader().qformer().spec().queries() + text.prompt(text.asking(question)).length;
  }

  @Override
  public OptionalInt context() {
    return models.language().answers() instanceof DecoderAnswers decoder
        ? OptionalInt.of(decoder.decoder().spec().context())
        : OptionalInt.empty();
  }

  @Override
  public void requireRoom(String id, String question, int mostTokens) throws DataException {
    text.room(id, text.asking(question), mostTokens, models.reader(), models.language().answers());
  }

  @Override
  public SortedMap<String, String> pins(GenerationSettings generation) throws DataException {
    SortedMap<String, String> pins = new TreeMap<>();
    pins.put("text", models.recipe().text().toString());
    pins.put("generation", generation.toString());
    pins.putAll(models.language().base().pins());
    pins.put("image", models.recipe().data().image().toString());
    try (StoredTensors file = folder.weights()) {
      pins.put("model.sha256", TensorsDigest.sha256(file));
    }
    pins.put("tower.sha256", models.tower().digest());
    pins.put("language.sha256", models.language().digest());
    try {
      pins.put("tokenizer.sha256", FileDigest.of(text.language().file()).sha256());
    } catch (IOException e) {
      throw new DataException(
          "%s: cannot be read: %s".formatted(text.language().file(), AtomicFile.reason(e)), e);
    }
    return pins;
  }

  @Override
  public Loaded load(Engine engine, GenerationSettings generation) throws IOException {
    DType compute = models.recipe().precision().compute(engine.device());
    ParameterSet parameters = models.allocate(engine, compute);
    try {
      folder.load(parameters);
      TowerFeatures features = models.tower().open(engine, compute, AT_ONCE);
      var answerer =
          new ImageAnswerer(
              models.reader(),
              models.language().answers(),
              parameters,
              features,
              models.recipe().data().image().transforms().evaluation(),
              text,
              generation::limited);
      return new Opened(answerer);
    } catch (DataException | RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
  }

  /// What graphs of it are made of.
  ExportedReader exported() {
    return new ExportedReader(
        this,
        models.tower().features(),
        models.reader(),
        models.language().answers(),
        new Exported(this));
  }

  /// Its parts, wherever they lie.
  private record Exported(StoredImageAnswerer stored) implements ExportedReader.Stored {
    @Override
    public StoredTensors weights() throws IOException {
      List<StoredTensors> parts = new ArrayList<>();
      try {
        parts.add(stored.folder.weights());
        parts.add(tower().own());
        parts.add(stored.models.language().tensors());
        return new JoinedTensors(parts);
      } catch (IOException | RuntimeException | Error e) {
        parts.forEach(StoredTensors::close);
        throw e;
      }
    }

    private FrozenTower tower() throws IOException {
      QFormerInstructRecipe recipe = stored.models.recipe();
      return FrozenTower.open("tower", recipe.tower(), recipe.data().image(), true);
    }

    /// What the run left besides weights, the words of the language model and of the Q-Former, and
    /// how images are prepared.
    @Override
    public Map<String, FileContent> companions() throws IOException {
      Map<String, FileContent> files = new LinkedHashMap<>();
      QFormerInstructRecipe recipe = stored.models.recipe();
      LanguageFolder language = stored.models.language().folder();
      files.putAll(ExportedFamily.copies(language.path(), LanguageFolder.TEXT_FILES));
      files.put(Preprocessing.HUGGING_FACE, StoredPairs.preparation(recipe.data().image()));
      if (recipe.text().qformerTokenizer().isPresent()) {
        TokenizerExport.files(recipe.text().qformerTokenizer().get(), recipe.text().qformerLength())
            .forEach(
                (name, text) -> files.put("qformer_tokenizer/" + name, FileContent.text(text)));
      }
      files.putAll(
          ExportedFamily.copies(
              stored.folder.path(),
              List.of(
                  LanguageFolder.CONFIG,
                  QFormerFolder.OWN,
                  "preprocessor_config.json",
                  "processor_config.json")));
      return files;
    }

    @Override
    public ReaderGraphs opened(Engine engine, GraphSessions sessions) throws IOException {
      QFormerInstructModels models = stored.models;
      List<ParameterSet.Spec> specs =
          models.weights().stream().map(weight -> weight.spec(false)).toList();
      ParameterSet parameters = ParameterSet.allocate(engine, specs, DType.FLOAT32);
      try (StoredTensors weights = weights()) {
        for (Weight weight : models.weights()) {
          try (Tensor values = engine.of(weights.floats(weight.name()), weight.shape())) {
            parameters.assign(weight.name(), values);
          }
        }
        TowerFeatures features = tower().wide(engine, AT_ONCE);
        var answerer =
            new ImageAnswerer(
                models.reader(),
                models.language().answers(),
                parameters,
                features,
                models.recipe().data().image().transforms().evaluation(),
                stored.text,
                GenerationSettings::greedy);
        var opened = new Opened(answerer);
        var pixels =
            new PixelInputs(engine, DType.FLOAT32, models.recipe().data().image().normalisation());
        return new ReaderGraphs(answerer, pixels, opened::close, sessions);
      } catch (IOException | RuntimeException | Error e) {
        parameters.close();
        throw e;
      }
    }

    @Override
    public InstructText text() {
      return stored.text;
    }

    @Override
    public TileTransform transform() throws DataException {
      return stored.models.recipe().data().image().transforms().evaluation();
    }

    @Override
    public Normalisation normalisation() {
      return stored.models.recipe().data().image().normalisation();
    }
  }

  /// With its weights.
  private record Opened(ImageAnswerer answerer) implements Loaded {
    @Override
    public void close() {
      answerer.features().close();
      answerer.parameters().close();
    }
  }

  @Override
  public void close() {
    text.close();
    models.close();
  }
}
