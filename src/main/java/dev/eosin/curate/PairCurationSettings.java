package dev.eosin.curate;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.prepare.RowPictures;
import java.nio.file.Path;
import java.util.Optional;

/// The key `pairs` of `kind: pairs`: the table, and which of its pairs are kept.
@Doc("The table of image-caption pairs, and which of them are kept.")
public record PairCurationSettings(
    @Doc("A table, one pair a row: .csv or .tsv, or one JSON object a line.") Path path,
    @Doc("The field that names a pair for good: a text or a whole number, each once.") @OrElse("id")
        String key,
    @Doc("The field with the image's name.") @OrElse("image") String image,
    @Doc("The field with the caption.") @OrElse("caption") String caption,
    @Doc("Captions of fewer words, counted after clean-up, are rejected.")
        @OrElse("1")
        @Range(min = 1)
        int minWords,
    @Doc("Captions of more words, counted after clean-up, are rejected.")
        @OrElse("1_000")
        @Range(min = 1)
        int maxWords,
    @Doc(RowPictures.ROOT) Optional<Path> pictures) {
  /// @throws IllegalArgumentException when no caption could be kept, or the clean-up would change
  ///   what names a pair or its image
  public PairCurationSettings {
    if (minWords > maxWords) {
      throw new IllegalArgumentException(
          "min-words: %d is above max-words of %d; no caption has both"
              .formatted(minWords, maxWords));
    }
    if (caption.equals(key) || caption.equals(image)) {
      throw new IllegalArgumentException(
          "caption: '%s' is the field of key or image, too; name the field of the caption"
              .formatted(caption));
    }
  }
}
