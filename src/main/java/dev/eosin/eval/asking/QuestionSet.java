package dev.eosin.eval.asking;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.Source;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The questions of a data set, with what tells their pictures apart.
public final class QuestionSet {
  private final String fingerprint;
  private final List<AskedQuestion> questions;

  private QuestionSet(String fingerprint, List<AskedQuestion> questions) {
    this.fingerprint = fingerprint;
    this.questions = List.copyOf(questions);
  }

  /// Reads every picture once, for its digest; what lies in one place is read once.
  ///
  /// @param name of the source in messages, such as `data.validation`
  /// @throws DataException when a sample is no question, a picture cannot be read, or the answer to
  ///   a choice is none of its options
  public static QuestionSet of(String name, Source source) throws DataException {
    return of(name, source, true);
  }

  /// As above, of questions for which nobody may know what is right: such an answer is empty.
  public static QuestionSet unanswered(String name, Source source) throws DataException {
    return of(name, source, false);
  }

  private static QuestionSet of(String name, Source source, boolean answered) throws DataException {
    List<AskedQuestion> questions = new ArrayList<>();
    Map<Long, Picture> byPlace = new HashMap<>();
    Map<String, Picture> byDigest = new HashMap<>();
    Set<String> ids = new HashSet<>();
    for (long i = 0; i < source.size(); i++) {
      Sample sample = source.get(i);
      String id = id(sample.key(), ids);
      Optional<Picture> picture = Optional.empty();
      if (!sample.images().isEmpty()) {
        long place = source.place(i);
        Picture found = byPlace.get(place);
        if (found == null) {
          found = picture(name, sample, byDigest);
          byPlace.put(place, found);
        }
        picture = Optional.of(found);
      }
      questions.add(
          new AskedQuestion(id, content(name, sample, answered), picture, sample.group()));
    }
    return new QuestionSet(source.fingerprint(), questions);
  }

  /// Published tables ask several questions about a picture, whose name is then the key of all: the
  /// second becomes KEY#2, so that answers are told apart, by their order alone.
  private static String id(String key, Set<String> ids) {
    String id = key;
    for (int i = 2; !ids.add(id); i++) {
      id = key + "#" + i;
    }
    return id;
  }

  /// The first picture of its digest stands for all.
  private static Picture picture(String name, Sample sample, Map<String, Picture> byDigest)
      throws DataException {
    try {
      Picture read = Picture.of(sample);
      return byDigest.computeIfAbsent(read.digest(), unknown -> read);
    } catch (IOException e) {
      throw new DataException(
          "%s: the picture of %s cannot be read: %s; mend it, or leave the sample out"
              .formatted(name, Quote.of(sample.key()), AtomicFile.reason(e)),
          e);
    }
  }

  private static QuestionAnswer content(String name, Sample sample, boolean answered)
      throws DataException {
    if (!(sample.content() instanceof QuestionAnswer content)) {
      throw new DataException(
          "%s: sample %s is no question with an answer; name a source of questions"
              .formatted(name, Quote.of(sample.key())));
    }
    if (content.question().isBlank() || answered && content.answer().isBlank()) {
      throw new DataException(
          "%s: sample %s has an empty %s; mend it, or leave it out"
              .formatted(
                  name,
                  Quote.of(sample.key()),
                  content.question().isBlank() ? "question" : "answer"));
    }
    if (content.kind() == Kind.CHOICE
        && !content.answer().isBlank()
        && !content.options().contains(content.answer())) {
      throw new DataException(
          "%s: sample %s: the answer %s is none of the options %s"
              .formatted(
                  name,
                  Quote.of(sample.key()),
                  Quote.of(content.answer()),
                  Quote.some(content.options(), 8)));
    }
    return content;
  }

  /// Changes with the questions.
  public String fingerprint() {
    return fingerprint;
  }

  public int size() {
    return questions.size();
  }

  /// Whether there is a question of a type.
  public boolean has(Kind type) {
    return questions.stream().anyMatch(question -> question.content().kind() == type);
  }

  List<AskedQuestion> questions() {
    return questions;
  }
}
