package dev.eosin.run.models;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.data.listed.ListedTexts;
import dev.eosin.eval.activations.ActivationFile;
import dev.eosin.eval.activations.ActivationPass.Listener;
import dev.eosin.eval.embeddings.EmbeddingCache;
import dev.eosin.eval.embeddings.EmbeddingPass;
import dev.eosin.eval.embeddings.ImageFeed;
import dev.eosin.eval.embeddings.TextFeed;
import dev.eosin.group.Group;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.recipe.stored.StoredEmbedder;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;

/// Embeddings of a stored CLIP model, of images or of texts. Everything is checked before the
/// engine starts. Ranks share the rows. Close it.
public final class ClipEmbeddings implements AutoCloseable {
  private final StoredEmbedder model;
  private final ComputeSettings compute;
  private final EmbeddingPass.Settings settings;
  private final Group group;

  private ClipEmbeddings(
      StoredEmbedder model, ComputeSettings compute, EmbeddingPass.Settings settings, Group group) {
    this.model = model;
    this.compute = compute;
    this.settings = settings;
    this.group = group;
  }

  /// What is embedded.
  public sealed interface Rows {}

  /// Images of a folder, of shards or of a table.
  ///
  /// @param cache the folder of embeddings that were computed before, if there is to be one
  public record Images(Path path, ListedImages.Columns columns, Optional<Path> cache)
      implements Rows {}

  /// Texts of a file.
  ///
  /// @param column of a table
  public record Texts(Path path, ListedImages.Columns columns, Optional<String> column)
      implements Rows {}

  /// Opens a model.
  ///
  /// @param group whose ranks share the rows
  /// @throws DataException as [StoredEmbedder#open]
  public static ClipEmbeddings open(
      Path model,
      WeightsPart part,
      NamedArchitecture architecture,
      Precision precision,
      ComputeSettings compute,
      EmbeddingPass.Settings settings,
      Group group)
      throws IOException {
    var wanted = new StoredEmbedder.Wanted(model, part, architecture.spec(), precision);
    return new ClipEmbeddings(StoredEmbedder.open(wanted), compute, settings, group);
  }

  /// Takes the embeddings of all rows into a file; what an earlier call did is not done again.
  ///
  /// @return rows that have embeddings; empty when it was asked to stop, and the same call goes on
  /// @throws IOException when a row breaks the rules of its table, none can be read, or another
  ///   file is there
  public Optional<Long> write(
      Rows rows, ActivationFile file, Listener listener, BooleanSupplier stop) throws IOException {
    model.notes().forEach(listener.note());
    return switch (rows) {
      case Images images -> images(images, file, listener, stop);
      case Texts texts -> texts(texts, file, listener, stop);
    };
  }

  private Optional<Long> images(
      Images rows, ActivationFile file, Listener listener, BooleanSupplier stop)
      throws IOException {
    ImageDecoder decoder = model.images().decoder();
    model.images().notes().forEach(listener.note());
    ListedImages images = ListedImages.open(rows.path(), rows.columns(), decoder);
    var pins = pinned(model.imagePins());
    Optional<EmbeddingCache> cache = cache(rows, pins);
    try {
      var transform = model.images().transforms().evaluation();
      ImageFeed feed = ImageFeed.of(images, decoder, transform, cache);
      feed.notes().forEach(listener.note());
      var more = Map.of("images", rows.path().toString());
      var pass = new EmbeddingPass(feed, settings, file, pins, more);
      return written(pass, file, images.size(), listener, stop);
    } finally {
      if (cache.isPresent()) {
        cache.get().close();
      }
    }
  }

  /// Of several ranks the first one writes to it, for all.
  private Optional<EmbeddingCache> cache(Images rows, SortedMap<String, String> pins)
      throws IOException {
    if (rows.cache().isEmpty()) {
      return Optional.empty();
    }
    if (!group.isFirst()) {
      group.meet(Group.Work.START_UP);
    }
    EmbeddingCache cache = EmbeddingCache.open(rows.cache().get(), pins, model.width());
    if (group.isFirst()) {
      group.meet(Group.Work.START_UP);
    }
    return Optional.of(cache);
  }

  private SortedMap<String, String> pinned(SortedMap<String, String> pins) {
    return StoredEmbedder.pinned(pins, compute, settings.batch());
  }

  private Optional<Long> texts(
      Texts rows, ActivationFile file, Listener listener, BooleanSupplier stop) throws IOException {
    ListedImages texts = ListedTexts.open(rows.path(), rows.columns(), rows.column());
    TextFeed feed = TextFeed.of(texts, model.tokenizer()::untruncatedLength, model.context());
    feed.notes().forEach(listener.note());
    var pass = new EmbeddingPass(feed, settings, file, pinned(model.textPins()), Map.of());
    return written(pass, file, texts.size(), listener, stop);
  }

  private Optional<Long> written(
      EmbeddingPass pass, ActivationFile file, long rows, Listener listener, BooleanSupplier stop)
      throws IOException {
    if (group.any(group.isFirst() && pass.isDone(listener))) {
      listener.note().accept(file.path() + ": is there already, of the same model and rows");
      return Optional.of(rows - file.leftOutRows().size());
    }
    try (StoredEmbedder.Loaded loaded =
        model.load(compute.start(KernelListener.NONE, group), settings.batch())) {
      return pass.run(loaded.embedder(), group, listener, stop);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
