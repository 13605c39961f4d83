package dev.eosin.data.batches;

import dev.eosin.config.DataException;
import dev.eosin.data.Names;
import dev.eosin.data.Source;
import dev.eosin.data.settings.ClassTemplates;
import java.util.List;

/// A source with labels, as zero-shot classification needs it.
///
/// @param source the samples
/// @param labels the classes, in order: class c is `labels[c]`
/// @param texts what each class shows, in the same order
public record EvaluationSet(Source source, List<String> labels, List<String> texts) {
  public EvaluationSet {
    labels = List.copyOf(labels);
    texts = List.copyOf(texts);
  }

  /// Takes the classes that a source knows.
  ///
  /// @param name names the source in messages, for example `data.validation`
  /// @throws DataException when the samples have no labels, or all the same one
  public static EvaluationSet of(String name, Source source) throws DataException {
    List<String> labels = List.copyOf(source.classTexts().keySet());
    if (labels.size() < 2) {
      throw new DataException(
          labels.isEmpty()
              ? name + ": zero-shot evaluation needs labels; set columns.label"
              : name
                  + ": zero-shot evaluation needs two classes or more, found only ["
                  + Names.of(labels)
                  + "]");
    }
    return new EvaluationSet(source, labels, List.copyOf(source.classTexts().values()));
  }

  /// The prompts of each class, in the order of the classes: every template with the class text in
  /// place of `{}`.
  ///
  /// @throws IllegalArgumentException when a template has no `{}`
  public List<List<String>> prompts(List<String> templates) {
    List<String> checked = ClassTemplates.checked("prompts", templates);
    return texts.stream().map(text -> ClassTemplates.fill(checked, text)).toList();
  }

  /// The class of each row of a batch of this source.
  ///
  /// @return for each of the b rows, the index into `labels`
  public int[] classes(Batch batch) {
    return batch.rows().stream()
        .mapToInt(row -> labels.indexOf(row.label().orElseThrow()))
        .toArray();
  }
}
