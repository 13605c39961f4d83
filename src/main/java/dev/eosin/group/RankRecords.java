package dev.eosin.group;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What each rank last did, as files in a folder that all ranks see: the only way to learn it of a
/// rank that answers no more. docs/formats.md describes them.
///
/// @param folder of the run's `ranks`
/// @param size number of ranks
record RankRecords(Path folder, int size) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Writes one rank's file.
  ///
  /// @throws DataException when it cannot be written
  void write(int rank, CollectiveLog log) throws DataException {
    ObjectNode root = JSON.createObjectNode();
    root.put("rank", rank).put("ranks", size).put("written", log.millis());
    root.put("collectives", log.count()).put("bytes", log.bytes());
    for (CollectiveLog.Entry entry : log.last()) {
      ObjectNode row = root.withArray("last").addObject();
      row.put("number", entry.number()).put("kind", entry.kind()).put("what", entry.what());
      row.put("bytes", entry.bytes()).put("began", entry.began());
      entry.ended().ifPresent(ended -> row.put("ended", ended));
    }
    AtomicFile.write(file(rank), FileContent.text(root.toPrettyString() + "\n"));
  }

  private Path file(int rank) {
    return folder.resolve("rank-%05d.json".formatted(rank));
  }

  /// Removes one rank's file, after an end in good order.
  void remove(int rank) throws DataException {
    try {
      Files.deleteIfExists(file(rank));
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException ofOtherRanks) {
      // The last one clears away the folder.
    } catch (IOException e) {
      throw new DataException(file(rank) + ": cannot be removed: " + AtomicFile.reason(e), e);
    }
  }

  /// Where a rank was last seen.
  private record Seen(int rank, long number, String kind, boolean inside, long written) {
    /// A rank that has ended the same collective is elsewhere, too.
    private boolean isBefore(long here) {
      return number < here;
    }

    private String tell(long now) {
      return "%s collective %d (%s), seen %s s ago"
          .formatted(
              inside ? "in" : "after",
              number,
              kind,
              String.format(Locale.ROOT, "%.0f", (now - written) / 1000.0));
    }
  }

  /// The first rank that is not where the one that asks is, in words.
  ///
  /// @param rank that asks, and waits
  String firstThatDiverged(int rank, CollectiveLog log) {
    long here = log.count();
    String kind = log.last().isEmpty() ? "none" : log.last().getLast().kind();
    List<Integer> unseen = new ArrayList<>();
    Optional<Seen> behind = Optional.empty();
    Optional<Seen> other = Optional.empty();
    for (int each = 0; each < size; each++) {
      Optional<Seen> seen = each == rank ? Optional.empty() : seen(each);
      if (each != rank && seen.isEmpty()) {
        unseen.add(each);
      }
      boolean late = seen.isPresent() && seen.get().isBefore(here);
      if (late && (behind.isEmpty() || seen.get().number < behind.get().number)) {
        behind = seen;
      }
      if (other.isEmpty()
          && seen.isPresent()
          && seen.get().number == here
          && !seen.get().kind.equals(kind)) {
        other = seen;
      }
    }
    return said(log.millis(), unseen, behind, other);
  }

  private static String said(
      long now, List<Integer> unseen, Optional<Seen> behind, Optional<Seen> other) {
    if (!unseen.isEmpty()) {
      return "rank %d has left no record".formatted(unseen.getFirst());
    }
    return behind
        .or(() -> other)
        .map(seen -> "rank %d diverged first: it was %s".formatted(seen.rank, seen.tell(now)))
        .orElse(
            "all ranks are in the same collective: look at the network and at stopped processes");
  }

  private Optional<Seen> seen(int rank) {
    try {
      JsonNode root = JSON.readTree(Files.readString(file(rank)));
      JsonNode last = root.path("last").path(root.path("last").size() - 1);
      return Optional.of(
          new Seen(
              rank,
              root.path("collectives").asLong(),
              last.path("kind").asText("none"),
              !last.has("ended"),
              root.path("written").asLong()));
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }
}
