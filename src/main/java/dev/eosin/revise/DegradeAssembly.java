package dev.eosin.revise;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.revise.DegradePrompt.Read;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Writes degraded rows, what is known of all of them, and a page to look at.
final class DegradeAssembly implements Assembly {
  static final String STATISTICS = "degraded.json";
  static final String PAGE = "degraded.html";
  static final String GENERATED = "generated.jsonl";

  private final String title;
  private final Outputs.Lines rows;
  private final Optional<Outputs.Lines> generated;
  private final OutputStream statistics;
  private final OutputStream page;
  private final DegradeStatistics counted = new DegradeStatistics();

  /// @param title of the page
  /// @param asks whether a language model chose the words
  DegradeAssembly(String title, Outputs outputs, boolean asks) throws IOException {
    this.title = title;
    rows = outputs.jsonLines(DegradedRow.FILE);
    generated = asks ? Optional.of(outputs.jsonLines(GENERATED)) : Optional.empty();
    statistics = outputs.open(STATISTICS);
    page = outputs.open(PAGE);
  }

  @Override
  public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
    GoodCaption good = GoodCaption.of(row);
    if (!result.has("said")) {
      write(good, CaptionEdits.of(result.path("operations")));
      return Optional.empty();
    }
    String said = result.path("said").asText();
    generated
        .orElseThrow()
        .write(JsonNodeFactory.instance.objectNode().put("id", good.key()).put("said", said));
    return switch (DegradePrompt.read(said, CaptionDegradation.planned(result), good.caption())) {
      case Read.Edited(CaptionEdits edits) -> {
        write(good, edits);
        yield Optional.empty();
      }
      case Read.Unusable(String reason, String detail) ->
          Optional.of(new Outcome.Rejected(reason, detail));
    };
  }

  private void write(GoodCaption good, CaptionEdits edits) throws IOException {
    DegradedRow degraded = DegradedRow.of(good.key(), good.image(), good.caption(), edits);
    rows.write(degraded.json());
    counted.add(degraded);
  }

  @Override
  public void finish() throws IOException {
    String figures = counted.json().toPrettyString() + "\n";
    statistics.write(figures.getBytes(StandardCharsets.UTF_8));
    String shown = DegradePage.of(title, figures, counted.examples());
    page.write(shown.getBytes(StandardCharsets.UTF_8));
  }
}
