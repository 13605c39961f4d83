package dev.eosin.eval.training;

import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Steps;
import dev.eosin.data.batches.EvaluationSet;
import dev.eosin.train.EvaluationSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// `type: zero-shot`: classification of labelled tiles by class prompts.
@Doc("Zero-shot classification of labelled tiles by class prompts.")
public record ZeroShotSettings(
    @Doc("Names the evaluation in logs.") String name,
    @Doc("Which part of the data.") @OrElse("validation") Part data,
    @Doc("Templates; {} stands for the class text. Several are averaged per class.")
        List<String> prompts,
    @Doc("Class texts by label, instead of those of the data.") @OrElse("{}")
        Map<String, String> classNames,
    @Doc("How often; also before the first update and after the last.") Steps every,
    @Doc("Whether recall, precision and F1 of each class and the confusion matrix are told, too.")
        @OrElse("false")
        boolean classScores,
    @Doc("Resamples for the 95 % intervals; 0 for none.")
        @OrElse("1_000")
        @Range(min = 0, max = 1e6)
        int bootstrap)
    implements EmbeddingEvaluation {
  /// The parts of `data` that have labels.
  public enum Part {
    TRAIN,
    VALIDATION
  }

  /// @throws IllegalArgumentException for a template without `{}`, or a blank class text
  public ZeroShotSettings {
    EvaluationSettings.check(name, every);
    prompts = List.copyOf(prompts);
    classNames = Collections.unmodifiableMap(new TreeMap<>(classNames));
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException("prompts: at least one template is needed");
    }
    for (String prompt : prompts) {
      if (!prompt.contains("{}")) {
        throw new IllegalArgumentException(
            "prompts: '%s' has no {} where the class text belongs".formatted(prompt));
      }
    }
    if (classNames.values().stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("class-names: a class text is blank");
    }
  }

  /// Without the scores of single classes.
  public ZeroShotSettings(
      String name,
      Part data,
      List<String> prompts,
      Map<String, String> classNames,
      Steps every,
      int bootstrap) {
    this(name, data, prompts, classNames, every, false, bootstrap);
  }

  /// The prompts of each class, in the order of the classes.
  ///
  /// @throws DataException when `class-names` has a label that the data lacks
  public List<List<String>> prompts(EvaluationSet set) throws DataException {
    for (String label : classNames.keySet()) {
      if (!set.labels().contains(label)) {
        throw new DataException(
            "evaluate.%s: class-names has '%s', but the labels are %s"
                .formatted(name, label, set.labels()));
      }
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < set.labels().size(); i++) {
      texts.add(classNames.getOrDefault(set.labels().get(i), set.texts().get(i)));
    }
    return new EvaluationSet(set.source(), set.labels(), texts).prompts(prompts);
  }
}
