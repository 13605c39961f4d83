package dev.eosin.eval.embeddings;

import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/// Embeddings of some images in memory: the numbers that [EmbeddingPass] writes for them.
///
/// @param vectors of the images that could be read, in their order `[n][e]`
/// @param failed the others by their place, with the reason
/// @param seen SHA-256 of the SHA-256 of each embedded image's file, in their order; of its pixels
///   where it is no file
/// @param known how many of them had been embedded before
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record ImageVectors(
    float[][] vectors, SortedMap<Integer, String> failed, String seen, int known) {
  public ImageVectors {
    failed = Collections.unmodifiableSortedMap(new TreeMap<>(failed));
  }

  /// Embeds images.
  ///
  /// @param rows of the feed, in the order of the vectors
  /// @param batch images that go through the model together
  /// @param workers threads that decode
  /// @param done told how many are done
  /// @param stop asked before each image
  /// @return empty when it was asked to stop
  /// @throws IOException when a row breaks the rules of its table
  public static Optional<ImageVectors> read(
      ImageFeed feed,
      long[] rows,
      int batch,
      int workers,
      ImageTextEmbedder model,
      IntConsumer done,
      BooleanSupplier stop)
      throws IOException {
    return taken(feed, rows, batch, workers, model, done, stop).map(Taken::all);
  }

  /// As above, row by row.
  static Optional<Taken> taken(
      ImageFeed feed,
      long[] rows,
      int batch,
      int workers,
      ImageTextEmbedder model,
      IntConsumer done,
      BooleanSupplier stop)
      throws IOException {
    var taken = new Taken(done);
    boolean through =
        new EmbeddingStream(feed, batch, workers)
            .run(Arrays.stream(rows).iterator(), model, taken, stop);
    return through ? Optional.of(taken) : Optional.empty();
  }

  /// SHA-256 of what was seen.
  ///
  /// @param digests of the embedded images, in their order
  static String seen(List<byte[]> digests) {
    MessageDigest seen = sha256();
    digests.forEach(seen::update);
    return HexFormat.of().formatHex(seen.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /// What was read so far.
  static final class Taken implements EmbeddingStream.Sink {
    private final IntConsumer done;
    private final List<byte[]> digests = new ArrayList<>();
    private final List<Boolean> worthKeeping = new ArrayList<>();
    private final List<float[]> vectors = new ArrayList<>();
    private final SortedMap<Integer, String> failed = new TreeMap<>();
    private int known;

    Taken(IntConsumer done) {
      this.done = done;
    }

    @Override
    public void take(Embedded row, float[] vector) {
      if (row.content() instanceof Embedded.Known) {
        known++;
      }
      byte[] digest = row.digest();
      worthKeeping.add(digest != null && !(row.content() instanceof Embedded.Known));
      if (digest != null) {
        digests.add(digest);
      } else if (row.content() instanceof Embedded.Image(RgbImage tile)) {
        byte[] pixels = new byte[3 * tile.height() * tile.width()];
        tile.writePlanar(pixels, 0);
        digests.add(sha256().digest(pixels));
      }
      vectors.add(vector);
      done.accept(vectors.size() + failed.size());
    }

    @Override
    public void leaveOut(Embedded row, String reason) {
      failed.put(vectors.size() + failed.size(), reason);
      done.accept(vectors.size() + failed.size());
    }

    ImageVectors all() {
      return new ImageVectors(vectors.toArray(float[][]::new), failed, seen(digests), known);
    }

    /// Of the embedded images, in their order.
    List<byte[]> digests() {
      return digests;
    }

    /// Whether each of them is a file's and was computed now.
    List<Boolean> worthKeeping() {
      return worthKeeping;
    }
  }
}
