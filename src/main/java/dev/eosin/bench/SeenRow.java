package dev.eosin.bench;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.data.batches.Tokens;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.text.EncodedCaption.Fit;
import dev.eosin.vllm.ConversationRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A row of random ids with images before them, of which the last are asked for.
///
/// @param images how many
/// @param asked ids that are asked for
/// @param ids without those of images
record SeenRow(int images, int asked, int ids) {
  /// Ids in the places of images.
  static final int IMAGE = 49_151;

  private static final int FIRST_ID = 5;
  private static final int IDS = 49_000;

  /// Rows of four kinds, as they meet in a second stage: of ten four questions with short answers
  /// as PathVQA has them, three captions, two conversations without an image, one about two images.
  ///
  /// @param count of rows
  static List<SeenRow> mix(int count) {
    List<SeenRow> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      RandomStream random = new RandomKey(3).stream(Purpose.AUGMENTATION, 3, row);
      int kind = random.nextInt(10);
      if (kind < 4) {
        rows.add(asked(random, 1, 8, 24, 1, 6));
      } else if (kind < 7) {
        rows.add(asked(random, 1, 4, 16, 30, 120));
      } else if (kind < 9) {
        rows.add(asked(random, 0, 10, 200, 20, 200));
      } else {
        rows.add(asked(random, 2, 20, 60, 20, 100));
      }
    }
    return rows;
  }

  private static SeenRow asked(
      RandomStream random, int images, int least, int most, int shortest, int longest) {
    int answer = shortest + random.nextInt(longest - shortest + 1);
    return new SeenRow(images, answer, least + random.nextInt(most - least + 1) + answer);
  }

  /// Ids with those of images.
  ///
  /// @param tokens of an image
  int length(int tokens) {
    return images * tokens + ids;
  }

  /// Rows as a batch.
  ///
  /// @param tokens of an image
  /// @param side of an image in pixels
  static Batch batch(List<SeenRow> rows, int tokens, int side) {
    int width = rows.stream().mapToInt(row -> row.length(tokens)).max().orElseThrow();
    var sequence =
        new Tokens(
            new int[rows.size() * width],
            width,
            new int[rows.size()],
            new boolean[rows.size() * width]);
    List<Batch.Row> told = new ArrayList<>();
    List<Integer> owners = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      rows.get(i).write(sequence, i, tokens);
      for (int image = 0; image < rows.get(i).images; image++) {
        owners.add(i);
      }
      told.add(new Batch.Row(i, "row " + i, "", Fit.WHOLE, Optional.empty(), List.of(), i));
    }
    byte[] pixels = new byte[owners.size() * 3 * side * side];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 31);
    }
    int[] owner = owners.stream().mapToInt(Integer::intValue).toArray();
    return new Batch(
        0,
        told,
        new BatchImages(pixels, side, side, owner),
        Map.of(ConversationRows.TEXT, sequence),
        List.of(),
        0);
  }

  private void write(Tokens sequence, int row, int tokens) {
    RandomStream random = new RandomKey(1).stream(Purpose.AUGMENTATION, 0, row);
    int length = length(tokens);
    for (int i = 0; i < length; i++) {
      int at = row * sequence.width() + i;
      sequence.ids()[at] = i < images * tokens ? IMAGE : FIRST_ID + random.nextInt(IDS - FIRST_ID);
      sequence.supervised()[at] = i >= length - asked;
    }
    sequence.lengths()[row] = length;
  }
}
