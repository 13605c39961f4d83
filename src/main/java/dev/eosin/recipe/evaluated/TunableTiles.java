package dev.eosin.recipe.evaluated;

import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.eval.tiles.TunableModel;
import dev.eosin.image.Raster;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.recipe.stored.StoredEmbedder;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/// A stored CLIP model that learns on with the tiles of an evaluation: cut as for embeddings,
/// without augmentation. Tiles stay in memory where all of them are small enough; otherwise they
/// are decoded whenever they are asked for.
final class TunableTiles implements TunableModel {
  private static final long MOST_BYTES_KEPT = 512L << 20;
  private static final RandomKey UNUSED = new RandomKey(0);

  private final StoredEmbedder model;
  private final Supplier<Engine> engine;
  private final Optional<RandomKey> untrained;
  private final RandomKey key;
  private final ListedImages images;
  private final TileSet set;
  private final TileTransform transform;
  private final AtomicReferenceArray<byte[]> kept;

  /// @param untrained draws weights that nothing has trained, in place of the model's own
  /// @param key draws linear layers
  TunableTiles(
      StoredEmbedder model,
      Supplier<Engine> engine,
      Optional<RandomKey> untrained,
      RandomKey key,
      ListedImages images,
      TileTransform transform,
      TileSet set) {
    this.model = model;
    this.engine = engine;
    this.untrained = untrained;
    this.key = key;
    this.images = images;
    this.set = set;
    this.transform = transform;
    long all = (long) bytes() * set.tiles().size();
    this.kept = new AtomicReferenceArray<>(all <= MOST_BYTES_KEPT ? set.tiles().size() : 0);
  }

  @Override
  public Classifier classifier(int classes, double weightDecay, int run) throws IOException {
    return model.classifier(engine.get(), classes, weightDecay, untrained, key, run);
  }

  @Override
  public TunableModel of(TileSet some) {
    return new TunableTiles(model, engine, untrained, key, images, transform, some);
  }

  @Override
  public int bytes() {
    return 3 * transform.height() * transform.width();
  }

  @Override
  public void pixels(int tile, byte[] to, int at) throws IOException {
    byte[] known = tile < kept.length() ? kept.get(tile) : null;
    if (known == null) {
      known = read(tile);
      if (tile < kept.length()) {
        kept.set(tile, known);
      }
    }
    System.arraycopy(known, 0, to, at, known.length);
  }

  private byte[] read(int tile) throws IOException {
    long row = set.places()[tile];
    Raster image = images.get(row).images().getFirst().read();
    byte[] pixels = new byte[bytes()];
    transform.apply(image, UNUSED.stream(Purpose.AUGMENTATION, 0, row)).writePlanar(pixels, 0);
    return pixels;
  }
}
