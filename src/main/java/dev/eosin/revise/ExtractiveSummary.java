package dev.eosin.revise;

import dev.eosin.text.Sentences;
import dev.eosin.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Summaries by rules: whole sentences of a caption, those first that state most terms of a lexicon
/// for their length, as many as a text tower reads. Where not even one fits, the clauses that one
/// begins with.
///
/// @param context ids that the tower reads, start and end of text among them
record ExtractiveSummary(Terms terms, Tokenizer tokenizer, int context) {
  /// In the caption's own words and order; the whole caption where it fits, empty where nothing
  /// does.
  Optional<String> of(String caption) {
    if (caption.isBlank()) {
      return Optional.empty();
    }
    if (fits(caption)) {
      return Optional.of(caption);
    }
    List<String> sentences = Sentences.of(caption);
    Set<Integer> taken = new TreeSet<>();
    Set<String> said = new HashSet<>();
    for (Optional<Integer> next = best(sentences, taken, said);
        next.isPresent();
        next = best(sentences, taken, said)) {
      taken.add(next.get());
      said.addAll(values(sentences.get(next.get())));
    }
    return taken.isEmpty() ? clauses(sentences) : Optional.of(joined(sentences, taken));
  }

  /// The sentence that states most new terms for its length, among those that there is room for.
  private Optional<Integer> best(List<String> sentences, Set<Integer> taken, Set<String> said) {
    Optional<Integer> best = Optional.empty();
    double most = 0;
    for (int i = 0; i < sentences.size(); i++) {
      Set<String> values = values(sentences.get(i));
      values.removeAll(said);
      double worth = values.size() / (double) tokenizer.untruncatedLength(sentences.get(i));
      if (!taken.contains(i) && worth > most && fits(joined(sentences, with(taken, i)))) {
        best = Optional.of(i);
        most = worth;
      }
    }
    return best;
  }

  private static Set<Integer> with(Set<Integer> taken, int one) {
    Set<Integer> more = new TreeSet<>(taken);
    more.add(one);
    return more;
  }

  private static String joined(List<String> sentences, Set<Integer> taken) {
    return String.join(" ", taken.stream().map(sentences::get).toList());
  }

  /// As many clauses of the first sentence as fit.
  private Optional<String> clauses(List<String> sentences) {
    List<String> kept = new ArrayList<>();
    for (String clause : sentences.getFirst().split("(?<=[,;:])\\s+")) {
      kept.add(clause);
      if (!fits(String.join(" ", kept))) {
        kept.removeLast();
        break;
      }
    }
    String text = String.join(" ", kept).replaceFirst("[,;:]$", "");
    return text.isEmpty() ? Optional.empty() : Optional.of(text.endsWith(".") ? text : text + ".");
  }

  boolean fits(String text) {
    return length(text) <= context;
  }

  /// Ids, start and end of text among them.
  int length(String text) {
    return tokenizer.untruncatedLength(text);
  }

  /// The lexicon's terms in a text, each once.
  Set<String> values(String text) {
    Set<String> values = new HashSet<>();
    terms.of(text).forEach(term -> values.add(term.value()));
    return values;
  }
}
