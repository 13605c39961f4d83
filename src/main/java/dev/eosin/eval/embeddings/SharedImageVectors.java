package dev.eosin.eval.embeddings;

import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.RankShare;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/// Embeddings of some images, in memory on every rank: the ranks embed them by turns, a batch each,
/// and have the vectors of a process alone, bit for bit, since batches are always full.
///
/// @param share the ranks; all of them call the same
/// @param batch images that go through the model together
/// @param workers threads that decode
public record SharedImageVectors(RankShare share, int batch, int workers) {
  /// Embeds images.
  ///
  /// @param rows of the feed, in the order of the vectors
  /// @param stop asked before each image, of several ranks before each of their batches
  /// @return empty when any rank was asked to stop; else of all ranks the vectors, and why images
  ///   failed; of those of another rank, that they did; what was seen is that of this rank
  /// @throws IOException when a row breaks the rules of its table
  public Optional<ImageVectors> read(
      ImageFeed feed, long[] rows, ImageTextEmbedder model, BooleanSupplier stop)
      throws IOException {
    if (share.isAlone()) {
      return ImageVectors.read(feed, rows, batch, workers, model, done -> {}, stop);
    }
    int ranks = share.group().size();
    int[] own = IntStream.range(0, rows.length).filter(place -> share.has(place / batch)).toArray();
    long[] ownRows = IntStream.of(own).mapToLong(place -> rows[place]).toArray();
    var turns = new Turns(stop);
    Optional<ImageVectors> read =
        ImageVectors.read(feed, ownRows, batch, workers, model, done -> {}, turns);
    if (read.isEmpty()
        || turns.stopsBefore(Math.ceilDiv(Math.ceilDiv(rows.length, batch), ranks))) {
      return Optional.empty();
    }
    return Optional.of(together(read.get(), own, rows.length));
  }

  /// Asks all ranks together before each batch, as often on each, although some have a batch less.
  private final class Turns implements BooleanSupplier {
    private final BooleanSupplier stop;
    private int images;
    private int asked;

    Turns(BooleanSupplier stop) {
      this.stop = stop;
    }

    @Override
    public boolean getAsBoolean() {
      return images++ % batch == 0 && together();
    }

    private boolean together() {
      asked++;
      return share.any(stop.getAsBoolean());
    }

    /// @param rounds how often ranks ask in all
    boolean stopsBefore(int rounds) {
      while (asked < rounds) {
        if (together()) {
          return true;
        }
      }
      return false;
    }
  }

  /// Every image is at its place with one rank, which has embedded it or failed to.
  ///
  /// @param own places of what this rank read
  private ImageVectors together(ImageVectors read, int[] own, int all) {
    float[][] vectors = read.vectors();
    int e = share.known(vectors.length == 0 ? 0 : vectors[0].length);
    float[] flat = new float[Math.multiplyExact(all, e)];
    float[] bad = new float[all];
    SortedMap<Integer, String> failed = new TreeMap<>();
    int next = 0;
    for (int i = 0; i < own.length; i++) {
      String reason = read.failed().get(i);
      if (reason != null) {
        bad[own[i]] = 1;
        failed.put(own[i], reason);
      } else {
        System.arraycopy(vectors[next++], 0, flat, own[i] * e, e);
      }
    }
    float[] allVectors = share.together(flat);
    float[] allBad = share.together(bad);
    List<float[]> found = new ArrayList<>();
    for (int place = 0; place < all; place++) {
      if (allBad[place] == 0) {
        found.add(Arrays.copyOfRange(allVectors, place * e, (place + 1) * e));
      } else {
        failed.putIfAbsent(place, "could not be read by another rank");
      }
    }
    return new ImageVectors(found.toArray(float[][]::new), failed, read.seen(), read.known());
  }
}
