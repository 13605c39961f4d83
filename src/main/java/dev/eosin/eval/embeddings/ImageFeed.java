package dev.eosin.eval.embeddings;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.listed.ListedImage;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Images: decoded, cut to the model's size, and looked up by the digests of their files. A row
/// that names the image of an earlier one is left out.
public final class ImageFeed implements EmbeddingFeed {
  private static final int NOT_REPEATED = -1;
  private static final RandomKey UNUSED = new RandomKey(0);

  private final ListedImages images;
  private final ImageDecoder decoder;
  private final TileTransform transform;
  private final Optional<EmbeddingCache> cache;
  private final int[] repeats;
  private final List<String> notes;

  private ImageFeed(
      ListedImages images,
      ImageDecoder decoder,
      TileTransform transform,
      Optional<EmbeddingCache> cache,
      int[] repeats) {
    this.images = images;
    this.decoder = decoder;
    this.transform = transform;
    this.cache = cache;
    this.repeats = repeats;
    this.notes = new ArrayList<>(images.notes());
  }

  /// Looks for rows that name one image.
  ///
  /// @param decoder of image files
  /// @param transform what makes them the model's input
  /// @param cache of embeddings that were computed before
  /// @throws DataException when two rows name one image and say different things of it, or a row
  ///   breaks the rules of its table
  public static ImageFeed of(
      ListedImages images,
      ImageDecoder decoder,
      TileTransform transform,
      Optional<EmbeddingCache> cache)
      throws DataException {
    int[] repeats = repeats(images);
    var feed = new ImageFeed(images, decoder, transform, cache, repeats);
    long repeated = Arrays.stream(repeats).filter(row -> row != NOT_REPEATED).count();
    if (repeated > 0) {
      feed.notes.add(
          "%d of %d rows name an image that an earlier row names; they are left out"
              .formatted(repeated, images.size()));
    }
    cache
        .filter(kept -> !kept.writes())
        .ifPresent(
            kept ->
                feed.notes.add(
                    kept.folder()
                        + ": another process writes to it; what is computed here is not kept there"));
    return feed;
  }

  /// For each row the earlier one that names the same image.
  private static int[] repeats(ListedImages images) throws DataException {
    var seen = new DigestTable();
    int[] repeats = new int[Math.toIntExact(images.size())];
    for (int row = 0; row < repeats.length; row++) {
      ListedImage image = images.get(row);
      byte[] name = sha256(image.path().getBytes(StandardCharsets.UTF_8));
      repeats[row] = seen.find(name);
      if (repeats[row] == NOT_REPEATED) {
        seen.put(name, row);
      } else {
        requireSame(images.get(repeats[row]), image, repeats[row], row);
      }
    }
    return repeats;
  }

  private static void requireSame(ListedImage first, ListedImage other, int firstRow, int row)
      throws DataException {
    requireSame("label", first.label(), other.label(), other.path(), firstRow, row);
    requireSame("group", first.group(), other.group(), other.path(), firstRow, row);
    requireSame("split", first.split(), other.split(), other.path(), firstRow, row);
    requireSame("centre", first.centre(), other.centre(), other.path(), firstRow, row);
  }

  private static void requireSame(
      String what,
      Optional<String> first,
      Optional<String> other,
      String path,
      int firstRow,
      int row)
      throws DataException {
    if (!first.equals(other)) {
      throw new DataException(
          "%s: rows %d and %d name it, with the %s '%s' and '%s'; keep one of them"
              .formatted(path, firstRow, row, what, first.orElse(""), other.orElse("")));
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public long size() {
    return images.size();
  }

  @Override
  public String fingerprint() {
    return images.fingerprint();
  }

  @Override
  public List<String> notes() {
    return List.copyOf(notes);
  }

  @Override
  public Embedded read(long index) throws IOException {
    ListedImage image = images.get(index);
    ActivationRow row = ActivationRow.of(index, image);
    int before = repeats[(int) index];
    if (before != NOT_REPEATED) {
      return new Embedded(
          row, null, new Embedded.LeftOut("row %d names the same image".formatted(before)));
    }
    Sample.ImageReader reader = image.images().getFirst();
    Optional<byte[]> bytes;
    try {
      bytes = reader.encoded();
    } catch (IOException e) {
      return new Embedded(row, null, leftOut(e));
    }
    return bytes.isPresent()
        ? ofFile(row, bytes.get())
        : new Embedded(row, null, prepared(reader, index));
  }

  private Embedded ofFile(ActivationRow row, byte[] bytes) throws IOException {
    byte[] digest = sha256(bytes);
    ActivationRow known = row.with(HexFormat.of().formatHex(digest));
    if (cache.isPresent()) {
      Optional<float[]> vector = cache.get().find(digest);
      if (vector.isPresent()) {
        return new Embedded(known, digest, new Embedded.Known(vector.get()));
      }
    }
    return new Embedded(
        known, digest, prepared(() -> decoder.decode(bytes, row.path()), row.row()));
  }

  private Embedded.Content prepared(Sample.ImageReader reader, long index) {
    try {
      RgbImage tile = transform.apply(reader.read(), UNUSED.stream(Purpose.AUGMENTATION, 0, index));
      return new Embedded.Image(tile);
    } catch (IOException e) {
      return leftOut(e);
    }
  }

  private static Embedded.LeftOut leftOut(IOException e) {
    return new Embedded.LeftOut(String.valueOf(e.getMessage()));
  }

  @Override
  public Optional<String> digest(long index) throws IOException {
    if (repeats[(int) index] != NOT_REPEATED) {
      return Optional.empty();
    }
    try {
      return images
          .get(index)
          .images()
          .getFirst()
          .encoded()
          .map(bytes -> HexFormat.of().formatHex(sha256(bytes)));
    } catch (DataException row) {
      throw row;
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /// Batches are filled up to one size, but some processors' matrix products round a row by its
  /// place in the batch.
  @Override
  public boolean dependsOnBatch() {
    return true;
  }

  @Override
  public float[][] embed(ImageTextEmbedder model, List<Embedded> rows, int batch) {
    int bytes = 3 * transform.height() * transform.width();
    byte[] pixels = new byte[batch * bytes];
    for (int i = 0; i < rows.size(); i++) {
      ((Embedded.Image) rows.get(i).content()).tile().writePlanar(pixels, i * bytes);
    }
    return model.embedImages(pixels, batch);
  }

  @Override
  public void keep(Embedded row, float[] vector) throws IOException {
    byte[] digest = row.digest();
    if (digest != null) {
      keep(digest, vector);
    }
  }

  /// Remembers what was computed of an image's file, where the cache can be written.
  void keep(byte[] digest, float[] vector) throws IOException {
    if (cache.isPresent()) {
      cache.get().put(digest, vector);
    }
  }

  @Override
  public void flush() throws IOException {
    if (cache.isPresent()) {
      cache.get().flush();
    }
  }
}
