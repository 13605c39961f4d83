package dev.eosin.data.opened;

import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.OneLine;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.Source;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.data.shard.LostShardException;
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

  /// What was drawn.
  ///
  /// @param sheet the picture
  /// @param shown samples that are in it
  /// @param unreadable why others are not, one line each
  public record Drawn(RgbImage sheet, int shown, List<String> unreadable) {
    public Drawn {
      unreadable = List.copyOf(unreadable);
    }
  }

  /// The first samples of a source, eight in a row; those that cannot be read are left out, up to
  /// the limit of a training.
  ///
  /// @param side names the source in messages
  /// @param most how many to look at
  /// @throws DataException when a sample has no single image, more than the limit cannot be read,
  ///   or none can
  /// @throws IOException when a whole shard is lost
  public static Drawn draw(String side, Source source, int most, BadRowSettings limit)
      throws IOException {
    List<ContactSheet.Entry> entries = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    int looked = (int) Math.min(most, source.size());
    for (long index = 0; index < looked; index++) {
      Sample sample = source.get(index);
      if (sample.images().size() != 1) {
        throw new DataException(
            "%s has %d images; a sheet shows samples of one"
                .formatted(sample.key(), sample.images().size()));
      }
      try {
        entries.add(new ContactSheet.Entry(magnified(sample.image().read().toRgb()), said(sample)));
      } catch (LostShardException lost) {
        throw lost;
      } catch (IOException bad) {
        unreadable.add(OneLine.of(String.valueOf(bad.getMessage())));
      }
    }
    if (entries.isEmpty() || limit.exceeded(unreadable.size(), looked, source.size())) {
      throw new DataException(
          "%s: %d of the first %d samples cannot be read, and data.bad-rows.limit is %s of %d; first: %s; mend or remove them, or raise that limit"
              .formatted(
                  side,
                  unreadable.size(),
                  looked,
                  limit.limit(),
                  source.size(),
                  unreadable.getFirst()));
    }
    RgbImage sheet = ContactSheet.draw(entries, Math.min(COLUMNS, entries.size()));
    return new Drawn(sheet, entries.size(), unreadable);
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
