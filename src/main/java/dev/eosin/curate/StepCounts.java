package dev.eosin.curate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.eosin.curate.rules.Prepared;
import java.util.List;

/// How many rows each step saw, left out and changed.
final class StepCounts {
  private final List<String> reasons;
  private final long[] out;
  private final long[] changed;
  private long rows;

  StepCounts(List<String> reasons) {
    this.reasons = List.copyOf(reasons);
    out = new long[reasons.size()];
    changed = new long[reasons.size()];
  }

  /// Counts a row.
  ///
  /// @param step that left it out; that behind the last where none did
  void add(Prepared row, int step) {
    rows++;
    if (step < out.length) {
      out[step]++;
    }
    for (int by : row.captions().keySet()) {
      if (by - 1 < step) {
        changed[by - 1]++;
      }
    }
  }

  List<String> reasons() {
    return reasons;
  }

  long in(int step) {
    long in = rows;
    for (int before = 0; before < step; before++) {
      in -= out[before];
    }
    return in;
  }

  long out(int step) {
    return out[step];
  }

  long changed(int step) {
    return changed[step];
  }

  long rows() {
    return rows;
  }

  long kept() {
    return in(out.length);
  }

  /// Why none is kept: the step that left out the most rows, the first of equals.
  String whyEmpty() {
    int most = 0;
    for (int step = 1; step < out.length; step++) {
      most = out[step] > out[most] ? step : most;
    }
    return "%d of %d rows were left out by the step %s; rejects.jsonl says why for each row"
        .formatted(out[most], rows, reasons.get(most));
  }

  /// The steps as the manifest lists them.
  void write(ArrayNode to) {
    for (int step = 0; step < out.length; step++) {
      to.addObject()
          .put("step", reasons.get(step))
          .put("in", in(step))
          .put("left_out", out[step])
          .put("changed", changed[step]);
    }
  }
}
