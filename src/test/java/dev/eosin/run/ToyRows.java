package dev.eosin.run;

import dev.eosin.data.Sample;
import dev.eosin.data.order.Preparation;
import dev.eosin.data.order.RowShape;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.order.TokenRow;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.text.EncodedCaption.Fit;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Rows of the toy family: none to two images, and the letters of a caption, every other of which
/// its loss asks for.
record ToyRows(TileTransform transform) implements Preparation {
  static final String WORDS = "words";
  static final int LETTERS = 32;
  private static final int LONGEST = 24;
  private static final int MOST_IMAGES = 2;

  @Override
  public RowShape shape() {
    var words = new RowShape.Sequence(LONGEST, 0, true);
    return new RowShape(transform.height(), transform.width(), MOST_IMAGES, Map.of(WORDS, words));
  }

  @Override
  public Prepared training(Sample sample, SampleOrder order, long position) throws IOException {
    RandomStream random = order.key().stream(Purpose.AUGMENTATION, order.epoch(position), position);
    return prepared(sample, position, random);
  }

  @Override
  public Prepared evaluation(Sample sample, long position) throws IOException {
    return prepared(sample, position, new RandomKey(0).stream(Purpose.AUGMENTATION, 0, position));
  }

  private Prepared prepared(Sample sample, long position, RandomStream random) throws IOException {
    RgbImage tile = transform.apply(sample.image().read(), random);
    String text = sample.texts().getFirst();
    int[] ids = text.chars().limit(LONGEST).map(letter -> letter % LETTERS).toArray();
    boolean[] supervised = new boolean[ids.length];
    for (int i = 0; i < ids.length; i += 2) {
      supervised[i] = true;
    }
    List<RgbImage> images =
        Collections.nCopies(Math.toIntExact(position % (MOST_IMAGES + 1)), tile);
    var words = new TokenRow(ids, Optional.of(supervised));
    return new Prepared(images, Map.of(WORDS, words), text, Fit.WHOLE);
  }
}
