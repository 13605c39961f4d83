package dev.eosin.recipe;

import dev.eosin.config.DataException;
import dev.eosin.data.ListedImages;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.tiles.TileFeatures;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.file.FileDigest;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/// A source of features, opened: who can tell the vectors of tiles.
sealed interface TileModel extends AutoCloseable {
  /// What decides the vectors, by name.
  SortedMap<String, String> pins() throws IOException;

  /// What a user should know, one line each.
  List<String> notes();

  /// What one reading of all tiles gave.
  ///
  /// @param features of those that could be read
  /// @param failed the others by their place in the set, with the reason
  /// @param pixels digest of what was seen; empty of what was stored
  record Read(TileFeatures features, SortedMap<Integer, String> failed, Optional<String> pixels) {}

  @Override
  void close();

  /// @throws IOException when it cannot be opened
  static TileModel open(String title, FeatureSource source) throws IOException {
    return switch (source) {
      case FeatureSource.ClipModel model -> new Embedding(title, model, model.open());
      case FeatureSource.States stored -> Kept.open(title, stored);
      case FeatureSource.Embeddings stored -> Kept.open(title, stored);
    };
  }

  /// A model that is here.
  record Embedding(String title, FeatureSource.ClipModel source, StoredEmbedder embedder)
      implements TileModel {
    @Override
    public SortedMap<String, String> pins() throws IOException {
      SortedMap<String, String> pins = new TreeMap<>(embedder.imagePins());
      pins.putAll(embedder.textPins());
      pins.remove("embeds");
      return pins;
    }

    @Override
    public List<String> notes() {
      return embedder.notes();
    }

    /// Refuses prompts of which the model would see a part.
    ///
    /// @throws DataException naming one
    void requireRoom(List<String> prompts) throws DataException {
      for (String prompt : prompts) {
        int tokens = embedder.tokenizer().untruncatedLength(prompt);
        if (tokens > embedder.context()) {
          throw new DataException(
              "prompts: '%s' has %d tokens, and %s takes %d; shorten it"
                  .formatted(prompt, tokens, embedder.path(), embedder.context()));
        }
      }
    }

    /// @param prompts to embed
    /// @param untrained draws weights that nothing has trained, in place of its own
    /// @return empty when it was asked to stop
    Optional<Read> read(
        TileSet set,
        TileData data,
        List<String> prompts,
        Supplier<Engine> engine,
        Optional<RandomKey> untrained,
        OpenedEvaluation.Watch watch)
        throws IOException {
      ListedImages images =
          ListedImages.open(data.path(), data.columns(), embedder.images().decoder());
      StoredEmbedder.Loaded loaded =
          untrained.isPresent()
              ? embedder.untrained(engine.get(), source.batch(), untrained.get())
              : embedder.load(engine.get(), source.batch());
      try (loaded) {
        Optional<TileReading> reading =
            TileReading.of(
                images, set, embedder.images(), loaded.embedder(), source.batch(), watch);
        if (reading.isEmpty()) {
          return Optional.empty();
        }
        float[][] texts = loaded.embedder().embedTexts(prompts);
        var features =
            new TileFeatures(
                untrained.isPresent() ? "random-weights" : title,
                reading.get().vectors(),
                Optional.of(TileFeatures.Texts.of(prompts, texts, loaded.logitScale())));
        return Optional.of(
            new Read(features, reading.get().failed(), Optional.of(reading.get().pixels())));
      }
    }

    @Override
    public void close() {
      embedder.close();
    }
  }

  /// Features of a file.
  ///
  /// @param pins what is said of them
  /// @param notes what a user should know
  /// @param file that is open
  record Kept(
      String title,
      Path path,
      List<ActivationRow> rows,
      SortedMap<String, String> pins,
      List<String> notes,
      Vectors vectors,
      Open file)
      implements TileModel {
    public Kept {
      rows = List.copyOf(rows);
      pins = Collections.unmodifiableSortedMap(new TreeMap<>(pins));
      notes = List.copyOf(notes);
    }

    /// Reads all vectors [n][c].
    interface Vectors {
      float[][] read() throws IOException;
    }

    /// What is closed.
    interface Open {
      void close() throws IOException;
    }

    static Kept open(String title, FeatureSource.States source) throws IOException {
      StoredActivations states = StoredActivations.open(source.states(), source.table());
      try {
        int layer = source.layer().orElseGet(() -> states.layers().last());
        SortedMap<String, String> pins = pins(states.files(), source.table());
        pins.put("layer", Integer.toString(layer));
        String note = "layer %d of %s".formatted(layer, source.states());
        return new Kept(
            title,
            source.states(),
            states.rows(),
            pins,
            List.of(note),
            () -> states.states(layer),
            states::close);
      } catch (IOException | RuntimeException | Error e) {
        states.close();
        throw e;
      }
    }

    static Kept open(String title, FeatureSource.Embeddings source) throws IOException {
      StoredEmbeddings stored = StoredEmbeddings.open(source.path(), source.table());
      try {
        SortedMap<String, String> pins = pins(List.of(source.path()), source.table());
        pins.putAll(stored.pins());
        String note = "%d embeddings of %s".formatted(stored.size(), source.path());
        return new Kept(
            title,
            source.path(),
            stored.rows(),
            pins,
            List.of(note),
            stored::vectors,
            stored::close);
      } catch (IOException | RuntimeException | Error e) {
        stored.close();
        throw e;
      }
    }

    private static SortedMap<String, String> pins(List<Path> files, Optional<Path> table)
        throws IOException {
      SortedMap<String, String> pins = new TreeMap<>();
      for (Path file : files) {
        pins.put("%s.sha256".formatted(file.getFileName()), FileDigest.of(file).sha256());
      }
      if (table.isPresent()) {
        pins.put("table.sha256", FileDigest.of(table.get()).sha256());
      }
      return pins;
    }

    /// @throws DataException when a tile is not there
    Read read(TileSet set) throws IOException {
      float[][] all = vectors.read();
      Map<String, Integer> places = new HashMap<>();
      for (int row = 0; row < all.length; row++) {
        places.put(rows.get(row).path(), row);
      }
      float[][] found = new float[set.tiles().size()][];
      for (int tile = 0; tile < found.length; tile++) {
        Integer row = places.get(set.tiles().get(tile).path());
        if (row == null) {
          throw new DataException(
              "%s: has no row of the tile %s".formatted(path, set.tiles().get(tile).path()));
        }
        found[tile] = all[row];
      }
      return new Read(
          new TileFeatures(title, found, Optional.empty()), new TreeMap<>(), Optional.empty());
    }

    @Override
    public void close() {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
