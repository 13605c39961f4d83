package dev.eosin.revise;

import dev.eosin.revise.Terms.Term;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A caption as it is degraded.
///
/// @param statements in their order, at least one
/// @param terms all of them
/// @param slots the terms that may be replaced
record ReadCaption(String caption, List<Statement> statements, List<Term> terms, List<Term> slots) {
  ReadCaption {
    statements = List.copyOf(statements);
    terms = List.copyOf(terms);
    slots = List.copyOf(slots);
  }

  /// The terms' values.
  Set<String> values() {
    return terms.stream().map(Term::value).collect(Collectors.toSet());
  }

  /// The statements that may be left out: never the first.
  List<Statement> removable(Lexicon.Statements rules) {
    return statements.stream()
        .skip(1)
        .filter(one -> rules.areOnce() ? one.hasOneOf(rules.once()) : says(one))
        .toList();
  }

  private boolean says(Statement statement) {
    return terms.stream().anyMatch(term -> term.isWithin(statement.from(), statement.to()));
  }

  /// The terms that may be replaced outside a part.
  List<Term> slotsOutside(int from, int to) {
    return slots.stream().filter(slot -> !slot.isWithin(from, to)).toList();
  }
}
