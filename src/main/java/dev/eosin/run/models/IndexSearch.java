package dev.eosin.run.models;

import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.index.Neighbours;
import dev.eosin.index.VectorIndex;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.recipe.stored.StoredEmbedder;
import dev.eosin.tensor.Engine;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/// Finds what of an index is nearest to texts and tiles, with the model that the index was made of.
/// Close it.
public final class IndexSearch implements AutoCloseable {
  private static final RandomKey UNUSED = new RandomKey(0);

  private final VectorIndex index;
  private final StoredEmbedder model;
  private final ComputeSettings compute;

  private IndexSearch(VectorIndex index, StoredEmbedder model, ComputeSettings compute) {
    this.index = index;
    this.model = model;
    this.compute = compute;
  }

  /// What is looked for.
  public sealed interface Query {
    /// For a person.
    String title();
  }

  /// What is like an image.
  public record OfImage(Path file) implements Query {
    @Override
    public String title() {
      return file.toString();
    }
  }

  /// What fits a text.
  public record OfText(String text) implements Query {
    @Override
    public String title() {
      return text;
    }
  }

  /// Something that was found.
  ///
  /// @param place in the index
  public record Found(int place, ActivationRow row, double cosine) {}

  /// What was found, nearest first.
  public record Result(Query query, List<Found> found) {
    public Result {
      found = List.copyOf(found);
    }
  }

  /// Opens an index and the model of its embeddings; nothing is loaded.
  ///
  /// @throws DataException when one of the two cannot be read
  public static IndexSearch open(
      Path index,
      Path model,
      WeightsPart part,
      NamedArchitecture architecture,
      ComputeSettings compute)
      throws IOException {
    var wanted = new StoredEmbedder.Wanted(model, part, architecture.spec(), Precision.FP32);
    VectorIndex opened = VectorIndex.open(index);
    try {
      return new IndexSearch(opened, StoredEmbedder.open(wanted), compute);
    } catch (IOException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  /// The index.
  public VectorIndex index() {
    return index;
  }

  /// What a user should know of the model and these queries, one line each.
  public List<String> notes(List<Query> queries) {
    List<String> notes = new ArrayList<>(model.notes());
    if (index.pins().isEmpty()) {
      notes.add("the index does not say which model it was made of; it has to be this one");
    }
    for (Query query : queries) {
      if (query instanceof OfText(String text)) {
        int tokens = model.tokenizer().untruncatedLength(text);
        if (tokens > model.context()) {
          notes.add(
              "a text of %d tokens is cut to the model's %d".formatted(tokens, model.context()));
        }
      }
    }
    return notes;
  }

  /// Finds the nearest of each query.
  ///
  /// @param breadth candidates that the graph looks at; empty to compare with everything
  /// @return in the order of the queries
  /// @throws DataException when an image cannot be read, or the index is another model's
  public List<Result> search(List<Query> queries, int most, OptionalInt breadth)
      throws IOException {
    boolean images = queries.stream().anyMatch(OfImage.class::isInstance);
    index.requireSame(model.path(), model.imagePins(), model.width(), images);
    Engine engine = compute.start();
    float[][] vectors = embedded(queries, engine);
    Neighbours nearest =
        breadth.isPresent()
            ? index.approximate(vectors, most, breadth.getAsInt())
            : index.exact(engine, vectors, most);
    Map<Integer, ActivationRow> rows = index.rows(nearest.rows());
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < queries.size(); i++) {
      List<Found> found = new ArrayList<>();
      for (int at = 0; at < nearest.rows()[i].length; at++) {
        int place = nearest.rows()[i][at];
        ActivationRow row = Objects.requireNonNull(rows.get(place), "rows gives all or throws");
        found.add(new Found(place, row, nearest.cosines()[i][at]));
      }
      results.add(new Result(queries.get(i), found));
    }
    return results;
  }

  private float[][] embedded(List<Query> queries, Engine engine) throws IOException {
    float[][] vectors = new float[queries.size()][];
    ImageDecoder decoder = model.images().decoder();
    TileTransform transform = model.images().transforms().evaluation();
    try (StoredEmbedder.Loaded loaded = model.load(engine, 1)) {
      for (int i = 0; i < vectors.length; i++) {
        vectors[i] =
            switch (queries.get(i)) {
              case OfText(String text) -> loaded.embedder().embedTexts(List.of(text))[0];
              case OfImage(Path file) -> {
                RgbImage tile =
                    transform.apply(
                        decoder.decode(file), UNUSED.stream(Purpose.AUGMENTATION, 0, 0));
                byte[] pixels = new byte[3 * tile.width() * tile.height()];
                tile.writePlanar(pixels, 0);
                yield loaded.embedder().embedImages(pixels, 1)[0];
              }
            };
      }
    }
    return vectors;
  }

  @Override
  public void close() throws DataException {
    try (index) {
      model.close();
    }
  }
}
