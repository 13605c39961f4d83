package dev.eosin.mining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.embeddings.UnitVectors;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Page.Section;
import dev.eosin.page.Table;
import dev.eosin.page.Table.Cell;
import dev.eosin.page.Tiles.Frame;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.ParquetTexts;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import dev.eosin.prepare.ShownRows;
import dev.eosin.prepare.ShownTiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Writes what was taken, after it was compared with what is taken of other slides.
final class MiningAssembly implements Assembly {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Tiles on the page, that were taken and that were not.
  private static final int SHOWN = 16;

  private static final String IMAGE = "image";
  private static final int DROPPED = 0;
  private static final int TAKEN = 1;

  private final MiningSettings settings;
  private final List<ActivationRow> rows;
  private final float[][] vectors;
  private final Outputs.Lines mined;
  private final Outputs.Lines dropped;
  private final Outputs.Lines slides;
  private final OutputStream names;
  private final OutputStream manifest;
  private final ParquetTexts table;
  private final OutputStream page;
  private final ShownRows shown = new ShownRows(1, SHOWN);
  private final MiningCounts counts = new MiningCounts();
  private final List<Integer> taken = new ArrayList<>();
  private long slideCount;
  private long kept;
  private long similar;

  MiningAssembly(
      MiningSettings settings, List<ActivationRow> rows, float[][] vectors, Outputs outputs)
      throws IOException {
    this.settings = settings;
    this.rows = rows;
    this.vectors = vectors;
    this.mined = outputs.jsonLines("mined.jsonl");
    this.dropped = outputs.jsonLines("dropped.jsonl");
    this.slides = outputs.jsonLines("slides.jsonl");
    this.names = outputs.open("names.txt");
    this.manifest = outputs.open("manifest.json");
    this.table =
        new ParquetTexts(outputs.open("mined.parquet"), List.of("path", "slide", "rules", "by"));
    this.page = outputs.open("page.html");
  }

  @Override
  public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
    for (JsonNode tile : result.path("similar")) {
      drop(tile, tile.path("rule").asText(), "similar", tile.path("to").asInt());
    }
    int keptHere = 0;
    int similarHere = 0;
    for (JsonNode tile : result.path("taken")) {
      int place = tile.path("row").asInt();
      Optional<Integer> like = alreadyTaken(place);
      if (like.isPresent()) {
        ObjectNode told = tile.deepCopy();
        told.put("cosine", UnitVectors.dot(vectors[place], vectors[like.get()]));
        String rule = tile.path("by").path(0).path("rule").asText();
        drop(told, rule, "similar-in-collection", like.get());
        similarHere++;
      } else {
        take(tile, place);
        keptHere++;
      }
    }
    counts.add(result.path("counts"));
    slideCount++;
    kept += keptHere;
    similar += similarHere;
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("slide", row.key());
    line.put("tiles", row.content().path("tiles").asInt()).put("kept", keptHere);
    line.put("similar_in_collection", similarHere).set("rules", result.path("counts"));
    slides.write(line);
    return Optional.empty();
  }

  /// The first of those that were taken of earlier slides, and of this one, which a tile is too
  /// similar to.
  private Optional<Integer> alreadyTaken(int place) {
    if (settings.collectionSimilarity().isEmpty()) {
      return Optional.empty();
    }
    double most = settings.collectionSimilarity().get();
    return taken.stream()
        .filter(other -> UnitVectors.dot(vectors[place], vectors[other]) > most)
        .findFirst();
  }

  private void take(JsonNode tile, int place) throws IOException {
    taken.add(place);
    ActivationRow about = rows.get(place);
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("path", about.path());
    about.group().ifPresent(group -> line.put("slide", group));
    line.put("row", about.row()).set("by", tile.path("by"));
    mined.write(line);
    names.write((about.path() + "\n").getBytes(StandardCharsets.UTF_8));
    String rules =
        String.join(
            ",", tile.path("by").valueStream().map(by -> by.path("rule").asText()).toList());
    Optional<String> by = Optional.of(tile.path("by").toString());
    table.add(
        about.row(), List.of(Optional.of(about.path()), about.group(), Optional.of(rules), by));
    shown.add(TAKEN, row(about), "by " + rules, "");
  }

  private void drop(JsonNode tile, String rule, String reason, int to) throws IOException {
    ActivationRow about = rows.get(tile.path("row").asInt());
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("path", about.path());
    about.group().ifPresent(group -> line.put("slide", group));
    line.put("rule", rule).put("reason", reason).put("to", rows.get(to).path());
    line.set("cosine", tile.path("cosine"));
    dropped.write(line);
    String detail =
        "%s to %s, cosine %.3f"
            .formatted(reason, rows.get(to).path(), tile.path("cosine").asDouble());
    shown.add(DROPPED, row(about), "by " + rule, detail);
  }

  private static Row row(ActivationRow about) {
    String path = about.path();
    return new Row(path, path, JsonNodeFactory.instance.objectNode().put(IMAGE, path));
  }

  @Override
  public void finish() throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", "eosin mined 1").put("slides", slideCount).put("kept", kept);
    root.put("similar_in_collection", similar);
    counts.writeTo(root.putObject("rules"));
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    manifest.write(text.getBytes(StandardCharsets.UTF_8));
    table.finish();
    page.write(page(root).getBytes(StandardCharsets.UTF_8));
  }

  private String page(JsonNode told) {
    Table table =
        new Table(List.of("Rule", "Target", "Taken", "Taken before", "Similar", "Too few"));
    told.path("rules")
        .properties()
        .forEach(
            rule -> {
              List<Cell> cells = new ArrayList<>(List.of(Cell.of(rule.getKey())));
              for (String field : List.of("target", "kept", "twice", "similar", "too_few")) {
                cells.add(Cell.of(rule.getValue().path(field).asLong()));
              }
              table.row(cells);
            });
    RowPictures pictures =
        settings.pictures().isPresent()
            ? RowPictures.files(settings.pictures().get(), IMAGE, new ImageDecoder())
            : _ -> Optional.empty();
    return Page.of(
        Page.title("Tiles that are taken", settings.images()),
        Html.of(
            "p",
            String.format(
                Locale.ROOT,
                "%,d of %,d tiles of %,d slides are taken; %,d that were chosen are too similar to one of another slide.",
                kept,
                rows.size(),
                slideCount,
                similar)),
        List.of(
            new Section("Rules", table.html()),
            new Section("Taken", ShownTiles.of(shown.of(TAKEN), pictures, Frame.RIGHT)),
            new Section(
                "Chosen and left out", ShownTiles.of(shown.of(DROPPED), pictures, Frame.WRONG))));
  }
}
