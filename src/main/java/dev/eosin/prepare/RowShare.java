package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.group.Group;
import dev.eosin.prepare.OpenRows.OpenRow;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/// How ranks share the open rows: now and then all meet and say for how many rows they have room,
/// and the next rows are given to them in the order of ranks. Every rank reads all rows and counts
/// alike, so that no row is given twice or to nobody, and a rank whose rows take long gets fewer.
/// Used by one thread of each rank.
final class RowShare {
  private static final int MOST_QUEUED = 4096;

  private final Group group;
  private final OpenRows open;
  private final int parallel;
  private final Queue<OpenRow> queue = new ArrayDeque<>();
  private RankTally others = RankTally.NONE;
  private long doneBefore;
  private boolean ended;
  private boolean stopped;

  /// @param open rows of all ranks, the same on each
  /// @param parallel rows that are in work at once on this rank
  RowShare(Group group, OpenRows open, int parallel) {
    this.group = group;
    this.open = open;
    this.parallel = parallel;
  }

  /// Meets the other ranks.
  ///
  /// @param working rows in work here
  /// @param stop whether nothing new shall begin, on any rank
  /// @param own what this rank did so far
  /// @return false once nobody has a row in work or in its queue, and none comes
  boolean round(int working, boolean stop, RankTally own) throws IOException {
    int room = ended || stop ? 0 : room(working, own.done() - doneBefore);
    doneBefore = own.done();
    List<JsonNode> said = exchange(room, working > 0 || !queue.isEmpty(), stop, own);
    boolean allGiven = ended;
    stopped = stopped || said.stream().anyMatch(each -> each.path("stop").asBoolean());
    if (stopped) {
      queue.clear();
    } else {
      for (int rank = 0; rank < said.size(); rank++) {
        give(rank, said.get(rank).path("room").asInt());
      }
    }
    others = RankTally.NONE;
    for (int rank = 0; rank < said.size(); rank++) {
      if (rank != group.rank()) {
        others = others.plus(RankTally.of(said.get(rank)));
      }
    }
    return said.stream().anyMatch(each -> each.path("busy").asBoolean()) || !(allGiven || stopped);
  }

  /// Room for what is in work at once, and where rows are quick for what two rounds take.
  private int room(int working, long doneNow) {
    long wanted = Math.min(MOST_QUEUED, parallel + 2 * doneNow);
    return (int) Math.max(0, wanted - working - queue.size());
  }

  private List<JsonNode> exchange(int room, boolean busy, boolean stop, RankTally own)
      throws IOException {
    byte[] mine = Json.bytes(own.json().put("room", room).put("busy", busy).put("stop", stop));
    List<JsonNode> said = new ArrayList<>();
    for (byte[] each : group.exchange(mine)) {
      said.add(Json.value(each, 0, each.length));
    }
    return said;
  }

  private void give(int rank, int rows) throws IOException {
    for (int i = 0; i < rows && !ended; i++) {
      Optional<OpenRow> next = open.next();
      ended = next.isEmpty();
      if (rank == group.rank()) {
        next.ifPresent(queue::add);
      }
    }
  }

  /// A row of this rank's; empty until the next round.
  Optional<OpenRow> take() {
    return Optional.ofNullable(queue.poll());
  }

  boolean hasRows() {
    return !queue.isEmpty();
  }

  /// What the other ranks did, as of the last round.
  RankTally others() {
    return others;
  }
}
