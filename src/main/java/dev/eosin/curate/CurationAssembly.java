package dev.eosin.curate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.curate.rules.CollectionRule;
import dev.eosin.curate.rules.GroupsRule;
import dev.eosin.curate.rules.Prepared;
import dev.eosin.curate.rules.SpreadSteps;
import dev.eosin.curate.steps.CurationModels;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Takes all rows through the steps that look at rows beside each other, and writes what is left.
///
/// A step that must see all rows first ends a pass; the next pass begins with its judgement. What a
/// pass left out is kept by position, so that no step sees a row twice.
final class CurationAssembly implements Assembly {
  private final CurationSettings settings;
  private final List<Optional<CollectionRule>> rules;
  private final Map<Integer, Prepared.Left> before = new HashMap<>();
  private final CurationOutputs written;

  /// The step with which this pass begins, that with which it ends, and the row it has come to.
  private int first;

  private int last = -1;
  private int position;

  CurationAssembly(
      CurationSettings settings, RowPictures pictures, CurationModels models, Outputs outputs)
      throws IOException {
    this.settings = settings;
    List<Optional<CollectionRule>> all = new ArrayList<>();
    var steps = new SpreadSteps(settings, outputs.rows());
    for (int step = 0; step < steps.count(); step++) {
      all.add(steps.rule(step, models));
    }
    rules = List.copyOf(all);
    written = new CurationOutputs(settings, pictures, outputs);
  }

  @Override
  public boolean surveys() {
    first = Math.max(last, 0);
    int next = last + 1;
    while (next < rules.size() && !rules.get(next).map(CollectionRule::surveys).orElse(false)) {
      next++;
    }
    last = next;
    position = 0;
    return next < rules.size();
  }

  @Override
  public void survey(Row row, JsonNode result) throws IOException {
    int here = position++;
    if (before.containsKey(here)) {
      return;
    }
    Prepared prepared = Prepared.of(result);
    if (isLeft(prepared, first - 1)) {
      return;
    }
    Optional<Prepared.Left> left = walk(here, row, prepared, last);
    if (left.isEmpty()) {
      try {
        rule(last).survey(candidate(here, row, prepared, last));
      } catch (DataException e) {
        throw located(row, e);
      }
    } else if (!left.equals(prepared.left())) {
      before.put(here, left.get());
    }
  }

  private static DataException located(Row row, DataException e) {
    return new DataException("%s: %s".formatted(row.place(), e.getMessage()), e);
  }

  private static boolean isLeft(Prepared prepared, int step) {
    return prepared.left().isPresent() && prepared.left().get().step() <= step;
  }

  private CollectionRule rule(int step) {
    return rules.get(step).orElseThrow();
  }

  /// Through the steps from this pass's first on.
  private Optional<Prepared.Left> walk(int here, Row row, Prepared prepared, int until)
      throws DataException {
    for (int step = first; step < until; step++) {
      if (isLeft(prepared, step)) {
        return prepared.left();
      }
      if (rules.get(step).isPresent()) {
        Optional<String> detail = judge(here, row, prepared, step);
        if (detail.isPresent()) {
          return Optional.of(new Prepared.Left(step, detail.get()));
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> judge(int here, Row row, Prepared prepared, int step)
      throws DataException {
    try {
      return rule(step).judge(candidate(here, row, prepared, step));
    } catch (DataException e) {
      throw located(row, e);
    }
  }

  private Candidate candidate(int here, Row row, Prepared prepared, int step) {
    String caption = settings.columns().caption();
    return Candidate.of(here, row, prepared, step, caption, group(here, step));
  }

  /// The group that the last step of groups before assigned.
  private Optional<String> group(int here, int before) {
    for (int step = before - 1; step >= 0; step--) {
      if (rules.get(step).orElse(null) instanceof GroupsRule groups) {
        return groups.group(here);
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
    int here = position++;
    Prepared prepared = Prepared.of(result);
    Optional<Prepared.Left> left = Optional.ofNullable(before.get(here));
    if (left.isEmpty()) {
      left =
          isLeft(prepared, first - 1) ? prepared.left() : walk(here, row, prepared, rules.size());
    }
    int step = left.map(Prepared.Left::step).orElse(rules.size());
    return written.add(candidate(here, row, prepared, step), prepared, left);
  }

  @Override
  public void finish() throws IOException {
    List<Map<String, String>> found = new ArrayList<>();
    for (Optional<CollectionRule> rule : rules) {
      found.add(rule.isPresent() ? rule.get().found() : Map.of());
    }
    written.finish(settings.named(found));
  }
}
