package dev.eosin.data;

import dev.eosin.config.DataException;
import dev.eosin.image.ContactSheet;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A picture of samples, each with what is said about it beneath.
public final class SampleSheet {
  /// More tiles than a picture has room for.
  public static final int MOST = 1000;

  private static final int COLUMNS = 8;

  /// Smaller tiles are magnified by a whole number, pixel by pixel.
  private static final int LEGIBLE = 128;

  private SampleSheet() {}

  /// The first samples of a source, eight in a row.
  ///
  /// @param most how many
  /// @throws DataException when a sample has no single image
  /// @throws IOException when an image cannot be read
  public static RgbImage draw(Source source, int most) throws IOException {
    List<ContactSheet.Entry> entries = new ArrayList<>();
    for (long index = 0; index < Math.min(most, source.size()); index++) {
      Sample sample = source.get(index);
      if (sample.images().size() != 1) {
        throw new DataException(
            "%s has %d images; a sheet shows samples of one"
                .formatted(sample.key(), sample.images().size()));
      }
      RgbImage image = magnified(sample.image().read().toRgb());
      entries.add(new ContactSheet.Entry(image, said(sample)));
    }
    return ContactSheet.draw(entries, Math.min(COLUMNS, entries.size()));
  }

  private static String said(Sample sample) {
    return switch (sample.content()) {
      case SampleContent.Captions(List<Caption> captions) ->
          captions.isEmpty() ? sample.label().orElse("") : captions.getFirst().text();
      case SampleContent.QuestionAnswer asked -> asked.question() + " " + asked.answer();
      case SampleContent.Conversation(List<SampleContent.Turn> turns) ->
          turns.isEmpty() ? "" : turns.getFirst().text();
      case SampleContent.Document(String text) -> text;
    };
  }

  private static RgbImage magnified(RgbImage image) {
    int times = Math.max(1, LEGIBLE / Math.max(image.width(), image.height()));
    int width = image.width() * times;
    int height = image.height() * times;
    byte[] pixels = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int from = 3 * (y / times * image.width() + x / times);
        System.arraycopy(image.pixels(), from, pixels, 3 * (y * width + x), 3);
      }
    }
    return new RgbImage(width, height, pixels);
  }
}
