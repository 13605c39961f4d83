package dev.eosin.qformer;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.nn.Part;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A model of BLIP-2 or InstructBLIP in a folder: as transformers has it, `config.json` and all
/// weights, single or in shards; or as a run leaves it that copied no frozen parts, `eosin.json`
/// with the places of those and the trained weights in `qformer.safetensors`, under transformers'
/// names as well. Or a checkpoint of LAVIS, a file of what was trained.
///
/// @param path the folder, or LAVIS's file
/// @param config what the model is
/// @param tower where the image tower lies, if not in the folder
/// @param language where the language model lies, if not in the folder
public record QFormerFolder(
    Path path, QFormerConfig config, Optional<FrozenPart> tower, Optional<FrozenPart> language) {
  /// What describes a folder without frozen parts.
  public static final String OWN = "eosin.json";

  /// The weights of a folder without frozen parts.
  static final String OWN_WEIGHTS = "qformer.safetensors";

  static final String KIND = "qformer";
  static final int VERSION = 1;

  private static boolean isLavis(Path path) {
    try (StoredTensors file = StoredTensors.open(path)) {
      return LavisFile.is(file);
    } catch (DataException e) {
      return false;
    }
  }

  /// Whether a folder or file says that it holds such a model; what is wrong with it, [#open] says.
  public static boolean is(Path path) {
    if (Files.isRegularFile(path)) {
      return isLavis(path);
    }
    if (Files.exists(path.resolve(OWN))) {
      return true;
    }
    try {
      ConfigFields fields = ConfigFields.open(path.resolve(LanguageFolder.CONFIG));
      return fields.texts("architectures").stream().anyMatch(n -> QFormerKind.of(n).isPresent());
    } catch (DataException e) {
      return false;
    }
  }

  /// Reads the description alone; frozen parts elsewhere are not looked at.
  ///
  /// @throws DataException naming the folder or file and what is wrong with it
  public static QFormerFolder open(Path path) throws DataException {
    if (Files.isRegularFile(path)) {
      return lavis(path);
    }
    if (Files.exists(path.resolve(OWN))) {
      return own(path);
    }
    if (!Files.isRegularFile(path.resolve(LanguageFolder.CONFIG))) {
      throw new DataException(
          "%s: has neither %s of a run nor %s of transformers, which say what model with a Q-Former it is; name the folder that holds one"
              .formatted(path, OWN, LanguageFolder.CONFIG));
    }
    QFormerConfig config = QFormerConfig.read(path.resolve(LanguageFolder.CONFIG));
    return new QFormerFolder(path, config, Optional.empty(), Optional.empty());
  }

  private static QFormerFolder lavis(Path path) throws DataException {
    try (StoredTensors file = StoredTensors.open(path)) {
      if (!LavisFile.is(file)) {
        throw new DataException(
            path
                + ": is a file without a Q-Former under LAVIS's names; name a folder, or a checkpoint of LAVIS");
      }
      QFormerConfig config = LavisFile.read(file).config();
      return new QFormerFolder(path, config, Optional.empty(), Optional.empty());
    }
  }

  private static QFormerFolder own(Path path) throws DataException {
    ConfigFields fields = ConfigFields.open(path.resolve(OWN));
    fields.requireOnly("kind", KIND);
    if (fields.size("version") != VERSION) {
      throw fields.wrong("version", "%d, the only one there is".formatted(VERSION));
    }
    Optional<FrozenPart> tower = FrozenPart.read(fields, "tower");
    Optional<FrozenPart> language = FrozenPart.read(fields, "language");
    ConfigFields described =
        fields
            .object("config")
            .orElseThrow(() -> fields.wrong("config", "what config.json of transformers says"));
    double epsilon = fields.numberOr("image-norm-epsilon", QFormerConfig.NORM_EPSILON);
    fields.requireNothingElse();
    QFormerConfig config = QFormerConfig.read(described, tower.isPresent()).with(epsilon);
    return new QFormerFolder(path, config, tower, language);
  }

  /// All parts of the model, wherever they lie.
  public QFormerModel model() {
    return QFormerModel.of(config);
  }

  /// The parts whose weights are in the folder itself.
  public QFormerModel held() {
    return model().holding(tower.isEmpty(), language.isEmpty());
  }

  /// The file that describes the model.
  public Path description() {
    if (isFile()) {
      return path;
    }
    Path own = path.resolve(OWN);
    return Files.exists(own) ? own : path.resolve(LanguageFolder.CONFIG);
  }

  /// Whether it is a checkpoint of LAVIS.
  public boolean isFile() {
    return Files.isRegularFile(path);
  }

  private StoredTensors file() throws DataException {
    boolean own = Files.exists(path.resolve(OWN_WEIGHTS));
    return StoredTensors.open(own ? path.resolve(OWN_WEIGHTS) : path);
  }

  /// The folder's weights under Eosin's names, opened.
  ///
  /// @throws DataException naming every tensor that is missing, too many or of another shape
  public StoredTensors weights() throws DataException {
    QFormerModel held = held();
    StoredTensors file = file();
    try {
      if (isFile()) {
        return LavisFile.read(file).weights(file);
      }
      return held.layout().read(file, shapes(held, file));
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /// The weights of a language model that lies elsewhere, under Eosin's names.
  ///
  /// @throws DataException as [#weights]
  public StoredTensors elsewhere() throws DataException {
    return QFormerModel.names(model().answers().orElseThrow(), "")
        .read(
            LanguageFolder.open(language.orElseThrow().path()).weights(),
            LanguageFolder.shapes(
                model().answers().orElseThrow().parts().stream()
                    .flatMap(part -> part.weights().stream())
                    .toList()));
  }

  /// A first stage of transformers may lack what only training has.
  private static Map<String, List<Long>> shapes(QFormerModel model, StoredTensors file) {
    Map<String, List<Long>> shapes = shapes(model);
    boolean trained = file.names().contains(QFormerNames.TEMPERATURE);
    model
        .heads()
        .filter(heads -> !trained)
        .ifPresent(heads -> shapes.keySet().removeAll(heads.absentFromTransformers()));
    return shapes;
  }

  /// Of all weights of a model, by Eosin's names.
  static Map<String, List<Long>> shapes(QFormerModel model) {
    return LanguageFolder.shapes(
        model.parts().stream().flatMap(part -> part.weights().stream()).toList());
  }

  /// Compares the folder's names and shapes with the description, reading no weight, and what lies
  /// elsewhere with its digest.
  ///
  /// @throws DataException as [#weights], and when a frozen part is gone or another
  public void check() throws DataException {
    weights().close();
    if (tower.isPresent()) {
      tower.get().require("image tower", description());
    }
    if (language.isPresent()) {
      language.get().require("language model", description());
    }
  }

  /// Copies the folder's weights into allocated ones of the same names, one after the other. Those
  /// that are used in place stay, and so do those that the folder does not hold.
  ///
  /// @return the names of weights that stayed though they are not used in place
  /// @throws DataException as [#weights], or when one has another shape than the allocated
  public List<String> load(ParameterSet set) throws DataException {
    List<String> kept = new ArrayList<>();
    try (StoredTensors own = weights()) {
      for (var parameter : set.all()) {
        if (own.names().contains(parameter.name())) {
          assign(set, own, parameter.name());
        } else if (!parameter.mapped()) {
          kept.add(parameter.name());
        }
      }
    }
    return kept;
  }

  private static void assign(ParameterSet set, StoredTensors own, String name)
      throws DataException {
    if (set.get(name).mapped()) {
      return;
    }
    long[] shape = set.get(name).data().shape();
    List<Long> found = own.header(name).shape();
    if (!found.equals(Arrays.stream(shape).boxed().toList())) {
      throw new DataException(
          "%s: %s is %s there, but %s in the model that is to start from it"
              .formatted(own.path(), name, found, Arrays.toString(shape)));
    }
    try (Tensor values = set.engine().of(own.floats(name), shape)) {
      set.assign(name, values);
    }
  }

  /// Opens frozen weights: of the tower in the folder, or of the language model, there or
  /// elsewhere.
  ///
  /// @param parts of [#model], from one file
  /// @throws DataException as [#weights] and [Base#open]
  public MappedTensors frozen(Engine engine, List<? extends Part> parts, Base base)
      throws DataException {
    List<Weight> weights = parts.stream().flatMap(part -> part.weights().stream()).toList();
    Map<String, List<Long>> wanted = LanguageFolder.shapes(weights);
    QFormerModel held = held();
    Map<String, List<Long>> all = new LinkedHashMap<>();
    held.parts().forEach(part -> all.putAll(LanguageFolder.shapes(part.weights())));
    if (language.isPresent() && !all.keySet().containsAll(wanted.keySet())) {
      StoredTensors file = LanguageFolder.open(language.get().path()).weights();
      Layout names = QFormerModel.names(model().answers().orElseThrow(), "");
      return base.open(engine, file, names, wanted, List.of());
    }
    Set<String> others = new HashSet<>(all.keySet());
    others.removeAll(wanted.keySet());
    return base.open(engine, file(), held.layout().without(others), wanted, List.of());
  }
}
