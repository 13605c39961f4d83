package dev.eosin.eval.embeddings;

import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.RankShare;
import dev.eosin.eval.embeddings.ImageVectors.Taken;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
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
  /// @param done told how many are done, of this rank's as if each rank had done as many
  /// @return empty when any rank was asked to stop; else what a process alone has, on all ranks;
  ///   the first one keeps in the feed's cache what others computed
  /// @throws IOException when a row breaks the rules of its table
  public Optional<ImageVectors> read(
      ImageFeed feed, long[] rows, ImageTextEmbedder model, IntConsumer done, BooleanSupplier stop)
      throws IOException {
    if (share.isAlone()) {
      return ImageVectors.read(feed, rows, batch, workers, model, done, stop);
    }
    int ranks = share.group().size();
    int[] own = IntStream.range(0, rows.length).filter(place -> share.has(place / batch)).toArray();
    long[] ownRows = IntStream.of(own).mapToLong(place -> rows[place]).toArray();
    var turns = new Turns(stop);
    IntConsumer all = images -> done.accept(Math.min(rows.length, images * ranks));
    Optional<Taken> read = ImageVectors.taken(feed, ownRows, batch, workers, model, all, turns);
    if (read.isEmpty()
        || turns.stopsBefore(Math.ceilDiv(Math.ceilDiv(rows.length, batch), ranks))) {
      return Optional.empty();
    }
    return Optional.of(together(feed, read.get(), rows.length));
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
  private ImageVectors together(ImageFeed feed, Taken own, int all) throws IOException {
    List<DataInputStream> ranks = new ArrayList<>();
    for (byte[] rank : share.group().exchange(RankVectors.bytes(own))) {
      ranks.add(new DataInputStream(new ByteArrayInputStream(rank)));
    }
    int known = 0;
    for (DataInputStream rank : ranks) {
      known += rank.readInt();
    }
    List<float[]> vectors = new ArrayList<>();
    List<byte[]> digests = new ArrayList<>();
    SortedMap<Integer, String> failed = new TreeMap<>();
    for (int place = 0; place < all; place++) {
      int whose = place / batch % ranks.size();
      switch (RankVectors.next(ranks.get(whose))) {
        case RankVectors.Failed(String reason) -> failed.put(place, reason);
        case RankVectors.Vector(byte[] digest, boolean worthKeeping, float[] vector) -> {
          vectors.add(vector);
          digests.add(digest);
          if (worthKeeping && share.group().isFirst() && whose != share.group().rank()) {
            feed.keep(digest, vector);
          }
        }
      }
    }
    feed.flush();
    return new ImageVectors(
        vectors.toArray(float[][]::new), failed, ImageVectors.seen(digests), known);
  }
}
