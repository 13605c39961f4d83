package dev.eosin.curate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.curate.rules.Prepared;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.data.opened.CuratedManifest;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.prepare.ShownRows;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Writes what is left of the rows, how many each step left out, and a page that shows some.
final class CurationOutputs {
  private final CurationSettings settings;
  private final RowPictures pictures;
  private final Outputs outputs;
  private final StepCounts counts;
  private final ShownRows shown;
  private final WrittenFields fields;
  private final OutputStream manifest;
  private final OutputStream page;
  private @Nullable PairsWriter writer;

  CurationOutputs(CurationSettings settings, RowPictures pictures, Outputs outputs)
      throws IOException {
    this.settings = settings;
    this.pictures = pictures;
    this.outputs = outputs;
    counts = new StepCounts(settings.reasons());
    shown = new ShownRows(settings.steps().size(), settings.shown());
    fields = new WrittenFields(settings);
    manifest = outputs.open(CuratedManifest.NAME);
    page = outputs.open(Curation.PAGE);
  }

  /// Takes the next row.
  ///
  /// @param candidate as the step saw it that left it out, or as it is written
  Optional<Outcome.Rejected> add(
      Candidate candidate, Prepared prepared, Optional<Prepared.Left> left) throws IOException {
    int step = left.map(Prepared.Left::step).orElse(settings.steps().size());
    counts.add(prepared, step);
    shown.add(
        step, candidate.row(), candidate.caption(), left.map(Prepared.Left::detail).orElse(""));
    if (left.isPresent()) {
      return Optional.of(new Outcome.Rejected(counts.reasons().get(step), left.get().detail()));
    }
    ObjectNode line = fields.of(candidate);
    writer().add(candidate, line);
    return Optional.empty();
  }

  private PairsWriter writer() throws IOException {
    PairsWriter open = writer;
    if (open == null) {
      open = PairsWriter.open(settings, fields.names(), pictures, outputs);
      writer = open;
    }
    return open;
  }

  /// After the last row.
  ///
  /// @param found what steps found besides
  void finish(Map<String, String> found) throws IOException {
    List<WrittenFile.Entry> files = writer == null ? List.of() : writer().finish();
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", CuratedManifest.FORMAT).put("rows", counts.kept());
    if (counts.kept() == 0) {
      root.put(CuratedManifest.EMPTY, counts.whyEmpty());
    }
    ArrayNode written = root.putArray("files");
    for (WrittenFile.Entry file : files) {
      written
          .addObject()
          .put("file", file.file())
          .put("rows", file.rows())
          .put("bytes", file.bytes())
          .put("sha256", file.sha256());
    }
    fields.names().forEach(root.putArray("fields")::add);
    counts.write(root.putArray("steps"));
    found.forEach(root.putObject("found")::put);
    String text = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(root);
    manifest.write((text + "\n").getBytes(StandardCharsets.UTF_8));
    page.write(
        new CurationPage(name(), counts, shown, found, pictures)
            .text()
            .getBytes(StandardCharsets.UTF_8));
  }

  private String name() {
    return settings.table().map(file -> String.valueOf(file.getFileName())).orElse("a source");
  }
}
