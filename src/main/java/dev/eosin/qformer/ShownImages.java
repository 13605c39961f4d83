package dev.eosin.qformer;

import dev.eosin.config.DataException;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.features.TowerFeatures;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The images that some questions show, each of which goes through the tower once however many
/// questions show it. b questions, k different images, m tokens of an image, e the tower's hidden
/// size.
///
/// @param all tokens of the images [k,m,e]; closed with this
/// @param rows the image of each question [b]
@SuppressWarnings("ArrayRecordComponent") // used at once, never compared
record ShownImages(Tensor all, long[] rows) implements AutoCloseable {
  private static final RandomKey UNUSED = new RandomKey(0);

  /// @throws DataException when a question shows several images
  static ShownImages of(List<Question> questions, TileTransform transform, TowerFeatures features)
      throws DataException {
    Map<ByteBuffer, Integer> places = new LinkedHashMap<>();
    List<RgbImage> different = new ArrayList<>();
    long[] rows = new long[questions.size()];
    for (int row = 0; row < rows.length; row++) {
      Question question = questions.get(row);
      if (question.images().size() != 1) {
        throw new DataException(
            "%s: shows %d images, and this model sees one; ask about one"
                .formatted(question.id(), question.images().size()));
      }
      RgbImage fitted =
          transform.apply(
              question.images().getFirst(), UNUSED.stream(RandomKey.Purpose.AUGMENTATION, 0, row));
      rows[row] =
          places.computeIfAbsent(
              ByteBuffer.wrap(fitted.pixels()),
              _ -> {
                different.add(fitted);
                return different.size() - 1;
              });
    }
    return new ShownImages(states(different, transform, features), rows);
  }

  private static Tensor states(
      List<RgbImage> images, TileTransform transform, TowerFeatures features) {
    int each = 3 * transform.height() * transform.width();
    byte[] planes = new byte[images.size() * each];
    for (int i = 0; i < images.size(); i++) {
      images.get(i).writePlanar(planes, i * each);
    }
    int[] which = IntStream.range(0, images.size()).toArray();
    var shown = new BatchImages(planes, transform.height(), transform.width(), which);
    return features.states(shown, which);
  }

  /// Tokens of each question's image [b,m,e]; the caller's.
  Tensor states() {
    try (Tensor where = all.engine().of(rows, rows.length)) {
      return all.engine().kernels().list("qformer_rows", List.of(all, where), List.of()).getFirst();
    }
  }

  @Override
  public void close() {
    all.close();
  }
}
