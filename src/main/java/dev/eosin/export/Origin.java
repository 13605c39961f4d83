package dev.eosin.export;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Where a model is from, for its card.
///
/// @param model as it was named
/// @param version Eosin's
/// @param licence of the weights, as the user names it
/// @param base what training started from
/// @param fingerprints of data and first weights, by what they are of
/// @param notes what who uses the graphs elsewhere should know
/// @param scores of its run at the step that is exported
public record Origin(
    String model,
    String version,
    Optional<String> licence,
    Optional<String> base,
    Map<String, String> fingerprints,
    List<String> notes,
    List<Score> scores) {
  public Origin {
    fingerprints = Collections.unmodifiableMap(new TreeMap<>(fingerprints));
    notes = List.copyOf(notes);
    scores = List.copyOf(scores);
  }

  /// What a card says first.
  String exported() {
    return "Exported by Eosin %s from `%s`. **This is not a medical device.** It is for research; no diagnosis and no treatment may rest on what it says."
        .formatted(version, model);
  }

  /// What a card says of the licence.
  String licensed() {
    return licence
        .map("The weights are under: %s."::formatted)
        .orElse(
            "Nobody named the licence of the weights when they were exported. Ask who trained them, and who made the data, before they are used or passed on.");
  }
}
