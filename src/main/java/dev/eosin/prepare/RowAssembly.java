package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/// Writes the outputs from the outcomes, in row order; `funnel.json`, which says that all is there,
/// at the end.
final class RowAssembly {
  private final Path folder;
  private final RowPreparation preparation;
  private final RowOutcomes outcomes;
  private final CheckedRows.Whole whole;
  private final SortedMap<String, Long> rejected = new TreeMap<>();
  private long kept;

  RowAssembly(
      Path folder, RowPreparation preparation, RowOutcomes outcomes, CheckedRows.Whole whole) {
    this.folder = folder;
    this.preparation = preparation;
    this.outcomes = outcomes;
    this.whole = whole;
  }

  /// The funnel of a preparation whose outputs are all there.
  static Optional<Funnel> finished(Path folder) throws DataException {
    Path file = folder.resolve(Outputs.FUNNEL);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = Json.object(Files.readString(file), file.toString());
      for (String name : json.path("files").propertyStream().map(Map.Entry::getKey).toList()) {
        if (!Files.exists(folder.resolve(name))) {
          return Optional.empty();
        }
      }
      return Optional.of(Funnel.of(json));
    } catch (IOException | IllegalArgumentException e) {
      throw new DataException(
          "%s: %s; remove it, and the same command writes the outputs again from the ledger"
              .formatted(file, AtomicFile.reason(e)),
          e);
    }
  }

  /// @return empty when it was asked to stop; then nothing is left behind
  Optional<Funnel> write(BooleanSupplier stop) throws DataException {
    try (Outputs outputs = new Outputs(folder, whole.count())) {
      Outputs.Lines rejects = outputs.rejects();
      Optional<RowPage> page = page();
      Optional<OutputStream> drawn =
          page.isPresent() ? Optional.of(outputs.open(RowPage.NAME)) : Optional.empty();
      Assembly assembly = preparation.assemble(outputs);
      while (assembly.surveys()) {
        if (!pass((position, row) -> survey(position, row, assembly), stop)) {
          return Optional.empty();
        }
      }
      if (!pass((position, row) -> add(position, row, assembly, rejects, page), stop)) {
        return Optional.empty();
      }
      assembly.finish();
      Funnel funnel = Funnel.of(whole.count(), RowWork.reasons(preparation), rejected, kept);
      if (page.isPresent()) {
        drawn.orElseThrow().write(page.get().text(funnel).getBytes(StandardCharsets.UTF_8));
      }
      Map<String, Long> sizes = outputs.commit();
      ObjectNode json = funnel.json();
      sizes.forEach(json.putObject("files")::put);
      AtomicFile.write(
          folder.resolve(Outputs.FUNNEL), FileContent.text(json.toPrettyString() + "\n"));
      return Optional.of(funnel);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(
          "%s: the outputs cannot be written: %s; once that is mended, the same command goes on"
              .formatted(folder, AtomicFile.reason(e)),
          e);
    }
  }

  private Optional<RowPage> page() {
    return preparation.view().map(view -> new RowPage(view, RowWork.reasons(preparation)));
  }

  /// Takes the rows of a pass.
  @FunctionalInterface
  private interface Taking {
    void take(int position, Row row) throws IOException;
  }

  /// @return whether it was not asked to stop
  private boolean pass(Taking taking, BooleanSupplier stop) throws IOException {
    try (Rows rows = whole.again(preparation)) {
      int position = 0;
      for (Optional<Row> next = rows.next(); next.isPresent(); next = rows.next(), position++) {
        if (stop.getAsBoolean()) {
          return false;
        }
        taking.take(position, next.get());
      }
      return true;
    }
  }

  private void survey(int position, Row row, Assembly assembly) throws IOException {
    if (outcomes.outcome(position, row.key()) instanceof Outcome.Kept(JsonNode result)) {
      assembly.survey(row, result);
    }
  }

  private void add(
      int position, Row row, Assembly assembly, Outputs.Lines rejects, Optional<RowPage> page)
      throws IOException {
    Optional<Outcome.Rejected> left =
        switch (outcomes.outcome(position, row.key())) {
          case Outcome.Kept(JsonNode result) -> {
            Optional<Outcome.Rejected> late = assembly.add(row, result);
            late.ifPresent(outcome -> RowWork.requireReason(outcome, preparation));
            if (late.isEmpty()) {
              page.ifPresent(shown -> shown.kept(row, result));
            }
            yield late;
          }
          case Outcome.Rejected out -> Optional.of(out);
        };
    if (left.isEmpty()) {
      kept++;
      return;
    }
    Outcome.Rejected out = left.get();
    page.ifPresent(shown -> shown.left(row, out));
    rejected.merge(out.reason(), 1L, Long::sum);
    rejects.write(
        Json.object()
            .put("row", position)
            .put("key", row.key())
            .put("reason", out.reason())
            .put("detail", out.detail()));
  }
}
