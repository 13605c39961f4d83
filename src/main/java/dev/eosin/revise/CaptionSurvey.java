package dev.eosin.revise;

import dev.eosin.config.DataException;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.Rows;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.revise.Lexicon.TermClass;
import dev.eosin.revise.Terms.Term;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What has to be known of all captions before one is degraded: how frequent each term is, and
/// statements that may be put into other captions. A function of rows, lexicon and seed. Whether a
/// caption can be degraded is found out before chance decides whether it is: otherwise the clean
/// ones would be those without terms.
final class CaptionSurvey {
  private static final int MOST_STATEMENTS = 2_000;

  private final Lexicon lexicon;
  private final OperationShares operations;
  private final RandomKey key;
  private final Terms terms;
  private final Map<TermClass, Map<String, Double>> shares = new HashMap<>();
  private final Map<TermClass, Replacements> replacements = new HashMap<>();
  private final List<Said> statements = new ArrayList<>();

  /// A statement of a caption.
  ///
  /// @param group of the caption: it is put into no caption of the same
  record Said(String text, String group, Set<String> values) {}

  private record Ranked(long rank, Said said) {}

  /// Opens a pass over all rows.
  @FunctionalInterface
  interface Passes {
    Rows open() throws DataException;
  }

  private CaptionSurvey(Lexicon lexicon, OperationShares operations, RandomKey key) {
    this.lexicon = lexicon;
    this.operations = operations;
    this.key = key;
    this.terms = new Terms(lexicon);
  }

  /// Reads all rows twice: what may be replaced depends on how frequent terms are.
  ///
  /// @throws DataException where no caption has anything to degrade
  static CaptionSurvey of(Lexicon lexicon, OperationShares operations, RandomKey key, Passes passes)
      throws DataException {
    CaptionSurvey survey = new CaptionSurvey(lexicon, operations, key);
    survey.countTerms(passes);
    survey.weighTerms(passes);
    return survey;
  }

  private void countTerms(Passes passes) throws DataException {
    Map<TermClass, SortedMap<String, Double>> counts = new HashMap<>();
    try (Rows rows = passes.open()) {
      for (Optional<Row> next = rows.next(); next.isPresent(); next = rows.next()) {
        for (Term term : terms.of(GoodCaption.of(next.get()).caption())) {
          if (term.replaceable()) {
            counts
                .computeIfAbsent(term.of(), _ -> new TreeMap<>())
                .merge(term.value(), 1.0, Double::sum);
          }
        }
      }
    }
    counts.forEach((of, values) -> shares.put(of, Replacements.shares(values)));
  }

  private void weighTerms(Passes passes) throws DataException {
    Map<TermClass, SortedMap<String, Double>> counts = new HashMap<>();
    PriorityQueue<Ranked> drawn =
        new PriorityQueue<>(Comparator.comparingLong(Ranked::rank).reversed());
    long able = 0;
    try (Rows rows = passes.open()) {
      for (Optional<Row> next = rows.next(); next.isPresent(); next = rows.next()) {
        GoodCaption good = GoodCaption.of(next.get());
        ReadCaption read = read(good);
        if (obstacle(read).isEmpty()) {
          able++;
          for (Term slot : read.slots()) {
            counts
                .computeIfAbsent(slot.of(), _ -> new TreeMap<>())
                .merge(slot.value(), 1.0 / read.slots().size(), Double::sum);
          }
          offer(good, read, drawn);
        }
      }
    }
    if (able == 0) {
      throw new DataException(
          "no caption has what can be degraded: terms of the lexicon, and more than one statement"
              + " where statements are added; choose another lexicon, or set operations to what"
              + " there is");
    }
    if (operations.haveStatements() && drawn.isEmpty()) {
      throw new DataException(
          "no caption has a statement that could be put into another; set operations.addition and"
              + " operations.deletion to 0");
    }
    counts.forEach((of, values) -> replacements.put(of, weighed(of, values)));
    drawn.stream()
        .sorted(Comparator.comparingLong(Ranked::rank))
        .forEach(one -> statements.add(one.said()));
  }

  /// A value of which chance left nothing is still one that may be drawn, hardly ever.
  private Replacements weighed(TermClass of, SortedMap<String, Double> counts) {
    Map<String, Double> known = Objects.requireNonNull(shares.get(of));
    known.keySet().forEach(value -> counts.putIfAbsent(value, 1e-9));
    return Replacements.of(known, counts);
  }

  /// One statement of each caption, so that long captions have no more of them than short ones.
  private void offer(GoodCaption good, ReadCaption read, PriorityQueue<Ranked> drawn) {
    List<Statement> removable = read.removable(lexicon.statements());
    if (!operations.haveStatements() || removable.isEmpty()) {
      return;
    }
    RandomStream random = stream("statement", good.key());
    Statement one = removable.get(random.nextInt(removable.size()));
    Set<String> values = new HashSet<>();
    read.terms().stream()
        .filter(term -> term.isWithin(one.from(), one.to()))
        .forEach(term -> values.add(term.value()));
    drawn.add(new Ranked(random.nextLong(), new Said(one.text(), good.group(), values)));
    if (drawn.size() > MOST_STATEMENTS) {
      drawn.remove();
    }
  }

  private RandomStream stream(String purpose, String row) {
    return key.stream(Purpose.PREPARATION, Row.hash(purpose), Row.hash(row));
  }

  /// A caption with the terms that may be replaced; which of those of a term that has more than its
  /// part of the class is a function of seed and row.
  ReadCaption read(GoodCaption good) {
    RandomStream random = stream("slots", good.key());
    List<Term> found = terms.of(good.caption());
    List<Term> slots = found.stream().filter(term -> isOpen(term, random)).toList();
    return new ReadCaption(
        good.caption(), Statement.of(good.caption(), lexicon.statements()), found, slots);
  }

  private boolean isOpen(Term term, RandomStream random) {
    double drawn = random.nextDouble();
    return term.replaceable()
        && drawn < shares.getOrDefault(term.of(), Map.of()).getOrDefault(term.value(), 0.0);
  }

  /// Why a caption cannot be degraded; empty where it can.
  Optional<Obstacle> obstacle(ReadCaption read) {
    int least = operations.leastTerms();
    if (read.slots().size() < least) {
      return Optional.of(
          new Obstacle(
              CaptionDegradation.FEW_TERMS,
              "%d terms that can be replaced, expected %d".formatted(read.slots().size(), least)));
    }
    boolean whole = !operations.haveStatements() || lexicon.statements().areOnce();
    return whole || !read.removable(lexicon.statements()).isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Obstacle(CaptionDegradation.FEW_STATEMENTS, "no statement that can be left out"));
  }

  /// Why a caption cannot be degraded.
  record Obstacle(String reason, String detail) {}

  /// What stands in the place of terms of a class.
  Replacements replacements(TermClass of) {
    return Objects.requireNonNull(replacements.get(of), of.name());
  }

  /// Statements of other captions, in random order.
  List<Said> statements() {
    return List.copyOf(statements);
  }
}
