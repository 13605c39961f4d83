package dev.eosin.data.batches;

import dev.eosin.config.DataException;
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
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.EncodedCaption;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// Pairs of one image and one caption.
///
/// @param transform makes the tile
/// @param captions makes the ids
public record PairPreparation(TileTransform transform, CaptionEncoder captions)
    implements Preparation {
  private static final RandomKey UNUSED = new RandomKey(0);

  @Override
  public RowShape shape() {
    var caption =
        new RowShape.Sequence(captions.contextLength(), captions.tokenizer().paddingId(), false);
    return new RowShape(transform.height(), transform.width(), 1, Map.of(Batch.CAPTION, caption));
  }

  @Override
  public Prepared training(Sample sample, SampleOrder order, long position) throws IOException {
    RandomKey key = order.key();
    RandomStream random = key.stream(Purpose.AUGMENTATION, order.epoch(position), position);
    RgbImage tile = transform.apply(sample.pair().image().read(), random);
    if (sample.captions().isEmpty()) {
      throw new DataException(sample.key() + ": there is no caption");
    }
    String text = order.caption(position, sample.captions()).text();
    EncodedCaption caption = captions.training(text, key, order.epoch(position), position);
    requireIds(sample, text, caption);
    return prepared(tile, caption);
  }

  /// The first caption; none where a sample has none.
  @Override
  public Prepared evaluation(Sample sample, long position) throws IOException {
    RandomStream random = UNUSED.stream(Purpose.AUGMENTATION, 0, position);
    RgbImage tile = transform.apply(sample.pair().image().read(), random);
    String text = sample.captions().isEmpty() ? "" : sample.captions().getFirst().text();
    EncodedCaption caption = captions.evaluation(text);
    if (!sample.captions().isEmpty()) {
      requireIds(sample, text, caption);
    }
    return prepared(tile, caption);
  }

  private static Prepared prepared(RgbImage tile, EncodedCaption caption) {
    return new Prepared(
        List.of(tile),
        Map.of(Batch.CAPTION, new TokenRow(caption.ids())),
        caption.text(),
        caption.fit());
  }

  private void requireIds(Sample sample, String text, EncodedCaption caption) throws DataException {
    if (captions.isEmpty(text, caption)) {
      throw new DataException(sample.key() + ": the caption is empty");
    }
  }
}
