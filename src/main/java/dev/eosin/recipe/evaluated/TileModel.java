package dev.eosin.recipe.evaluated;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.RankShare;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.eval.embeddings.EmbeddingCache;
import dev.eosin.eval.embeddings.ImageFeed;
import dev.eosin.eval.embeddings.ImageVectors;
import dev.eosin.eval.embeddings.SharedImageVectors;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.tiles.TileData;
import dev.eosin.eval.tiles.TileFeatures;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.file.FileDigest;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.FeatureSource;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.recipe.stored.StoredEmbedder;
import dev.eosin.tensor.Engine;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
  /// How results call a model with weights that nothing has trained.
  String UNTRAINED = "random-weights";

  /// What decides the vectors, by name.
  SortedMap<String, String> pins() throws IOException;

  /// What a user should know, one line each.
  List<String> notes();

  /// What one reading of all tiles gave.
  ///
  /// @param features of those that could be read
  /// @param failed the others by their place in the set, with the reason
  /// @param seen digest of the images that were seen; empty of what was stored
  record Read(TileFeatures features, SortedMap<Integer, String> failed, Optional<String> seen) {}

  @Override
  void close();

  /// @param promptsBy the model that embeds prompts for stored embeddings
  /// @throws IOException when it cannot be opened
  static TileModel open(
      String title, FeatureSource source, Optional<FeatureSource.ClipModel> promptsBy)
      throws IOException {
    return switch (source) {
      case FeatureSource.ClipModel model -> new Embedding(title, model, StoredEmbedder.open(model));
      case FeatureSource.States stored -> Kept.open(title, stored);
      case FeatureSource.Embeddings stored -> Kept.open(title, stored, promptsBy);
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

    /// Embeds tiles, or takes what was embedded before.
    ///
    /// @param prompts to embed
    /// @param compute what the engine was asked for as
    /// @param untrained draws weights that nothing has trained, in place of its own
    /// @param key draws what is drawn where it is trained on
    /// @param group of ranks that embed a batch each by turns
    /// @return empty when it was asked to stop
    Optional<Read> read(
        TileSet set,
        TileData data,
        List<String> prompts,
        ComputeSettings compute,
        Supplier<Engine> engine,
        Optional<RandomKey> untrained,
        RandomKey key,
        Group group,
        OpenedEvaluation.Watch watch)
        throws IOException {
      ListedImages images =
          ListedImages.open(data.path(), data.columns(), embedder.images().decoder());
      StoredEmbedder.Loaded loaded =
          untrained.isPresent()
              ? embedder.untrained(engine.get(), source.batch(), untrained.get())
              : embedder.load(engine.get(), source.batch());
      try (loaded) {
        String who = untrained.isPresent() ? UNTRAINED : title;
        if (untrained.isPresent()) {
          watch
              .progress()
              .accept(who + ": the same architecture, with weights nothing has trained");
        }
        Optional<Path> memory = untrained.isPresent() ? Optional.empty() : source.memory();
        Optional<ImageVectors> read =
            vectors(
                who,
                images,
                set,
                loaded.embedder(),
                memory,
                compute,
                new RankShare(group, engine.get()),
                watch);
        if (read.isEmpty()) {
          return Optional.empty();
        }
        float[][] texts = loaded.embedder().embedTexts(prompts);
        var features =
            new TileFeatures(
                who,
                read.get().vectors(),
                Optional.of(TileFeatures.Texts.of(prompts, texts, loaded.logitScale())),
                Optional.of(
                    new TunableTiles(
                        embedder,
                        engine,
                        untrained,
                        key,
                        images,
                        embedder.images().transforms().evaluation(),
                        set)));
        return Optional.of(new Read(features, read.get().failed(), Optional.of(read.get().seen())));
      }
    }

    private Optional<ImageVectors> vectors(
        String who,
        ListedImages images,
        TileSet set,
        ImageTextEmbedder model,
        Optional<Path> memory,
        ComputeSettings compute,
        RankShare share,
        OpenedEvaluation.Watch watch)
        throws IOException {
      int workers =
          Math.ceilDiv(Runtime.getRuntime().availableProcessors(), share.group().sharingCores());
      var pins = StoredEmbedder.pinned(embedder.imagePins(), compute, source.batch());
      Optional<EmbeddingCache> cache =
          memory.isPresent()
              ? Optional.of(EmbeddingCache.open(memory.get(), pins, embedder.width()))
              : Optional.empty();
      try {
        ImageFeed feed =
            ImageFeed.of(
                images,
                embedder.images().decoder(),
                embedder.images().transforms().evaluation(),
                cache);
        int all = set.places().length;
        Optional<ImageVectors> read =
            new SharedImageVectors(share, source.batch(), workers)
                .read(
                    feed,
                    set.places(),
                    model,
                    done -> {
                      if (done % source.batch() == 0 || done == all) {
                        watch
                            .progress()
                            .accept("%s: embedded %d of %d tiles".formatted(who, done, all));
                      }
                    },
                    watch.stop());
        read.filter(found -> found.known() > 0)
            .ifPresent(
                found ->
                    watch
                        .progress()
                        .accept(
                            "%s: %d of %d tiles had been embedded before"
                                .formatted(who, found.known(), all)));
        return read;
      } finally {
        if (cache.isPresent()) {
          cache.get().close();
        }
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
  /// @param promptsBy the model that made them, where prompts are asked about
  record Kept(
      String title,
      Path path,
      List<ActivationRow> rows,
      SortedMap<String, String> pins,
      List<String> notes,
      Vectors vectors,
      Open file,
      Optional<PromptEmbedder> promptsBy)
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
            states::close,
            Optional.empty());
      } catch (IOException | RuntimeException | Error e) {
        states.close();
        throw e;
      }
    }

    static Kept open(
        String title, FeatureSource.Embeddings source, Optional<FeatureSource.ClipModel> promptsBy)
        throws IOException {
      StoredEmbeddings stored = StoredEmbeddings.open(source.path(), source.table());
      try {
        SortedMap<String, String> pins = pins(List.of(source.path()), source.table());
        pins.putAll(stored.pins());
        List<String> notes = new ArrayList<>();
        notes.add("%d embeddings of %s".formatted(stored.size(), source.path()));
        Optional<PromptEmbedder> prompts =
            promptsBy.isPresent()
                ? Optional.of(PromptEmbedder.open(promptsBy.get(), stored, notes))
                : Optional.empty();
        return new Kept(
            title,
            source.path(),
            stored.rows(),
            pins,
            notes,
            stored::vectors,
            stored::close,
            prompts);
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

    /// @param prompts to embed, where the model is there
    /// @throws DataException when a tile is not there
    Read read(TileSet set, List<String> prompts, Supplier<Engine> engine) throws IOException {
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
      Optional<TileFeatures.Texts> texts =
          promptsBy.isPresent()
              ? Optional.of(promptsBy.get().texts(prompts, engine.get()))
              : Optional.empty();
      return new Read(new TileFeatures(title, found, texts), new TreeMap<>(), Optional.empty());
    }

    @Override
    public void close() {
      promptsBy.ifPresent(PromptEmbedder::close);
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
