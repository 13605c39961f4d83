package dev.eosin.mining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.embeddings.UnitVectors;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.Rows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Takes the tiles that represent slides, or a collection of them: a row is a slide, or all of
/// them.
///
/// Beside the run's own files: `mined.jsonl` (each tile that was taken, and by which rules),
/// `names.txt` (their paths), `dropped.jsonl` (each that was chosen and is too similar),
/// `slides.jsonl`, `manifest.json`.
///
/// Source: Sun et al., PathGen-1.6M (2024), and its tutorial: prompts, clusters, a similarity
/// filter.
public final class TileMining implements RowPreparation {
  static final String NOTHING_TAKEN = "nothing-taken";

  /// What the row of `over: collection` is called.
  private static final String COLLECTION = "collection";

  private final MiningSettings settings;
  private final List<ActivationRow> rows;
  private final float[][] vectors;
  private final List<MinedTexts> texts;
  private final SequencedMap<String, List<Integer>> groups;

  private TileMining(
      MiningSettings settings,
      List<ActivationRow> rows,
      float[][] vectors,
      List<MinedTexts> texts,
      SequencedMap<String, List<Integer>> groups) {
    this.settings = settings;
    this.rows = rows;
    this.vectors = vectors;
    this.texts = texts;
    this.groups = groups;
  }

  /// Reads all embeddings into memory.
  ///
  /// @throws DataException when they cannot be read, are of different models, do not fit into
  ///   memory, or an image has no slide
  public static TileMining open(MiningSettings settings) throws IOException {
    try (StoredEmbeddings images =
        StoredEmbeddings.open(settings.images(), settings.imagesTable())) {
      List<MinedTexts> texts = new ArrayList<>();
      for (PromptSettings one : settings.prompts()) {
        texts.add(MinedTexts.open(one, images));
      }
      return new TileMining(
          settings,
          images.rows(),
          UnitVectors.of(images),
          List.copyOf(texts),
          groups(settings, images));
    }
  }

  private static SequencedMap<String, List<Integer>> groups(
      MiningSettings settings, StoredEmbeddings images) throws DataException {
    SequencedMap<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < images.size(); i++) {
      int row = i;
      String group =
          switch (settings.over()) {
            case COLLECTION -> COLLECTION;
            case SLIDE ->
                images
                    .rows()
                    .get(row)
                    .group()
                    .filter(name -> !name.isBlank())
                    .orElseThrow(
                        () ->
                            new DataException(
                                "%s: row %d, %s, has no group, which is its slide; embed images that have one, name their rows in images-table, or mine over: collection"
                                    .formatted(images.path(), row, images.rows().get(row).path())));
          };
      groups.computeIfAbsent(group, name -> new ArrayList<>()).add(row);
    }
    return groups;
  }

  @Override
  public Rows rows() {
    Iterator<Map.Entry<String, List<Integer>>> all = groups.entrySet().iterator();
    return new Rows() {
      @Override
      public Optional<Row> next() {
        if (!all.hasNext()) {
          return Optional.empty();
        }
        Map.Entry<String, List<Integer>> group = all.next();
        ObjectNode content =
            JsonNodeFactory.instance.objectNode().put("tiles", group.getValue().size());
        return Optional.of(
            new Row(group.getKey(), settings.images() + ": " + group.getKey(), content));
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Map<String, String> pins() {
    Map<String, String> pins = new TreeMap<>();
    pins.put("mine.images", digest(vectors, rows.stream().map(ActivationRow::line).toList()));
    pins.put("mine.over", settings.over().toString());
    for (MinedTexts one : texts) {
      PromptSettings prompt = one.settings();
      pins.put(
          "mine.prompts." + prompt.name(),
          "%s %d of %s"
              .formatted(prompt.combine(), prompt.top(), digest(one.vectors(), one.groups())));
    }
    pins.put("mine.clusters", settings.clusters().toString());
    pins.put("mine.similarity", settings.similarity().toString());
    pins.put("mine.collection-similarity", settings.collectionSimilarity().toString());
    pins.put("mine.refill", Boolean.toString(settings.refill()));
    return pins;
  }

  /// Of numbers and what is said of them.
  private static String digest(float[][] vectors, List<String> lines) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (int i = 0; i < vectors.length; i++) {
        ByteBuffer bytes = ByteBuffer.allocate(vectors[i].length * Float.BYTES);
        bytes.asFloatBuffer().put(vectors[i]);
        digest.update(bytes);
        digest.update((lines.get(i) + "\n").getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public List<String> reasons() {
    return List.of(NOTHING_TAKEN);
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    List<Integer> places = groups.getOrDefault(row.key(), List.of());
    JsonNode result = steps.compute("mined", () -> json(mine(places, steps), places));
    return result.path("taken").isEmpty()
        ? new Outcome.Rejected(
            NOTHING_TAKEN,
            "of %d tiles none was taken: %s".formatted(places.size(), result.path("counts")))
        : new Outcome.Kept(result);
  }

  private TileMiner.Mined mine(List<Integer> places, RowSteps steps) {
    float[][] own = places.stream().map(place -> vectors[place]).toArray(float[][]::new);
    List<ActivationRow> ownRows = places.stream().map(rows::get).toList();
    List<Ranking> rankings = new ArrayList<>();
    for (MinedTexts one : texts) {
      PromptSettings prompt = one.settings();
      float[][] said = one.of(ownRows);
      rankings.add(
          said.length == 0
              ? new Ranking(prompt.name(), prompt.top(), 0, List.of())
              : Ranking.ofPrompts(prompt.name(), own, said, prompt.combine(), prompt.top()));
    }
    if (settings.clusters().isPresent()) {
      ClusterSettings clusters = settings.clusters().get();
      int k = clusters.clusters(own.length);
      KMeans found = KMeans.of(own, k, clusters.rounds(), steps.random(TileMiner.CLUSTERS));
      rankings.add(Ranking.ofClusters(TileMiner.CLUSTERS, found, clusters));
    }
    return TileMiner.mine(own, rankings, settings.similarity(), settings.refill());
  }

  private static ObjectNode json(TileMiner.Mined mined, List<Integer> places) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode taken = json.putArray("taken");
    for (TileMiner.Taken tile : mined.taken()) {
      ArrayNode by = taken.addObject().put("row", places.get(tile.tile())).putArray("by");
      for (TileMiner.Choice choice : tile.by()) {
        by.addObject()
            .put("rule", choice.rule())
            .put("rank", choice.rank())
            .put("score", choice.score());
      }
    }
    ArrayNode similar = json.putArray("similar");
    for (TileMiner.Similar tile : mined.similar()) {
      similar
          .addObject()
          .put("row", places.get(tile.tile()))
          .put("rule", tile.rule())
          .put("to", places.get(tile.to()))
          .put("cosine", tile.cosine());
    }
    ArrayNode counts = json.putArray("counts");
    for (TileMiner.Count count : mined.counts()) {
      MiningCounts.put(count, counts.addObject());
    }
    return json;
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return new MiningAssembly(settings, rows, vectors, outputs);
  }
}
