package dev.eosin.eval.asking;

import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.Source;
import dev.eosin.eval.answers.AnswerRow;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What training data answers most often to a question of the same text, or, for a text that it
/// does not ask, to questions of the same type. What comes equally often is taken in alphabetical
/// order.
public final class FrequentAnswers {
  private final String fingerprint;
  private final Map<String, Map<String, Integer>> byText = new HashMap<>();
  private final Map<Kind, Map<String, Integer>> byType = new EnumMap<>(Kind.class);

  private FrequentAnswers(String fingerprint) {
    this.fingerprint = fingerprint;
  }

  /// Counts the answers of a source; samples that are no questions have none.
  public static FrequentAnswers of(Source training) {
    var frequent = new FrequentAnswers(training.fingerprint());
    for (long i = 0; i < training.size(); i++) {
      if (training.get(i).content() instanceof QuestionAnswer content) {
        frequent.count(content);
      }
    }
    return frequent;
  }

  private void count(QuestionAnswer content) {
    byText
        .computeIfAbsent(content.question(), unknown -> new TreeMap<>())
        .merge(content.answer(), 1, Integer::sum);
    // Of options, what is frequent among all questions is a letter, not a text.
    String ofType =
        content.kind() == Kind.CHOICE
            ? AnswerRow.letter(Math.max(0, content.options().indexOf(content.answer())))
            : content.answer();
    byType
        .computeIfAbsent(content.kind(), unknown -> new TreeMap<>())
        .merge(ofType, 1, Integer::sum);
  }

  /// Changes with the training data.
  String fingerprint() {
    return fingerprint;
  }

  /// Whether the training data asks a question of this text.
  boolean knows(String question) {
    return byText.containsKey(question);
  }

  /// The answer to a question; empty where the training data has no question of its type.
  ///
  /// @param options as they are shown; an answer to a choice is the letter of one
  Optional<String> answer(QuestionAnswer question, List<String> options) {
    Map<String, Integer> ofText = byText.getOrDefault(question.question(), Map.of());
    Map<String, Integer> ofType = byType.getOrDefault(question.kind(), Map.of());
    if (question.kind() != Kind.CHOICE) {
      return mostFrequent(ofText, List.copyOf(ofText.keySet()))
          .or(() -> mostFrequent(ofType, List.copyOf(ofType.keySet())));
    }
    List<String> letters = new ArrayList<>();
    for (int place = 0; place < options.size(); place++) {
      letters.add(AnswerRow.letter(place));
    }
    return mostFrequent(ofText, options)
        .map(text -> AnswerRow.letter(options.indexOf(text)))
        .or(() -> mostFrequent(ofType, letters));
  }

  private static Optional<String> mostFrequent(Map<String, Integer> counts, List<String> allowed) {
    Optional<String> best = Optional.empty();
    int most = 0;
    for (Map.Entry<String, Integer> each : counts.entrySet()) {
      if (allowed.contains(each.getKey()) && each.getValue() > most) {
        best = Optional.of(each.getKey());
        most = each.getValue();
      }
    }
    return best;
  }
}
