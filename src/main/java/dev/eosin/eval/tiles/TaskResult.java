package dev.eosin.eval.tiles;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.Resamples;
import dev.eosin.eval.samples.Sample;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// What a task found.
///
/// @param title of the task, with what of it this is
/// @param figures of the tiles that judge
/// @param resamples of these tiles, by group
/// @param samples what was found of each tile; empty where figures are of something else
/// @param details all that decided the figures, and what they are made of
/// @param notes what a reader has to know, one line each
public record TaskResult(
    String title,
    Figures figures,
    Resamples resamples,
    Optional<SampleResults> samples,
    ObjectNode details,
    List<String> notes) {
  public TaskResult {
    notes = List.copyOf(notes);
  }

  /// Of figures whose rows are samples.
  ///
  /// @param samples that judge, in the order of the figures' rows
  /// @param labels of the classes
  /// @param key draws resamples
  /// @param notes of figures that are not defined, too, where more is known of them than that
  public static TaskResult of(
      String title,
      Figures figures,
      List<Sample> samples,
      List<String> labels,
      RandomKey key,
      ObjectNode details,
      List<String> notes) {
    var resamples = new Resamples(key, samples.stream().map(Sample::group).toList());
    List<String> all = said(title, figures, resamples, notes);
    return new TaskResult(
        title, figures, resamples, SampleResults.of(figures, samples, labels), details, all);
  }

  /// Notes, and what is to be said besides: of figures that are not defined, and of intervals that
  /// cannot be told.
  ///
  /// @param figures of rows that are samples
  /// @param notes of figures that are not defined, too, where more is known of them than that
  public static List<String> said(
      String title, Figures figures, Resamples resamples, List<String> notes) {
    List<String> all = new ArrayList<>(notes);
    List<String> undefined =
        figures.values().entrySet().stream()
            .filter(figure -> figure.getValue().isNaN() && notes.stream().noneMatch(names(figure)))
            .map(Map.Entry::getKey)
            .toList();
    if (!undefined.isEmpty()) {
      all.add(
          "%s: not defined on the %d samples that judge, which are too few or too much alike: %s"
              .formatted(title, figures.rows(), String.join(", ", undefined)));
    }
    if (resamples.units() == 1) {
      all.add(
          figures.rows() == 1
              ? "%s: one sample judges, so that no interval can be told".formatted(title)
              : "%s: the %d samples that judge are all of one group (slide, patient), so that no interval can be told"
                  .formatted(title, figures.rows()));
    }
    return all;
  }

  /// Whether a note says of the figure why it is not there.
  private static Predicate<String> names(Map.Entry<String, Double> figure) {
    return note -> note.contains(figure.getKey() + " is not defined");
  }
}
