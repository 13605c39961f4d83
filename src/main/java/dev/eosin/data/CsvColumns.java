package dev.eosin.data;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.util.List;
import java.util.Optional;

/// The columns of a table that Eosin reads, by the names in its header.
@Doc("The names of the table's columns.")
public record CsvColumns(
    @Doc("Path of the image file.") String image,
    @Doc("The caption.") Optional<String> caption,
    @Doc("Further captions of the same image; a row may leave some of them blank.") @OrElse("[]")
        List<String> moreCaptions,
    @Doc("The class, for zero-shot evaluation and templates.") Optional<String> label,
    @Doc("Slide, patient or original tile; a group may be on one side of a split only.")
        Optional<String> group) {
  /// @throws IllegalArgumentException for further captions without a first one
  public CsvColumns {
    moreCaptions = List.copyOf(moreCaptions);
    if (caption.isEmpty() && !moreCaptions.isEmpty()) {
      throw new IllegalArgumentException("more-captions: name the first one as 'caption'");
    }
  }
}
