package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.util.List;
import java.util.Optional;

/// Which field of a sample's `.json` holds what.
@Doc("Fields of each sample's .json; a dot leads into nested objects.")
public record WebDatasetFields(
    @Doc(
            "The captions: fields with a text, a list of texts or a list of { text, weight }."
                + " Without any the captions are the .txt files.")
        @OrElse("[]")
        List<String> captions,
    @Doc("A list of numbers: how often each caption is drawn, relative to the others.")
        Optional<String> weights,
    @Doc("The class.") Optional<String> label,
    @Doc("The slide, patient or original tile; no group may be on both sides of a split.")
        Optional<String> group) {
  /// @throws IllegalArgumentException for weights without captions
  public WebDatasetFields {
    captions = List.copyOf(captions);
    if (weights.isPresent() && captions.isEmpty()) {
      throw new IllegalArgumentException("weights: 'captions' is missing, and weights are theirs");
    }
  }

  /// Whether anything is read from `.json`.
  public boolean used() {
    return !captions.isEmpty() || label.isPresent() || group.isPresent();
  }
}
