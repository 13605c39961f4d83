package dev.eosin.eval.probes;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/// What a probe tells of a layer.
///
/// @param layer its number: the state behind so many blocks
/// @param c the strength that was chosen on the validation rows; NaN where there is none
/// @param validationAccuracy NaN where no rows choose
/// @param converged whether its fit did
/// @param figures of the test rows by name, those of [LabelScores]
/// @param areas under the curve of each class against the rest, by label; empty where the test rows
///   have none of it, or no other
/// @param judged what it takes the test rows for
public record LayerScore(
    int layer,
    double c,
    double validationAccuracy,
    boolean converged,
    Map<String, Figure> figures,
    Map<String, OptionalDouble> areas,
    LabelScores judged) {
  public LayerScore {
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    areas = Collections.unmodifiableMap(new LinkedHashMap<>(areas));
  }
}
