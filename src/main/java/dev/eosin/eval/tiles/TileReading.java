package dev.eosin.eval.tiles;

import dev.eosin.config.DataException;
import dev.eosin.data.ListedImages;
import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.RankShare;
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
import java.util.Arrays;
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
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Embeds tiles, decoding ahead of the model. Several ranks embed whole batches by turns, so that a
/// vector is the same, bit for bit, as in a process alone.
///
/// @param vectors of the tiles that could be read, in their order [n][e]
/// @param failed the others by their place in the set, with the reason; of another rank's, that it
///   was one
/// @param pixels SHA-256 of all that this rank's model saw
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record TileReading(float[][] vectors, SortedMap<Integer, String> failed, String pixels) {
  private static final RandomKey UNUSED = new RandomKey(0);
  private static final int AHEAD = 3;

  public TileReading {
    failed = Collections.unmodifiableSortedMap(new TreeMap<>(failed));
  }

  /// Who watches, and who takes part.
  ///
  /// @param progress told how far it is, now and then
  /// @param stop asked before each batch
  /// @param share the ranks
  public record Watch(Consumer<String> progress, BooleanSupplier stop, RankShare share) {}

  /// A decoded tile, or why there is none.
  private record Decoded(Optional<RgbImage> image, String reason) {}

  /// @param images the set's folder or table
  /// @param settings how they become the model's input
  /// @param batch tiles that go through the model together
  /// @return empty when it was asked to stop
  /// @throws IOException when a row breaks the rules of its table
  public static Optional<TileReading> of(
      ListedImages images,
      TileSet set,
      ImageSettings settings,
      ImageTextEmbedder embedder,
      int batch,
      Watch watch)
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

  /// No more tiles than fit an array; a model cuts batches as it needs them anyway.
  ///
  /// @param bytes of a tile
  static int atOnce(int batch, int bytes) {
    return Math.clamp(Integer.MAX_VALUE / bytes, 1, batch);
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
      this.size = 3 * transform.height() * transform.width();
      this.batch = atOnce(batch, size);
      try {
        this.digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }

    Optional<TileReading> run(ExecutorService decoders, Watch watch) throws IOException {
      int all = set.tiles().size();
      int ranks = watch.share().group().size();
      int first = watch.share().group().rank() * batch;
      Deque<List<Future<Decoded>>> ahead = new ArrayDeque<>();
      int submitted = first;
      for (int round = 0; round < all; round += batch * ranks) {
        for (; submitted < all && ahead.size() < AHEAD; submitted += batch * ranks) {
          ahead.add(submit(decoders, submitted));
        }
        if (watch.share().any(watch.stop().getAsBoolean())) {
          return Optional.empty();
        }
        if (!ahead.isEmpty()) {
          embed(round + first, ahead.remove());
        }
        watch
            .progress()
            .accept(
                "embedded %d of %d tiles".formatted(Math.min(all, round + batch * ranks), all));
      }
      String pixels = HexFormat.of().formatHex(digest.digest());
      if (watch.share().isAlone()) {
        return Optional.of(new TileReading(vectors.toArray(float[][]::new), failed, pixels));
      }
      return Optional.of(together(watch.share(), pixels));
    }

    /// Every tile is at its place with one rank, which has read it or failed to.
    private TileReading together(RankShare share, String pixels) {
      int all = set.tiles().size();
      int e = share.known(vectors.isEmpty() ? 0 : vectors.getFirst().length);
      float[] flat = new float[Math.multiplyExact(all, e)];
      float[] bad = new float[all];
      int next = 0;
      int round = batch * share.group().size();
      for (int from = share.group().rank() * batch; from < all; from += round) {
        for (int tile = from; tile < Math.min(all, from + batch); tile++) {
          if (failed.containsKey(tile)) {
            bad[tile] = 1;
          } else {
            System.arraycopy(vectors.get(next++), 0, flat, tile * e, e);
          }
        }
      }
      float[] allVectors = share.together(flat);
      float[] allBad = share.together(bad);
      List<float[]> read = new ArrayList<>();
      SortedMap<Integer, String> unread = new TreeMap<>(failed);
      for (int tile = 0; tile < all; tile++) {
        if (allBad[tile] == 0) {
          read.add(Arrays.copyOfRange(allVectors, tile * e, (tile + 1) * e));
        } else {
          unread.putIfAbsent(tile, "could not be read by another rank");
        }
      }
      return new TileReading(read.toArray(float[][]::new), unread, pixels);
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
