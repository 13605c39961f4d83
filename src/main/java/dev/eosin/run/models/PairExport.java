package dev.eosin.run.models;

import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.stored.ModelTarget;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.DataException;
import dev.eosin.export.ClipBundle;
import dev.eosin.export.HeldOut;
import dev.eosin.export.Origin;
import dev.eosin.export.PairBundle;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.recipe.stored.StoredPairs;
import dev.eosin.run.folders.RunKind;
import dev.eosin.run.folders.RunScores;
import dev.eosin.train.WeightsPart;
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

/// `eosin export --to onnx` of a run of kind qformer-align or albef: of a model that draws images
/// and texts together and judges pairs.
///
/// @param part of the run
/// @param out a folder to make
/// @param replace whether what is there may be replaced
/// @param settings of the graphs
/// @param verify tiles to compare on; those of the run's validation where there are none
/// @param tiles how many of them
/// @param template around the names of classes of such tiles, `{}` standing for the name
/// @param licence of the weights
/// @param version Eosin's
/// @param threads of Eosin's own numbers
public record PairExport(
    WeightsPart part,
    Path out,
    boolean replace,
    ClipBundle.Settings settings,
    Optional<Path> verify,
    int tiles,
    String template,
    Optional<String> licence,
    String version,
    CountOrAuto threads) {
  private static final Set<String> KINDS = Set.of("albef", "qformer-align");

  /// Whether a path is that of such a run, or of a checkpoint of one, by its kind alone.
  ///
  /// @throws DataException when its recipe cannot be read
  public static boolean isFor(Path in) throws DataException {
    return RunKind.of(in).filter(KINDS::contains).isPresent();
  }

  /// Writes the bundle.
  ///
  /// @param note what a user should know, one line each
  /// @param progress told how far it is, one line
  /// @throws DataException when the run cannot be read, nothing says which tiles were held out, or
  ///   as [PairBundle#write]
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
    RunKind.narrow(in).ifPresent(note);
    try (StoredPairs run =
        StoredPairs.at(in, part)
            .orElseThrow(
                () -> new DataException(in + ": is no run of kind albef or qformer-align"))) {
      var known = new RunTiles(run.data(), run.evaluations(), tiles);
      HeldOut heldOut =
          verify.isPresent() ? known.named(verify.get(), template) : known.heldOut(in);
      return new PairBundle(run.family(), settings, origin(in, run.run()), progress)
          .write(out, replace, heldOut, new ComputeSettings(Processor.CPU, threads).start());
    }
  }

  private Origin origin(Path in, StoredRun run) throws DataException {
    Map<String, String> fingerprints = new TreeMap<>();
    run.checkpoint()
        .state()
        .more()
        .forEach(
            (key, value) -> {
              if (key.endsWith("fingerprint") || key.endsWith("sha256")) {
                fingerprints.put(key, value);
              }
            });
    return new Origin(
        RunKind.name(in),
        version,
        licence,
        Optional.empty(),
        fingerprints,
        List.of(),
        part == WeightsPart.WEIGHTS ? RunScores.of(run) : List.of());
  }
}
