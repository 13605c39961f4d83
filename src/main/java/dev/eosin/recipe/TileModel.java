package dev.eosin.recipe;

import dev.eosin.config.DataException;
import dev.eosin.data.ListedImages;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.eval.tiles.TileFeatures;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.file.FileDigest;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
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
      case FeatureSource.Model model -> new Embedding(title, model, model.open());
      case FeatureSource.Stored stored -> Kept.open(title, stored);
    };
  }

  /// A model that is here.
  record Embedding(String title, FeatureSource.Model source, StoredEmbedder embedder)
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
  record Kept(String title, FeatureSource.Stored source, StoredActivations states)
      implements TileModel {
    static Kept open(String title, FeatureSource.Stored source) throws DataException {
      return new Kept(title, source, StoredActivations.open(source.states(), source.table()));
    }

    @Override
    public SortedMap<String, String> pins() throws IOException {
      SortedMap<String, String> pins = new TreeMap<>();
      for (Path file : states.files()) {
        pins.put("states.%s.sha256".formatted(file.getFileName()), FileDigest.of(file).sha256());
      }
      if (source.table().isPresent()) {
        pins.put("table.sha256", FileDigest.of(source.table().get()).sha256());
      }
      pins.put("layer", Integer.toString(layer()));
      return pins;
    }

    private int layer() {
      return source.layer().orElseGet(() -> states.layers().last());
    }

    @Override
    public List<String> notes() {
      return List.of(
          "%s: layer %d of %d rows".formatted(source.states(), layer(), states.rows().size()));
    }

    /// @throws DataException when a tile is not there
    Read read(TileSet set) throws DataException {
      float[][] all = states.states(layer());
      Map<String, Integer> places = new HashMap<>();
      for (int row = 0; row < all.length; row++) {
        places.put(states.rows().get(row).path(), row);
      }
      float[][] vectors = new float[set.tiles().size()][];
      for (int tile = 0; tile < vectors.length; tile++) {
        Integer row = places.get(set.tiles().get(tile).path());
        if (row == null) {
          throw new DataException(
              "%s: has no row of the tile %s"
                  .formatted(source.states(), set.tiles().get(tile).path()));
        }
        vectors[tile] = all[row];
      }
      return new Read(
          new TileFeatures(title, vectors, Optional.empty()), new TreeMap<>(), Optional.empty());
    }

    List<ActivationRow> rows() {
      return states.rows();
    }

    @Override
    public void close() {
      try {
        states.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
