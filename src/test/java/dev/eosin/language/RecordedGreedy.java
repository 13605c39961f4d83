package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What transformers generated greedily from a case's prompts, and the plainest loop that does the
/// same over a [RowMemory].
record RecordedGreedy(JsonNode json) {
  /// Options that the loop knows.
  private static final Set<String> KNOWN =
      Set.of("max_new_tokens", "min_new_tokens", "eos_token_id");

  /// A run: how much to generate, and the ids that came of it, row by row.
  record Run(String name, int most, int least, Set<Integer> ends, List<List<Integer>> ids) {}

  static RecordedGreedy open(ParityCase parity) throws IOException {
    return new RecordedGreedy(new ObjectMapper().readTree(parity.file("generation.json").toFile()));
  }

  int rows() {
    return json.get("prompts").get("input_ids").size();
  }

  int width() {
    return json.get("prompts").get("input_ids").get(0).size();
  }

  /// Row by row.
  long[] prompts(String name) {
    List<Long> all = new ArrayList<>();
    json.get("prompts").get(name).forEach(row -> row.forEach(id -> all.add(id.longValue())));
    return all.stream().mapToLong(Long::longValue).toArray();
  }

  /// The runs without beams and penalties; there must be some.
  List<Run> runs() {
    List<Run> runs = new ArrayList<>();
    for (JsonNode run : json.get("runs")) {
      JsonNode options = run.get("options");
      Set<String> names = new HashSet<>();
      options.fieldNames().forEachRemaining(names::add);
      if (KNOWN.containsAll(names)) {
        Set<Integer> ends = new HashSet<>();
        options.get("eos_token_id").forEach(id -> ends.add(id.intValue()));
        runs.add(
            new Run(
                run.get("name").asText(),
                options.get("max_new_tokens").intValue(),
                options.path("min_new_tokens").asInt(0),
                ends,
                rows(run.get("ids"))));
      }
    }
    assertThat(runs).as("runs without beams and penalties").isNotEmpty();
    return runs;
  }

  private static List<List<Integer>> rows(JsonNode ids) {
    List<List<Integer>> rows = new ArrayList<>();
    for (JsonNode row : ids) {
      List<Integer> each = new ArrayList<>();
      row.forEach(id -> each.add(id.intValue()));
      rows.add(each);
    }
    return rows;
  }

  /// @param logits of what follows each row; closed
  static void assertSame(Run run, RowMemory memory, Tensor logits) {
    int rows = memory.rows();
    List<List<Integer>> found = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      found.add(new ArrayList<>());
    }
    Tensor next = logits;
    for (int step = 0; step < run.most; step++) {
      long[] best = best(next, rows, step < run.least ? run.ends : Set.of());
      for (int row = 0; row < rows; row++) {
        List<Integer> ids = found.get(row);
        if (ids.isEmpty() || !run.ends.contains(ids.getLast())) {
          ids.add((int) best[row]);
        }
      }
      next = memory.next(best);
    }
    next.close();
    assertThat(found).as(run.name).isEqualTo(run.ids);
  }

  private static long[] best(Tensor logits, int rows, Set<Integer> refused) {
    try (logits) {
      float[] scores = logits.toFloats();
      int v = scores.length / rows;
      long[] best = new long[rows];
      Arrays.fill(best, -1);
      for (int row = 0; row < rows; row++) {
        for (int id = 0; id < v; id++) {
          boolean better =
              best[row] < 0 || scores[row * v + id] > scores[row * v + (int) best[row]];
          if (better && !refused.contains(id)) {
            best[row] = id;
          }
        }
      }
      return best;
    }
  }
}
