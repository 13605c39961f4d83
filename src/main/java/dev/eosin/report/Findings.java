package dev.eosin.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.maps.EmbeddingMap;
import dev.eosin.eval.samples.SampleResults;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// All that an evaluation found and all that decided it.
///
/// @param title of the page
/// @param results as `evaluation.json` has them
/// @param samples by evaluation
/// @param maps of embeddings
/// @param hits examples of queries
/// @param pictures of samples
/// @param recipe resolved
/// @param notes what was said while it was opened
/// @param training of the model that was measured, where it is a run
public record Findings(
    String title,
    ObjectNode results,
    SequencedMap<String, SampleResults> samples,
    List<EmbeddingMap> maps,
    List<Hits> hits,
    Pictures pictures,
    String recipe,
    List<String> notes,
    Optional<TrainingLog> training) {
  public Findings {
    samples = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(samples));
    maps = List.copyOf(maps);
    hits = List.copyOf(hits);
    notes = List.copyOf(notes);
  }
}
