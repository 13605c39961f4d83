package dev.eosin.run.models;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImage;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.image.ContactSheet;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.run.models.IndexSearch.Found;
import dev.eosin.run.models.IndexSearch.OfImage;
import dev.eosin.run.models.IndexSearch.OfText;
import dev.eosin.run.models.IndexSearch.Query;
import dev.eosin.run.models.IndexSearch.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What a search found as one picture: a row for each query, which comes first. A tile that cannot
/// be read is grey, and noted.
public final class SearchSheet {
  private static final int SIDE = 168;
  private static final EvaluationTransform SHOWN = EvaluationTransform.openClip(SIDE, SIDE);
  private static final byte WHITE = (byte) 255;
  private static final byte GREY = (byte) 200;

  private final ImageDecoder decoder = new ImageDecoder();
  private final ListedImages images;
  private final Path path;
  private final List<String> notes = new ArrayList<>();

  private SearchSheet(ListedImages images, Path path) {
    this.images = images;
    this.path = path;
  }

  /// Looks for the images of an index.
  ///
  /// @param images the folder, shards or table that was embedded
  /// @throws DataException when they are not there
  public static SearchSheet of(Path images) throws DataException {
    return new SearchSheet(
        ListedImages.open(images, ListedImages.Columns.GUESSED, new ImageDecoder()), images);
  }

  /// What a user should know of the last picture, one line each.
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /// Draws it.
  public RgbImage draw(List<Result> results) {
    notes.clear();
    int columns = 1 + results.stream().mapToInt(result -> result.found().size()).max().orElse(0);
    List<ContactSheet.Entry> entries = new ArrayList<>();
    for (Result result : results) {
      entries.add(
          new ContactSheet.Entry(shown(result.query()), "query: " + result.query().title()));
      for (int rank = 0; rank < columns - 1; rank++) {
        entries.add(
            rank < result.found().size()
                ? entry(rank, result.found().get(rank))
                : new ContactSheet.Entry(plain(WHITE), ""));
      }
    }
    return ContactSheet.draw(entries, columns);
  }

  private RgbImage shown(Query query) {
    return switch (query) {
      case OfText _ -> plain(WHITE);
      case OfImage(Path file) -> {
        try {
          yield SHOWN.apply(decoder.decode(file));
        } catch (IOException e) {
          yield missing(String.valueOf(e.getMessage()));
        }
      }
    };
  }

  private ContactSheet.Entry entry(int rank, Found found) {
    String caption =
        String.format(
            Locale.ROOT,
            "%d %.3f %s %s",
            rank + 1,
            found.cosine(),
            found.row().label().orElse(""),
            found.row().path());
    return new ContactSheet.Entry(tile(found), caption);
  }

  private RgbImage tile(Found found) {
    try {
      long row = found.row().row();
      if (row >= images.size()) {
        return missing("%s: has no row %d".formatted(path, row));
      }
      ListedImage image = images.get(row);
      if (!image.path().equals(found.row().path())) {
        return missing(
            "%s: row %d is %s, not %s".formatted(path, row, image.path(), found.row().path()));
      }
      return SHOWN.apply(image.images().getFirst().read());
    } catch (IOException e) {
      return missing(String.valueOf(e.getMessage()));
    }
  }

  private RgbImage missing(String why) {
    notes.add(why + "; it is grey in the sheet");
    return plain(GREY);
  }

  private static RgbImage plain(byte level) {
    byte[] pixels = new byte[3 * SIDE * SIDE];
    Arrays.fill(pixels, level);
    return new RgbImage(SIDE, SIDE, pixels);
  }
}
