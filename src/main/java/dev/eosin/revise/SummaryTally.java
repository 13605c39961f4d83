package dev.eosin.revise;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// What summaries are worth, whoever made them: whether they fit, and which terms of the lexicon
/// they keep. Used by one thread.
final class SummaryTally {
  private final ExtractiveSummary rules;
  private long rows;
  private long same;
  private long fit;
  private long idsBefore;
  private long ids;
  private long facts;
  private long kept;
  private long added;

  SummaryTally(ExtractiveSummary rules) {
    this.rules = rules;
  }

  void add(String caption, String summary) {
    var before = rules.values(caption);
    var after = rules.values(summary);
    rows++;
    same += summary.equals(caption) ? 1 : 0;
    fit += rules.fits(summary) ? 1 : 0;
    idsBefore += rules.length(caption);
    ids += rules.length(summary);
    facts += before.size();
    kept += before.stream().filter(after::contains).count();
    added += after.stream().filter(value -> !before.contains(value)).count();
  }

  /// As the file has it; `facts-added` are terms that the caption does not have.
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("rows", rows).put("same", same);
    json.put("fit", fit).put("share-fit", share(fit, rows));
    json.put("mean-ids-before", share(idsBefore, rows)).put("mean-ids", share(ids, rows));
    json.put("facts", facts).put("facts-kept", kept).put("share-kept", share(kept, facts));
    return json.put("facts-added", added);
  }

  private static double share(long part, long all) {
    return all == 0 ? 0 : Math.round(10_000.0 * part / all) / 10_000.0;
  }
}
