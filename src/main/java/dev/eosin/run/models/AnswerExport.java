package dev.eosin.run.models;

import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.stored.ModelTarget;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.DataException;
import dev.eosin.export.AnswerBundle;
import dev.eosin.export.AskedQuestions;
import dev.eosin.export.ClipBundle;
import dev.eosin.export.ExportedFamily;
import dev.eosin.export.Origin;
import dev.eosin.export.Score;
import dev.eosin.file.AtomicFolder;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.run.folders.RunKind;
import dev.eosin.run.folders.RunScores;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Processor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// `eosin export --to onnx` of a model that answers: of language alone, or in LLaVA's manner.
///
/// @param adapter a folder of peft's, or a run's, that is merged into it
/// @param out a folder to make
/// @param replace whether what is there may be replaced
/// @param settings of the graphs
/// @param verify a table of questions to compare on
/// @param questions how many of them
/// @param licence of the weights
/// @param version Eosin's
/// @param threads of Eosin's own numbers
public record AnswerExport(
    Optional<Path> adapter,
    Path out,
    boolean replace,
    ClipBundle.Settings settings,
    Optional<Path> verify,
    int questions,
    Optional<String> licence,
    String version,
    CountOrAuto threads) {
  private static final Set<String> ANSWERING = Set.of("language", "qformer-instruct", "vllm");

  /// `model_type` of what compares images with texts, and of its text towers, whose `config.json`
  /// may lie beside it.
  private static final Pattern ANSWERS_NOTHING = Pattern.compile("bert|siglip.*|.*clip.*");

  /// Whether a path is that of a model that answers, by its kind alone; what is wrong with it,
  /// [#onnx] says.
  ///
  /// @throws DataException when a run or a folder's `config.json` cannot be read
  public static boolean isFor(Path in) throws IOException {
    Optional<String> kind = RunKind.of(in);
    if (kind.isPresent()) {
      return ANSWERING.contains(kind.get());
    }
    if (!Files.isDirectory(in)) {
      return false;
    }
    Path config = in.resolve(LanguageFolder.CONFIG);
    if (!Files.isRegularFile(config) || Files.exists(in.resolve(ClipConfigFile.OPEN_CLIP))) {
      return false;
    }
    ConfigFields fields = ConfigFields.open(config);
    return fields.isText("model_type")
        && !ANSWERS_NOTHING.matcher(fields.text("model_type")).matches();
  }

  /// Writes the bundle.
  ///
  /// @param note what a user should know, one line each
  /// @param progress told how far it is, one line
  /// @throws DataException when the model cannot be read or has no graphs, nothing says which
  ///   questions to ask, or as [AnswerBundle#write]
  public AnswerBundle.Written onnx(Path in, Consumer<String> note, Consumer<String> progress)
      throws IOException {
    if (Files.exists(out) && !replace) {
      throw new DataException(out + ": is there already; --replace replaces it");
    }
    var target = new ModelTarget(out, ClipFormat.EOSIN, replace);
    target.requireOutside(in);
    for (Path read : Stream.concat(verify.stream(), adapter.stream()).toList()) {
      target.requireOutside(read);
    }
    RunKind.narrow(in).ifPresent(note);
    var wanted = new StoredLanguage.Wanted(in, adapter, Optional.empty(), false);
    try (StoredAnswerer model = StoredAnswerers.open(wanted)) {
      Optional<ExportedFamily> family = StoredAnswerers.exported(model);
      if (family.isEmpty()) {
        throw new DataException(in + ": of such a model no graphs are written");
      }
      if (verify.isEmpty()) {
        throw new DataException(
            "%s: graphs of a model that answers are compared with it on questions; name a table of them with --verify (a column 'question', and 'image' where it sees)"
                .formatted(in));
      }
      AskedQuestions asked = AskedQuestions.open(verify.get(), model.seesImages(), questions);
      try (AtomicFolder _ = AtomicFolder.begin(out)) {
        // A place that cannot be written is named before the weights are read for their digests.
      }
      var origin =
          new Origin(
              RunKind.name(in),
              version,
              licence,
              Optional.empty(),
              fingerprints(model),
              List.of(),
              scores(in));
      return new AnswerBundle(family.get(), settings, origin, progress)
          .write(out, replace, asked, new ComputeSettings(Processor.CPU, threads).start());
    }
  }

  /// A run's, with its newest weights; those of a folder are not known, nor those of a run that has
  /// weights to answer with and no checkpoint that says after which step they are.
  private static List<Score> scores(Path in) throws DataException {
    Optional<StoredRun> run;
    try {
      run = StoredRun.find(in);
    } catch (DataException e) {
      return List.of();
    }
    return run.isPresent() ? RunScores.of(run.get()) : List.of();
  }

  /// Digests of the files that the graphs are made of.
  private static Map<String, String> fingerprints(StoredAnswerer model) throws DataException {
    Map<String, String> fingerprints = new TreeMap<>(model.pins(GenerationSettings.greedy(1)));
    fingerprints.keySet().removeIf(name -> !name.endsWith("sha256"));
    return fingerprints;
  }
}
