package dev.eosin.data.opened;

import dev.eosin.config.DataException;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.ContactSheet;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/// A picture of what the model is about to see.
public final class BatchPreview {
  private static final int COLUMNS = 8;

  private BatchPreview() {}

  /// Writes the first tiles of a batch as one PNG.
  ///
  /// @param most at most so many tiles
  /// @throws DataException when the file cannot be written
  public static void write(Batch batch, int most, Path file) throws DataException {
    byte[] png = Png.encode(sheet(batch, most));
    AtomicFile.write(file, out -> out.write(png));
  }

  /// Draws the first tiles that a run with `key` trains on.
  ///
  /// @param batch that the run trains with
  /// @param most so many tiles
  /// @throws IOException when they cannot be read
  public static RgbImage firstTiles(DataSets data, RandomKey key, BatchSettings batch, int most)
      throws IOException {
    try (BatchLoader batches = data.previewBatches(key, batch, most)) {
      return sheet(batches.next(), most);
    }
  }

  /// Draws the first tiles of a batch, augmented as they are, with their captions.
  private static RgbImage sheet(Batch batch, int most) {
    int[] rows = batch.images().rows();
    List<ContactSheet.Entry> entries =
        IntStream.range(0, Math.min(most, rows.length))
            .mapToObj(
                image ->
                    new ContactSheet.Entry(
                        tile(batch, image), batch.rows().get(rows[image]).caption()))
            .toList();
    return ContactSheet.draw(entries, Math.clamp(entries.size(), 1, COLUMNS));
  }

  /// One image of a batch, before scaling and normalising.
  ///
  /// @param image from 0, counted over the rows
  public static RgbImage tile(Batch batch, int image) {
    int plane = batch.images().height() * batch.images().width();
    byte[] planes = batch.images().onHeap(image);
    byte[] pixels = new byte[3 * plane];
    for (int pixel = 0; pixel < plane; pixel++) {
      for (int channel = 0; channel < 3; channel++) {
        pixels[3 * pixel + channel] = planes[channel * plane + pixel];
      }
    }
    return new RgbImage(batch.images().width(), batch.images().height(), pixels);
  }
}
