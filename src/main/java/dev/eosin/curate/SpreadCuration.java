package dev.eosin.curate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.curate.rules.Prepared;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.Rows;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A curation whose rows went through all steps elsewhere: reads them once more and writes the
/// results, the same bytes as [Curation]'s.
public final class SpreadCuration implements RowPreparation {
  private final CurationSettings settings;
  private final Curation curation;
  private final Finds finds;

  /// What steps found besides.
  @FunctionalInterface
  public interface Finds {
    /// Asked when all rows are written.
    ///
    /// @return for each step what it found, none for one that looks at a row alone
    /// @throws DataException when the recipe wants the run refused for it
    List<Map<String, String>> all() throws DataException;
  }

  /// @param curation closed with this
  public SpreadCuration(CurationSettings settings, Curation curation, Finds finds) {
    this.settings = settings;
    this.curation = curation;
    this.finds = finds;
  }

  /// What became of a row, as [#assemble] wants it.
  ///
  /// @param left by which of all steps
  /// @param group where a step assigned one
  public static JsonNode result(
      Prepared prepared, Optional<Prepared.Left> left, Optional<String> group) {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.set("prepared", prepared.json());
    left.ifPresent(
        out -> result.putObject("left").put("step", out.step()).put("detail", out.detail()));
    group.ifPresent(name -> result.put("group", name));
    return result;
  }

  @Override
  public Rows rows() throws DataException {
    return curation.rows();
  }

  @Override
  public Map<String, String> pins() {
    return curation.pins();
  }

  @Override
  public List<String> reasons() {
    return curation.reasons();
  }

  /// Rows are prepared elsewhere.
  @Override
  public Outcome prepare(Row row, RowSteps steps) {
    throw new IllegalStateException(row.place());
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    var written = new CurationOutputs(settings, curation.pictures(), outputs);
    return new Assembly() {
      private int position;

      @Override
      public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
        Prepared prepared = Prepared.of(result.path("prepared"));
        Optional<Prepared.Left> left = Prepared.left(result.path("left"));
        int step = left.map(Prepared.Left::step).orElse(settings.steps().size());
        Optional<String> group = Optional.ofNullable(result.get("group")).map(JsonNode::textValue);
        String caption = settings.columns().caption();
        return written.add(
            Candidate.of(position++, row, prepared, step, caption, group), prepared, left);
      }

      @Override
      public void finish() throws IOException {
        written.finish(settings.named(finds.all()));
      }
    };
  }

  @Override
  public void close() {
    curation.close();
  }
}
