package dev.eosin.recipe.found;

import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.util.List;
import java.util.Optional;

/// `about`: what is known of a public data set.
@Doc("What is known of a public data set.")
public record AboutData(
    @Doc("Who made it, and where it is described.") String source,
    @Doc("Its licence, and who says so; unseen where nobody looked.") String licence,
    @Doc("How its folder is laid out, and who says so; unseen where nobody looked.") String layout,
    @Doc("How many tiles it should have; fewer or more are told.") Optional<Long> tiles,
    @Doc("How its labels came about, and what to know before trusting a number.") @OrElse("[]")
        List<String> notes) {
  public AboutData {
    notes = List.copyOf(notes);
  }

  /// The same fault, with how the data set is expected where that is known.
  public static DataException expecting(Optional<AboutData> about, DataException fault) {
    return about
        .map(
            known ->
                new DataException(
                    "%s; this data set is expected as: %s (%s)"
                        .formatted(fault.getMessage(), known.layout(), known.source()),
                    fault))
        .orElse(fault);
  }

  /// What to say where there are more or fewer tiles than there should be.
  ///
  /// @param found tiles that count
  public Optional<String> counted(int found) {
    return tiles
        .filter(expected -> expected != found)
        .map(
            expected ->
                "%d tiles are there, %d are expected of this data set; figures of other counts are of another set"
                    .formatted(found, expected));
  }
}
