package dev.eosin.eval.asking;

import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What a picture shows, in words.
@FunctionalInterface
public interface ToldFacts {
  /// The facts of the picture that a question is about, among them the one that it asks for; empty
  /// where that is not known.
  ///
  /// @param id of the question, its sample's key
  Optional<String> of(String id);

  /// The facts that a data set tells with its questions; where it tells none, those that
  /// [#ofOpenQuestions] finds.
  static ToldFacts said(QuestionSet questions) {
    Map<String, String> told = new HashMap<>();
    for (AskedQuestion question : questions.questions()) {
      question.content().told().ifPresent(facts -> told.put(question.id(), facts));
    }
    ToldFacts found = told.isEmpty() ? ofOpenQuestions(questions) : id -> Optional.empty();
    return id -> Optional.ofNullable(told.get(id)).or(() -> found.of(id));
  }

  /// The facts that the open questions of a picture are answered with: `tissue: adipose; stain:
  /// dark.`, in alphabetical order of the facts.
  static ToldFacts ofOpenQuestions(QuestionSet questions) {
    Map<String, TreeMap<String, String>> byPicture = new HashMap<>();
    for (AskedQuestion question : questions.questions()) {
      QuestionAnswer content = question.content();
      if (content.kind() == Kind.OPEN
          && content.fact().isPresent()
          && question.picture().isPresent()) {
        byPicture
            .computeIfAbsent(question.picture().get().digest(), unknown -> new TreeMap<>())
            .putIfAbsent(content.fact().get(), content.answer());
      }
    }
    Map<String, String> told = new HashMap<>();
    for (AskedQuestion question : questions.questions()) {
      Optional<TreeMap<String, String>> facts =
          question.picture().map(picture -> byPicture.get(picture.digest()));
      if (facts.isPresent()
          && question.content().fact().filter(facts.get()::containsKey).isPresent()) {
        told.put(question.id(), text(facts.get()));
      }
    }
    return id -> Optional.ofNullable(told.get(id));
  }

  private static String text(Map<String, String> facts) {
    return facts.entrySet().stream()
        .map(fact -> fact.getKey() + ": " + fact.getValue())
        .collect(Collectors.joining("; ", "", "."));
  }
}
