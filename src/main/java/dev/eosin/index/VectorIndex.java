package dev.eosin.index;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileContent;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Embeddings on disk that are searched: the vectors, what is known of their rows, and above
/// [#MOST_EXACT] of them, or where asked for, a graph. The folder is there whole or not at all.
/// Close it.
public final class VectorIndex implements AutoCloseable {
  /// Rows up to which a scan of everything is fast enough.
  public static final int MOST_EXACT = 100_000;

  private static final String FORMAT = "eosin-index";
  private static final int VERSION = 1;
  private static final String ABOUT = "index.json";
  private static final String VECTORS = "vectors";
  private static final String ROWS = "rows.jsonl";
  private static final String GRAPH = "hnsw";
  private static final int SHOWN_DIGITS = 12;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final JsonNode about;
  private final VectorFile vectors;
  private final Optional<VectorGraph> graph;
  private final RowFile rows;

  private VectorIndex(
      Path folder, JsonNode about, VectorFile vectors, Optional<VectorGraph> graph) {
    this.folder = folder;
    this.about = about;
    this.vectors = vectors;
    this.graph = graph;
    this.rows = new RowFile(folder.resolve(ROWS), vectors.size());
  }

  /// Whether there is a graph.
  public enum Kind {
    /// From [#MOST_EXACT] rows on.
    AUTO,
    EXACT,
    HNSW
  }

  /// Makes an index.
  ///
  /// @param out must not be there
  /// @param progress of the graph
  /// @return whether it has a graph
  /// @throws DataException when embeddings cannot be read, one is zero, they are too wide for a
  ///   graph, or the folder is there or cannot be written
  public static boolean build(
      StoredEmbeddings from,
      Path out,
      Kind kind,
      VectorGraph.Settings settings,
      VectorGraph.Progress progress)
      throws IOException {
    boolean graphed =
        switch (kind) {
          case AUTO -> from.size() > MOST_EXACT && from.width() <= VectorGraph.WIDEST;
          case EXACT -> false;
          case HNSW -> true;
        };
    if (graphed && from.width() > VectorGraph.WIDEST) {
      throw new DataException(
          "%s: has embeddings of %d numbers, a graph takes at most %d; build an exact index"
              .formatted(from.path(), from.width(), VectorGraph.WIDEST));
    }
    if (Files.exists(out)) {
      throw new DataException(out + ": is there already; remove it, or choose another folder");
    }
    try (AtomicFolder folder = AtomicFolder.begin(out)) {
      folder.write(VECTORS, VectorFile.of(from));
      folder.write(
          ROWS,
          to -> {
            for (ActivationRow row : from.rows()) {
              to.write((row.line() + "\n").getBytes(StandardCharsets.UTF_8));
            }
          });
      if (graphed) {
        Path graph = folder.within(GRAPH);
        Path written = graph.resolveSibling(VECTORS);
        try (VectorFile vectors = VectorFile.open(written, from.size(), from.width())) {
          int parts = VectorGraph.parts(from.size());
          VectorGraph.build(vectors, graph, settings, parts, progress);
        }
      }
      String about = about(from, graphed, settings).toPrettyString() + "\n";
      folder.write(ABOUT, FileContent.text(about));
      folder.commit();
    }
    return graphed;
  }

  private static ObjectNode about(
      StoredEmbeddings from, boolean graphed, VectorGraph.Settings settings) throws DataException {
    ObjectNode json = JSON.createObjectNode().put("format", FORMAT).put("version", VERSION);
    json.put("rows", from.size()).put("width", from.width());
    json.put("embeddings", from.path().toString());
    Optional.ofNullable(from.metadata().get("images")).ifPresent(path -> json.put("images", path));
    ObjectNode pins = json.putObject("pins");
    from.pins().forEach(pins::put);
    if (graphed) {
      json.putObject("hnsw")
          .put("connections", settings.connections())
          .put("breadth", settings.breadth())
          .put("parts", VectorGraph.parts(from.size()));
    }
    return json;
  }

  /// @throws DataException when it is no index, of a later version, or damaged
  public static VectorIndex open(Path folder) throws DataException {
    Path file = folder.resolve(ABOUT);
    if (!Files.isRegularFile(file)) {
      throw new DataException(
          folder + ": is no index; 'eosin index EMBEDDINGS --out DIR' makes one");
    }
    JsonNode about;
    try {
      about = JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
    }
    if (!FORMAT.equals(about.path("format").asText()) || about.path("version").asInt() != VERSION) {
      throw new DataException(
          "%s: is of format '%s' and version %s; '%s' and %d are read"
              .formatted(
                  file, about.path("format").asText(), about.path("version"), FORMAT, VERSION));
    }
    VectorFile vectors =
        VectorFile.open(
            folder.resolve(VECTORS), about.path("rows").asInt(), about.path("width").asInt());
    try {
      Optional<VectorGraph> graph =
          about.has("hnsw")
              ? Optional.of(VectorGraph.open(folder.resolve(GRAPH)))
              : Optional.empty();
      return new VectorIndex(folder, about, vectors, graph);
    } catch (DataException | RuntimeException | Error e) {
      vectors.close();
      throw e;
    }
  }

  /// n, the number of rows.
  public int size() {
    return vectors.size();
  }

  /// e, of each embedding.
  public int width() {
    return vectors.width();
  }

  /// Whether it has a graph.
  public boolean hasGraph() {
    return graph.isPresent();
  }

  /// A copy of the vector of a row `[e]`, of length 1.
  public float[] vector(int place) {
    return vectors.row(place);
  }

  /// Where its images lay when they were embedded, if they were images.
  public Optional<Path> images() {
    return about.has("images")
        ? Optional.of(Path.of(about.get("images").asText()))
        : Optional.empty();
  }

  /// What its embeddings depend on; nothing where another program made them.
  public SortedMap<String, String> pins() {
    SortedMap<String, String> pins = new TreeMap<>();
    about.path("pins").properties().forEach(pin -> pins.put(pin.getKey(), pin.getValue().asText()));
    return Collections.unmodifiableSortedMap(pins);
  }

  /// Refuses embeddings of another model than its own; says nothing where it does not know its own.
  ///
  /// @param model what a query depends on
  /// @param preprocessing whether the query is an image, as the rows are
  /// @throws DataException saying what differs
  public void requireSame(
      Path path, SortedMap<String, String> model, int size, boolean preprocessing)
      throws DataException {
    if (size != width()) {
      throw new DataException(
          "%s: has embeddings of %d numbers, %s makes %d".formatted(folder, width(), path, size));
    }
    SortedMap<String, String> own = pins();
    boolean images = "images".equals(own.get("embeds"));
    for (String name : List.of("model.sha256", "architecture", "preprocessing")) {
      boolean counts = !name.equals("preprocessing") || (preprocessing && images);
      if (counts && own.containsKey(name) && !own.get(name).equals(model.get(name))) {
        throw new DataException(
            "%s: was made of another model than %s: %s was %s and is %s"
                .formatted(folder, path, name, shown(own.get(name)), shown(model.get(name))));
      }
    }
  }

  /// The beginning of a digest tells two apart.
  private static String shown(@Nullable String pin) {
    String text = String.valueOf(pin);
    return text.matches("[0-9a-f]{64}") ? text.substring(0, SHOWN_DIGITS) + "..." : text;
  }

  /// The nearest by comparison with everything.
  ///
  /// @param queries [q,e] of length 1
  public Neighbours exact(Engine engine, float[][] queries, int most) {
    return new ExactScan(engine, vectors).search(queries, most);
  }

  /// The nearest as the graph finds them, which may miss some; several queries at once, on every
  /// core.
  ///
  /// @param queries [q,e] of length 1
  /// @param breadth candidates that are looked at, at least as many as wanted
  /// @throws DataException when the graph cannot be read
  /// @throws IllegalStateException when there is none
  public Neighbours approximate(float[][] queries, int most, int breadth) throws DataException {
    VectorGraph searched =
        graph.orElseThrow(() -> new IllegalStateException("the index has no graph"));
    int[][] rows = new int[queries.length][];
    float[][] cosines = new float[queries.length][];
    try {
      IntStream.range(0, queries.length)
          .parallel()
          .forEach(
              i -> {
                VectorGraph.Found found = searched.search(queries[i], most, breadth);
                rows[i] = found.rows();
                cosines[i] = found.cosines();
              });
    } catch (UncheckedIOException e) {
      throw new DataException(String.valueOf(e.getMessage()), e);
    }
    return new Neighbours(rows, cosines);
  }

  /// What is known of some rows, by their places.
  ///
  /// @throws DataException when they cannot be read
  public Map<Integer, ActivationRow> rows(int[]... wanted) throws DataException {
    Set<Integer> places = new TreeSet<>();
    for (int[] some : wanted) {
      IntStream.of(some).forEach(places::add);
    }
    Map<Integer, ActivationRow> found = new HashMap<>();
    rows.read(
        reader -> {
          for (int place : places) {
            found.put(place, reader.row(place));
          }
        });
    return found;
  }

  @Override
  public void close() throws DataException {
    try (vectors) {
      if (graph.isPresent()) {
        graph.get().close();
      }
    }
  }
}
