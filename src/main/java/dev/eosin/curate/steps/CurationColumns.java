package dev.eosin.curate.steps;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.prepare.NumberedRows;
import dev.eosin.prepare.RowFields;
import java.util.Optional;

/// The key `columns` of `kind: curate`.
@Doc("Which fields of the table hold what.")
public record CurationColumns(
    @Doc(
            "Names a row for good: a text or a whole number, each once. Without it rows are named by their number, and the name is written as id.")
        Optional<String> key,
    @Doc("The image's file, from the folder of images.") @OrElse("image") String image,
    @Doc("The caption.") @OrElse("caption") String caption,
    @Doc("Slide, patient or the like; the step groups writes it.") @OrElse("group") String group,
    @Doc("The split, where the table has one: train, test and the like.") Optional<String> split) {
  /// @throws IllegalArgumentException when two of them are one field
  public CurationColumns {
    if (key.filter(caption::equals).isPresent() || caption.equals(image)) {
      throw new IllegalArgumentException(
          "caption: '%s' is the field of key or image, too; name the field of the caption"
              .formatted(caption));
    }
    if (key.filter(group::equals).isPresent() || group.equals(image) || group.equals(caption)) {
      throw new IllegalArgumentException(
          "group: '%s' is another column, too, which groups would overwrite".formatted(group));
    }
  }

  /// The field that names a row.
  public String id() {
    return key.orElse(NumberedRows.FIELD);
  }

  /// Of a source's samples.
  public RowFields fields() {
    return new RowFields(id(), image, caption, group);
  }
}
