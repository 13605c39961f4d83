package dev.eosin.recipe;

import dev.eosin.config.DataException;
import dev.eosin.data.ListedImages;
import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.image.ImageSettings;
import dev.eosin.image.RgbImage;
import dev.eosin.image.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Embeds tiles, decoding ahead of the model.
///
/// @param vectors of the tiles that could be read, in their order [n][e]
/// @param failed the others by their place in the set, with the reason
/// @param pixels SHA-256 of all that the model saw
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record TileReading(float[][] vectors, SortedMap<Integer, String> failed, String pixels) {
  private static final RandomKey UNUSED = new RandomKey(0);
  private static final int AHEAD = 3;

  TileReading {
    failed = Collections.unmodifiableSortedMap(new TreeMap<>(failed));
  }

  /// A decoded tile, or why there is none.
  private record Decoded(Optional<RgbImage> image, String reason) {}

  /// @param images the set's folder or table
  /// @param settings how they become the model's input
  /// @param batch tiles that go through the model together
  /// @return empty when it was asked to stop
  /// @throws IOException when a row breaks the rules of its table
  static Optional<TileReading> of(
      ListedImages images,
      TileSet set,
      ImageSettings settings,
      ImageTextEmbedder embedder,
      int batch,
      OpenedEvaluation.Watch watch)
      throws IOException {
    int workers = Math.max(1, Runtime.getRuntime().availableProcessors());
    try (ExecutorService decoders = Executors.newFixedThreadPool(workers)) {
      try {
        return new Pass(images, set, settings.transforms().evaluation(), embedder, batch)
            .run(decoders, watch);
      } finally {
        decoders.shutdownNow();
      }
    }
  }

  private static final class Pass {
    private final ListedImages images;
    private final TileSet set;
    private final TileTransform transform;
    private final ImageTextEmbedder embedder;
    private final int batch;
    private final int size;
    private final MessageDigest digest;
    private final List<float[]> vectors = new ArrayList<>();
    private final SortedMap<Integer, String> failed = new TreeMap<>();

    Pass(
        ListedImages images,
        TileSet set,
        TileTransform transform,
        ImageTextEmbedder embedder,
        int batch) {
      this.images = images;
      this.set = set;
      this.transform = transform;
      this.embedder = embedder;
      this.batch = batch;
      this.size = 3 * transform.height() * transform.width();
      try {
        this.digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }

    Optional<TileReading> run(ExecutorService decoders, OpenedEvaluation.Watch watch)
        throws IOException {
      int all = set.tiles().size();
      Deque<List<Future<Decoded>>> ahead = new ArrayDeque<>();
      int submitted = 0;
      for (int from = 0; from < all; from += batch) {
        for (; submitted < all && ahead.size() < AHEAD; submitted += batch) {
          ahead.add(submit(decoders, submitted));
        }
        if (watch.stop().getAsBoolean()) {
          return Optional.empty();
        }
        embed(from, ahead.remove());
        watch
            .progress()
            .accept("embedded %d of %d tiles".formatted(Math.min(all, from + batch), all));
      }
      return Optional.of(
          new TileReading(
              vectors.toArray(float[][]::new), failed, HexFormat.of().formatHex(digest.digest())));
    }

    private List<Future<Decoded>> submit(ExecutorService decoders, int from) throws IOException {
      List<Future<Decoded>> decoded = new ArrayList<>();
      for (int tile = from; tile < Math.min(set.tiles().size(), from + batch); tile++) {
        var image = images.get(set.places()[tile]);
        decoded.add(
            decoders.submit(
                () -> {
                  try {
                    return new Decoded(
                        Optional.of(
                            transform.apply(
                                image.images().getFirst().read(),
                                UNUSED.stream(Purpose.AUGMENTATION, 0, 0))),
                        "");
                  } catch (IOException e) {
                    return new Decoded(Optional.empty(), String.valueOf(e.getMessage()));
                  }
                }));
      }
      return decoded;
    }

    private void embed(int from, List<Future<Decoded>> tiles) throws IOException {
      byte[] pixels = new byte[tiles.size() * size];
      int count = 0;
      for (int i = 0; i < tiles.size(); i++) {
        Decoded decoded = get(tiles.get(i));
        if (decoded.image().isPresent()) {
          decoded.image().get().writePlanar(pixels, count++ * size);
        } else {
          failed.put(from + i, decoded.reason());
        }
      }
      digest.update(pixels, 0, count * size);
      if (count > 0) {
        vectors.addAll(List.of(embedder.embedImages(pixels, count)));
      }
    }

    private static Decoded get(Future<Decoded> tile) throws IOException {
      try {
        return tile.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new DataException("interrupted while a tile was decoded", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
  }
}
