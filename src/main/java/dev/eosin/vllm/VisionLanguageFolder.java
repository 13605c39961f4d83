package dev.eosin.vllm;

import dev.eosin.checkpoint.JoinedTensors;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.file.FileContent;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.Opt;
import dev.eosin.language.generation.GenerationDefaults;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A LLaVA model in a folder: `config.json` and the weights, whole or in shards, as transformers'
/// repositories (llava-hf) or LLaVA's own (liuhaotian) have them. LLaVA's own may leave the image
/// tower in a folder of its own.
///
/// @param path the folder
/// @param config what it says of itself
/// @param vision what the image tower is
/// @param tower the folder of the image tower, where it is another one
public record VisionLanguageFolder(
    Path path, VisionLanguageConfig config, VisionConfig vision, Optional<Path> tower) {
  /// What the names of a model's weights begin with.
  public static final String IMAGES = "image";

  public static final String PROJECTOR = "projector";
  public static final String DECODER = "decoder";

  /// The file that describes the model.
  public static final String CONFIG = LanguageFolder.CONFIG;

  /// Reads the descriptions alone.
  ///
  /// @throws DataException naming the folder or file and what is wrong with it
  public static VisionLanguageFolder open(Path path) throws DataException {
    return open(path, Optional.empty());
  }

  /// As [#open(Path)].
  ///
  /// @param tower the image tower's folder, where `config.json` names it by its name on the hub
  public static VisionLanguageFolder open(Path path, Optional<Path> tower) throws DataException {
    Path file = path.resolve(CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new DataException(
          "%s: has no %s, which says what a LLaVA model is; name the folder that holds it"
              .formatted(path, CONFIG));
    }
    VisionLanguageConfig config = VisionLanguageConfig.read(file);
    VisionLanguageFolder opened =
        switch (config.tower()) {
          case VisionLanguageConfig.Tower.Here(VisionConfig vision) ->
              new VisionLanguageFolder(path, config, vision, Optional.empty());
          case VisionLanguageConfig.Tower.Elsewhere(String name) -> {
            Path folder = towerFolder(path, name, tower);
            VisionConfig vision = VisionConfig.read(folder.resolve(CONFIG));
            yield new VisionLanguageFolder(path, config, vision, Optional.of(folder));
          }
        };
    opened.requireFitting();
    return opened;
  }

  private static Path towerFolder(Path path, String name, Optional<Path> given)
      throws DataException {
    for (Path folder :
        given.isPresent() ? List.of(given.get()) : List.of(path.resolve(name), Path.of(name))) {
      if (Files.isRegularFile(folder.resolve(CONFIG))) {
        return folder;
      }
    }
    throw new DataException(
        "%s: its image tower is %s, which is no folder here; fetch it and name its folder"
            .formatted(path.resolve(CONFIG), given.map(Path::toString).orElse(name)));
  }

  private void requireFitting() throws DataException {
    try {
      model();
    } catch (IllegalArgumentException e) {
      throw new DataException("%s: %s".formatted(path.resolve(CONFIG), e.getMessage()), e);
    }
  }

  /// The model, its weights under [#IMAGES], [#PROJECTOR] and [#DECODER].
  ///
  /// @throws DataException when its language model is no decoder alone
  public VisionLanguage model() throws DataException {
    Decoder decoder =
        switch (config.language().spec()) {
          case LlamaSpec spec -> Llama.of(DECODER, spec);
          case OptSpec spec -> Opt.of(DECODER, spec);
          case T5Spec spec ->
              throw new DataException(
                  path.resolve(CONFIG)
                      + ": its language model is an encoder with a decoder (T5), where a decoder alone is needed");
        };
    var images = new ImageFeatures(vision.tower(IMAGES), config.layer(), config.everyToken());
    var projector =
        new LinearProjector(
            PROJECTOR, vision.vit().hiddenSize(), decoder.spec().width(), config.linears());
    return new VisionLanguage(images, projector, decoder);
  }

  /// What the folder says of generation.
  ///
  /// @throws DataException naming what is wrong with it, or not honoured
  public GenerationDefaults generation() throws DataException {
    Path file = path.resolve(LanguageFolder.GENERATION);
    if (!Files.exists(file)) {
      return GenerationDefaults.NONE;
    }
    GenerationDefaults defaults = GenerationDefaults.read(file);
    if (defaults.search().sequences() > 1) {
      throw new DataException(
          "%s: num_return_sequences is %d, but a question gets one answer here; take it out"
              .formatted(file, defaults.search().sequences()));
    }
    return defaults;
  }

  /// How images become the model's input: what the folder says, or LLaVA's habits.
  public ImageProcessing processing() throws DataException {
    int size = vision.vit().height();
    Optional<ImageProcessing> said = ImageProcessing.in(path);
    if (said.isPresent() && said.get().size() != size) {
      throw new DataException(
          "%s: makes images of %d px, the image tower reads %d"
              .formatted(path.resolve(ImageProcessing.FILE), said.get().size(), size));
    }
    return said.orElse(ImageProcessing.llava(size, config.geometry().orElse(ImageGeometry.CROP)));
  }

  /// The file that says so, for a program that reads it: written where the folder leaves it to
  /// habit.
  ///
  /// @throws DataException as [#processing]
  public Map<String, FileContent> preparation() throws DataException {
    Path file = path.resolve(ImageProcessing.FILE);
    return Map.of(
        ImageProcessing.FILE,
        Files.isRegularFile(file) ? FileContent.copyOf(file) : processing().content());
  }

  /// The weights' files of everything but a tower that lies elsewhere.
  ///
  /// @throws DataException when some are missing or broken
  public StoredTensors weights() throws DataException {
    return StoredTensors.open(path);
  }

  /// Compares the files' names and shapes with the descriptions, reading no weight.
  ///
  /// @throws DataException naming every tensor that is missing, too many or of another shape
  public void check() throws DataException {
    VisionLanguage model = model();
    parts(model, model.weights()).close();
  }

  /// Weights of one file under Eosin's names.
  private record Part(StoredTensors own, List<Weight> weights) implements AutoCloseable {
    void assign(ParameterSet set) throws DataException {
      for (Weight weight : weights) {
        if (!set.get(weight.name()).mapped()) {
          try (Tensor values = set.engine().of(own.floats(weight.name()), weight.shape())) {
            set.assign(weight.name(), values);
          }
        }
      }
    }

    @Override
    public void close() {
      own.close();
    }
  }

  /// A model's files, each with what it holds.
  private record Parts(List<Part> all) implements AutoCloseable {
    @Override
    public void close() {
      all.forEach(Part::close);
    }
  }

  /// Copies weights into allocated ones, one after the other; those that are used in place stay.
  ///
  /// @param wanted which of the model's weights
  /// @throws DataException as [#check]
  public void load(ParameterSet set, VisionLanguage model, List<Weight> wanted)
      throws DataException {
    try (Parts parts = parts(model, wanted)) {
      for (Part part : parts.all()) {
        part.assign(set);
      }
    }
  }

  /// Opens weights of the decoder that are only read.
  ///
  /// @param shapes of those that are wanted, by Eosin's names
  /// @param base what becomes of them
  /// @throws DataException as [#check], and where a type is none that kernels compute with
  public MappedTensors frozen(
      Engine engine, VisionLanguage model, Map<String, List<Long>> shapes, Base base)
      throws DataException {
    StoredTensors file = weights();
    Layout names;
    try {
      names = only(layout(model, file), shapes.keySet());
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
    return base.open(engine, file, names, shapes, model.decoder().linears());
  }

  /// What a user should know of the weights that [#frozen] opens; reads no contents.
  ///
  /// @throws DataException as [#frozen]
  Optional<String> note(VisionLanguage model, Base base) throws DataException {
    Map<String, List<Long>> shapes = shapes(model.decoder().weights());
    try (StoredTensors file = weights()) {
      Layout names = only(layout(model, file), shapes.keySet());
      return base.note(file, names, shapes, model.decoder().linears());
    }
  }

  /// What the files call a model's weights; without the tower's where it lies elsewhere.
  ///
  /// @throws DataException when the file is of no form that is known
  public Layout layout(VisionLanguage model, StoredTensors file) throws DataException {
    Layout whole = VisionLanguageNames.of(model, VisionLanguageNames.form(file));
    return towerIsElsewhere(file)
        ? whole.without(model.images().weights().stream().map(Weight::name).toList())
        : whole;
  }

  /// LLaVA's own files may hold the tower although their configuration names another folder: what
  /// was trained with them comes first.
  private boolean towerIsElsewhere(StoredTensors file) {
    return tower.isPresent() && VisionLanguageNames.towerless(file.names());
  }

  /// Everything that the files hold of the model, for writing it anew.
  ///
  /// @throws DataException as [#check]
  Whole whole(VisionLanguage model) throws DataException {
    List<StoredTensors> files = new ArrayList<>();
    try {
      StoredTensors file = weights();
      files.add(file);
      Layout names = VisionLanguageNames.whole(model, VisionLanguageNames.form(file));
      Map<String, PendingTensor> tower = new LinkedHashMap<>();
      List<Weight> ofTower = model.images().tower().weights();
      if (towerIsElsewhere(file)) {
        StoredTensors seen = StoredTensors.open(this.tower.orElseThrow());
        files.add(seen);
        Layout own = VisionLanguageNames.tower(model.images(), seen);
        StoredTensors read = own.read(seen, shapes(model.images().weights()));
        for (String name : read.names()) {
          tower.put(name, PendingTensor.of(read, name, read.header(name).type()));
        }
        names = names.without(ofTower.stream().map(Weight::name).toList());
      }
      names = names.without(absent(names, file));
      return new Whole(files, names.read(file, Map.of()), tower);
    } catch (DataException | RuntimeException | Error e) {
      files.forEach(StoredTensors::close);
      throw e;
    }
  }

  /// Blocks of the tower above those that are read may be missing.
  private List<String> absent(Layout names, StoredTensors file) throws DataException {
    Set<String> unused = Set.copyOf(model().images().unused());
    return names.rules().stream()
        .filter(rule -> unused.contains(rule.name()))
        .filter(rule -> !file.names().containsAll(rule.foreignNames()))
        .map(TensorRule::name)
        .toList();
  }

  /// A model's weights, opened.
  ///
  /// @param main under Eosin's names; without a tower that lies elsewhere
  /// @param tower that lies elsewhere
  record Whole(List<StoredTensors> files, StoredTensors main, Map<String, PendingTensor> tower)
      implements AutoCloseable {
    @Override
    public void close() {
      files.forEach(StoredTensors::close);
    }
  }

  /// The model's files, each with those of the wanted weights that it holds.
  private Parts parts(VisionLanguage model, List<Weight> wanted) throws DataException {
    List<StoredTensors> files = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    try {
      StoredTensors file = weights();
      files.add(file);
      Set<String> ofTower = new HashSet<>();
      if (towerIsElsewhere(file)) {
        model.images().weights().forEach(weight -> ofTower.add(weight.name()));
        StoredTensors seen = StoredTensors.open(tower.orElseThrow());
        files.add(seen);
        Layout names = VisionLanguageNames.tower(model.images(), seen);
        parts.add(part(seen, names, wanted, ofTower, true));
      }
      parts.add(part(file, layout(model, file), wanted, ofTower, false));
      return new Parts(parts);
    } catch (DataException | RuntimeException | Error e) {
      files.forEach(StoredTensors::close);
      throw e;
    }
  }

  /// Every weight of a model that is read, under Eosin's names; the caller closes them.
  ///
  /// @throws DataException as [#check]
  StoredTensors tensors(VisionLanguage model) throws DataException {
    return new JoinedTensors(parts(model, model.weights()).all().stream().map(Part::own).toList());
  }

  private static Part part(
      StoredTensors file, Layout layout, List<Weight> wanted, Set<String> names, boolean within)
      throws DataException {
    List<Weight> weights =
        wanted.stream().filter(weight -> names.contains(weight.name()) == within).toList();
    Map<String, List<Long>> shapes = shapes(weights);
    return new Part(only(layout, shapes.keySet()).read(file, shapes), weights);
  }

  /// What a layout holds of others is passed over.
  private static Layout only(Layout layout, Collection<String> names) {
    List<String> others = new ArrayList<>();
    layout.rules().forEach(rule -> others.add(rule.name()));
    others.removeAll(Set.copyOf(names));
    return layout.without(others);
  }

  static Map<String, List<Long>> shapes(List<Weight> weights) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (Weight weight : weights) {
      shapes.put(weight.name(), Arrays.stream(weight.shape()).boxed().toList());
    }
    return shapes;
  }
}
