package dev.eosin.revise;

import dev.eosin.random.RandomStream;
import dev.eosin.revise.CaptionEdit.Operation;
import dev.eosin.revise.CaptionSurvey.Said;
import dev.eosin.revise.Terms.Term;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Finds the words for a plan: terms become others of their class, statements of other captions are
/// put in, own ones are left out.
final class RuleDegrader {
  /// What an edit of a whole statement speaks of.
  static final String STATEMENT = "statement";

  private static final int TRIES = 30;

  private final CaptionSurvey survey;
  private final Lexicon.Statements rules;

  RuleDegrader(CaptionSurvey survey, Lexicon.Statements rules) {
    this.survey = survey;
    this.rules = rules;
  }

  /// @return the edits from the end of the caption to its beginning, so that each says where it is
  ///   in the good caption; fewer than planned where there are not so many terms
  CaptionEdits edits(DegradePlan plan, GoodCaption good, ReadCaption read, RandomStream random) {
    List<CaptionEdit> edits = new ArrayList<>();
    int outFrom = 0;
    int outTo = 0;
    int modifications = 0;
    for (Operation operation : plan.operations()) {
      switch (operation) {
        case MODIFY -> modifications++;
        case ADD -> edits.add(addition(good, read, random));
        case DELETE -> {
          List<Statement> removable = read.removable(rules);
          Statement one = removable.get(random.nextInt(removable.size()));
          edits.add(new CaptionEdit.Delete(one.from(), one.text(), STATEMENT));
          outFrom = one.from();
          outTo = one.to();
        }
      }
    }
    modify(read, read.slotsOutside(outFrom, outTo), modifications, random, edits);
    edits.sort(Comparator.comparingInt(CaptionEdit::at).reversed());
    return new CaptionEdits(edits);
  }

  private void modify(
      ReadCaption read, List<Term> slots, int count, RandomStream random, List<CaptionEdit> edits) {
    List<Term> left = new ArrayList<>(slots);
    Set<String> there = new HashSet<>(read.values());
    for (int i = 0; i < count && !left.isEmpty(); i++) {
      Term slot = left.remove(random.nextInt(left.size()));
      String value = survey.replacements(slot.of()).drawn(slot.value(), there, random);
      there.add(value);
      String from = read.caption().substring(slot.from(), slot.to());
      edits.add(
          new CaptionEdit.Modify(slot.from(), from, Terms.written(value, from), slot.of().name()));
    }
  }

  private CaptionEdit addition(GoodCaption good, ReadCaption read, RandomStream random) {
    Said said = other(good, read, random);
    int after =
        rules.areOnce() ? read.statements().size() - 1 : random.nextInt(read.statements().size());
    return new CaptionEdit.Add(read.statements().get(after).to(), said.text(), STATEMENT);
  }

  /// One that says something else: of another group, with a term that the caption has not.
  private Said other(GoodCaption good, ReadCaption read, RandomStream random) {
    List<Said> statements = survey.statements();
    Set<String> own = read.values();
    Said said = statements.get(random.nextInt(statements.size()));
    for (int i = 0; i < TRIES && says(said, good, own); i++) {
      said = statements.get(random.nextInt(statements.size()));
    }
    return said;
  }

  private static boolean says(Said said, GoodCaption good, Set<String> own) {
    return said.group().equals(good.group())
        || good.caption().contains(said.text())
        || own.containsAll(said.values());
  }
}
