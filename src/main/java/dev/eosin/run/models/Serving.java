package dev.eosin.run.models;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.export.ExportedClip;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.index.VectorIndex;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.recipe.stored.StoredEmbedder;
import dev.eosin.serve.ServeSettings;
import dev.eosin.serve.Served;
import dev.eosin.serve.ServedAnswers;
import dev.eosin.serve.ServedClip;
import dev.eosin.serve.ServedTiles;
import dev.eosin.serve.Server;
import dev.eosin.tensor.Engine;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// `eosin serve`: opens what is to be served, and a server over it. Close it.
public final class Serving implements AutoCloseable {
  private static final int TOKENS = 256;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final List<String> notes = new ArrayList<>();
  private final Server server;

  /// What is to be served.
  ///
  /// @param clip a model that embeds: a run, a checkpoint, a folder, or a bundle of `eosin export`
  /// @param part of a run
  /// @param architecture where the weights do not say it
  /// @param chat a model that answers, and how it does
  /// @param index of `eosin index`, of embeddings of `clip`
  /// @param images of the index, where they lie elsewhere than when they were embedded
  /// @param breadth candidates that the index's graph looks at; empty to compare with everything
  public record Wanted(
      Optional<Path> clip,
      WeightsPart part,
      NamedArchitecture architecture,
      Optional<Generation.Wanted> chat,
      Optional<Path> index,
      Optional<Path> images,
      OptionalInt breadth) {}

  private Serving(
      Wanted wanted, ServeSettings settings, ComputeSettings compute, Consumer<String> log)
      throws IOException {
    try {
      Engine engine = compute.start();
      Optional<ServedClip> clip =
          wanted.clip().isPresent()
              ? Optional.of(clip(wanted, settings, engine))
              : Optional.empty();
      Optional<ServedTiles> tiles =
          wanted.index().isPresent() && clip.isPresent()
              ? Optional.of(tiles(wanted, wanted.index().get(), clip.get(), engine, settings))
              : Optional.empty();
      Optional<ServedAnswers> answers =
          wanted.chat().isPresent()
              ? Optional.of(answers(wanted.chat().get(), engine))
              : Optional.empty();
      long now = System.currentTimeMillis() / 1000;
      server = Server.start(new Served(clip, answers, tiles, now), settings, log);
      open.push(server);
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /// Opens everything and listens.
  ///
  /// @param log told of failures of requests that are the server's own, one line each
  /// @throws DataException when a model or the index cannot be read, they do not belong together,
  ///   or the address cannot be listened at
  public static Serving start(
      Wanted wanted, ServeSettings settings, ComputeSettings compute, Consumer<String> log)
      throws IOException {
    return new Serving(wanted, settings, compute, log);
  }

  private ServedClip clip(Wanted wanted, ServeSettings settings, Engine engine) throws IOException {
    Path path = wanted.clip().orElseThrow();
    if (ExportedClip.at(path)) {
      ExportedClip bundle = opened(ExportedClip.open(path, engine.threads()));
      notes.addAll(bundle.notes());
      return new ServedClip(
          name(path),
          bundle,
          new ImageDecoder(),
          bundle.transform(),
          bundle.tokenizer()::untruncatedLength,
          bundle.width(),
          bundle.context(),
          bundle.logitScale(),
          bundle.logitBias());
    }
    StoredEmbedder model =
        opened(
            StoredEmbedder.open(
                new StoredEmbedder.Wanted(
                    path, wanted.part(), wanted.architecture().spec(), Precision.FP32)));
    notes.addAll(model.notes());
    StoredEmbedder.Loaded loaded = opened(model.load(engine, settings.batch()));
    if (wanted.index().isPresent()) {
      try (VectorIndex index = VectorIndex.open(wanted.index().get())) {
        index.requireSame(path, model.imagePins(), model.width(), true);
      }
    }
    return new ServedClip(
        name(path),
        loaded.embedder(),
        model.images().decoder(),
        model.images().transforms().evaluation(),
        model.tokenizer()::untruncatedLength,
        model.width(),
        model.context(),
        loaded.logitScale(),
        loaded.logitBias());
  }

  private ServedTiles tiles(
      Wanted wanted, Path path, ServedClip clip, Engine engine, ServeSettings settings)
      throws IOException {
    VectorIndex index = opened(VectorIndex.open(path));
    if (index.width() != clip.width()) {
      throw new DataException(
          "%s: has embeddings of %d numbers, the model makes %d"
              .formatted(path, index.width(), clip.width()));
    }
    if (index.pins().isEmpty() || ExportedClip.at(wanted.clip().orElseThrow())) {
      notes.add(path + ": whether it is of this model's embeddings cannot be told; it has to be");
    }
    OptionalInt breadth = index.hasGraph() ? wanted.breadth() : OptionalInt.empty();
    return new ServedTiles(index, engine, breadth, pictures(wanted, index, settings));
  }

  private Optional<ListedImages> pictures(Wanted wanted, VectorIndex index, ServeSettings settings)
      throws DataException {
    Optional<Path> place = wanted.images().or(index::images);
    if (place.isEmpty()) {
      notes.add("the index does not say where its images lie; results are shown without pictures");
      return Optional.empty();
    }
    ImageDecoder plain = new ImageDecoder();
    var decoder = new ImageDecoder(settings.limits().pixels(), plain.orientation(), plain.jpeg());
    try {
      return Optional.of(ListedImages.open(place.get(), ListedImages.Columns.GUESSED, decoder));
    } catch (DataException gone) {
      if (wanted.images().isPresent()) {
        throw gone;
      }
      notes.add(gone.getMessage() + "; results are shown without pictures, --images names them");
      return Optional.empty();
    }
  }

  private ServedAnswers answers(Generation.Wanted wanted, Engine engine) throws IOException {
    StoredAnswerer model = opened(StoredAnswerers.open(wanted.stored()));
    notes.addAll(model.notes());
    int most = wanted.search().tokens().orElse(model.defaults().maxNewTokens().orElse(TOKENS));
    if (model.context().isPresent()) {
      most = Math.min(most, model.context().getAsInt());
    }
    GenerationSettings settings = wanted.search().applied(model.defaults().settings(most));
    StoredAnswerer.Loaded loaded = opened(model.load(engine, settings));
    return new ServedAnswers(
        name(wanted.model()),
        loaded,
        model.seesImages(),
        most,
        StoredAnswerers.reviser(wanted.model()));
  }

  /// The last part of a path, which is all that clients learn of it.
  private static String name(Path path) {
    Path last = path.toAbsolutePath().normalize().getFileName();
    return last == null ? "model" : last.toString();
  }

  private <T extends AutoCloseable> T opened(T one) {
    open.push(one);
    return one;
  }

  /// What a user should know, one line each.
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /// The server, which listens.
  public Server server() {
    return server;
  }

  @Override
  public void close() throws DataException {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (DataException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
