package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/// What a rank did of the rows that several share, since the run began.
///
/// @param done rows that got an outcome
/// @param rejected of those done
/// @param failed rows that failed
/// @param spent on answers
record RankTally(long done, long rejected, long failed, Cost spent) {
  static final RankTally NONE = new RankTally(0, 0, 0, Cost.NONE);

  RankTally plus(RankTally other) {
    return new RankTally(
        done + other.done,
        rejected + other.rejected,
        failed + other.failed,
        spent.plus(other.spent));
  }

  ObjectNode json() {
    ObjectNode json = Json.object().put("done", done).put("rejected", rejected);
    return json.put("failed", failed).set("spent", spent.json());
  }

  /// @throws IOException when it is no tally
  static RankTally of(JsonNode json) throws IOException {
    try {
      return new RankTally(
          json.path("done").asLong(),
          json.path("rejected").asLong(),
          json.path("failed").asLong(),
          Cost.of(json.path("spent")));
    } catch (IllegalArgumentException e) {
      throw new IOException("a rank brought no tally: " + e.getMessage(), e);
    }
  }
}
