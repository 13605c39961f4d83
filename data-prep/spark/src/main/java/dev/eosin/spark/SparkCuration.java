package dev.eosin.spark;

import dev.eosin.config.DataException;
import dev.eosin.curate.Curation;
import dev.eosin.curate.SpreadCuration;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.curate.steps.CurationStep;
import dev.eosin.curate.steps.JudgedStep;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.prepare.Funnel;
import dev.eosin.prepare.OutcomeRun;
import dev.eosin.prepare.RowOutcomes;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.prepare.Rows;
import dev.eosin.recipe.CurateRecipe;
import dev.eosin.recipe.prepared.Curations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A list of steps on a cluster: the files are those that `eosin prepare` writes of the same
/// recipe, byte for byte, but for the ledger.
final class SparkCuration {
  private final CurateRecipe recipe;
  private final Cluster.Settings cluster;
  private final int partRows;
  private final Consumer<String> tell;

  /// @param partRows rows of a part; 0 for what suits the cluster
  /// @param tell told what is being done
  SparkCuration(
      CurateRecipe recipe, Cluster.Settings cluster, int partRows, Consumer<String> tell) {
    this.recipe = recipe;
    this.cluster = cluster;
    this.partRows = partRows;
    this.tell = tell;
  }

  /// Does it all; killed, it begins anew.
  ///
  /// @throws DataException when the recipe asks for what cannot be spread, rows, files or the
  ///   cluster are not there, or the folder has results already
  Funnel run() throws DataException {
    requireSpread();
    cluster.requireMaster();
    Path out = recipe.folder().toAbsolutePath();
    try (Curation curation = Curations.open(recipe)) {
      SpreadJob job = new SpreadJob(curation, out);
      var whole = new SpreadCuration(recipe.curate(), curation, () -> job.started().found());
      Funnel funnel = new OutcomeRun(out, whole).run(job, () -> false).orElseThrow();
      AtomicFile.write(out.resolve("recipe.yaml"), FileContent.text(recipe.resolved().text()));
      return funnel;
    }
  }

  private void requireSpread() throws DataException {
    for (CurationStep step : recipe.curate().steps()) {
      if (step instanceof JudgedStep) {
        throw new DataException(
            "curate.steps: %s asks a model, whose answers a job that is repeated would pay for again; run it with 'eosin prepare' on what the other steps leave"
                .formatted(step.title()));
      }
    }
  }

  /// What is open while rows are prepared.
  private final class SpreadJob implements OutcomeRun.Elsewhere {
    private final Curation curation;
    private final Path out;
    private Optional<Spool> spool = Optional.empty();
    private Optional<Cluster> connected = Optional.empty();
    private Optional<SpreadRun> run = Optional.empty();

    SpreadJob(Curation curation, Path out) {
      this.curation = curation;
      this.out = out;
    }

    SpreadRun started() {
      return run.orElseThrow();
    }

    @Override
    public RowOutcomes outcomes(int rows) throws IOException {
      Cluster open = Cluster.connect(cluster, tell);
      connected = Optional.of(open);
      int each = partRows > 0 ? partRows : Math.clamp(rows / (4L * open.cores()), 1, 50_000);
      Spool written;
      try (Rows all = curation.rows()) {
        written = Spool.write(out, all, rows, each);
      }
      spool = Optional.of(written);
      Shared shared =
          new Shared(recipe.resolved().text(), absolute(recipe.curate()), probe(), rows);
      try {
        SpreadRun begun = new SpreadRun(open.context(), shared, written, curation.models(), tell);
        run = Optional.of(begun);
        Iterator<HeldRow> held = begun.run();
        tell.accept("writing");
        return (position, key) -> outcome(open, held, position, key);
      } catch (DataException e) {
        throw e;
      } catch (Exception e) { // Spark throws checked ones that it does not declare
        throw open.failure(e);
      }
    }

    private Outcome outcome(Cluster open, Iterator<HeldRow> held, int position, String key)
        throws DataException {
      try {
        HeldRow row = held.next();
        if (row.position() != position || !row.key().equals(key)) {
          throw new IllegalStateException("row %d is %s".formatted(position, row.place()));
        }
        return new Outcome.Kept(SpreadCuration.result(row.judged(), row.left(), row.assigned()));
      } catch (Exception e) { // as above
        throw open.failure(e);
      }
    }

    /// An image that is there, so that a machine without the images is found out; the first of a
    /// few rows.
    private String probe() throws IOException {
      Optional<String> folder = Optional.empty();
      if (recipe.curate().table().isPresent()) {
        Path images = images(recipe.curate());
        try (Rows all = curation.rows()) {
          for (int i = 0; i < 100; i++) {
            Optional<Path> image =
                all.next()
                    .map(row -> row.content().path(recipe.curate().columns().image()).asText(""))
                    .filter(name -> !name.isBlank() && name.indexOf('\0') < 0)
                    .map(name -> images.resolve(name.strip()));
            if (image.filter(Files::isRegularFile).isPresent()) {
              return image.get().toString();
            }
          }
        }
        folder = Optional.of(images).filter(Files::isDirectory).map(Path::toString);
      }
      return folder.orElse("");
    }

    @Override
    public void close() throws DataException {
      connected.ifPresent(Cluster::close);
      try {
        if (spool.isPresent()) {
          spool.get().close();
        }
      } catch (IOException e) {
        throw new DataException(
            "%s: cannot be removed: %s".formatted(spool.get().folder(), AtomicFile.reason(e)), e);
      }
    }
  }

  private static Path images(CurationSettings settings) {
    return settings
        .images()
        .orElseGet(() -> settings.table().orElseThrow().resolveSibling(""))
        .toAbsolutePath();
  }

  /// Paths of a table, so that they do not depend on a working folder.
  private static List<String> absolute(CurationSettings settings) {
    List<String> overrides = new ArrayList<>();
    if (settings.table().isPresent()) {
      Path table = settings.table().get().toAbsolutePath();
      overrides.add("curate.table=" + quoted(table));
      overrides.add("curate.images=" + quoted(images(settings)));
    }
    return overrides;
  }

  private static String quoted(Path path) {
    return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
