package dev.eosin.mining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes what was taken, after it was compared with what is taken of other slides.
final class MiningAssembly implements Assembly {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final MiningSettings settings;
  private final List<ActivationRow> rows;
  private final float[][] vectors;
  private final Outputs.Lines mined;
  private final Outputs.Lines dropped;
  private final Outputs.Lines slides;
  private final OutputStream names;
  private final OutputStream manifest;
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
  }

  private void drop(JsonNode tile, String rule, String reason, int to) throws IOException {
    ActivationRow about = rows.get(tile.path("row").asInt());
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("path", about.path());
    about.group().ifPresent(group -> line.put("slide", group));
    line.put("rule", rule).put("reason", reason).put("to", rows.get(to).path());
    line.set("cosine", tile.path("cosine"));
    dropped.write(line);
  }

  @Override
  public void finish() throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", "eosin mined 1").put("slides", slideCount).put("kept", kept);
    root.put("similar_in_collection", similar);
    counts.writeTo(root.putObject("rules"));
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    manifest.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
