package dev.eosin.instruct;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.Rows;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.LongStream;

/// What has to be known of all rows before one is prepared: which captions each way draws, and the
/// rows that false statements are taken from. A function of rows, settings and seed.
///
/// @param last the highest rank that a way draws
/// @param drawn how many captions each way draws
/// @param others rows that state something, drawn from all of them
record CaptionSurvey(
    RandomKey key, Map<Way, Long> last, Map<Way, Integer> drawn, List<CaptionRow> others) {
  private static final int MOST_OTHERS = 1_000;

  /// Reads all rows once.
  ///
  /// @throws DataException where a way has no row that serves it, or nothing false can be stated
  static CaptionSurvey of(CaptionInstructionSettings settings, RandomKey key) throws DataException {
    Map<Way, LongStream.Builder> ranks = new EnumMap<>(Way.class);
    settings.ways().forEach(way -> ranks.put(way, LongStream.builder()));
    PriorityQueue<Ranked> others =
        new PriorityQueue<>(Comparator.comparingLong(Ranked::rank).reversed());
    try (Rows rows = Rows.table(settings.path(), settings.key(), settings.where())) {
      for (Optional<Row> next = rows.next(); next.isPresent(); next = rows.next()) {
        Row row = next.get();
        CaptionRow said = read(row, settings);
        if (said.image().isEmpty()) {
          continue;
        }
        for (Way way : settings.ways()) {
          if (settings.serves(said, way)) {
            Objects.requireNonNull(ranks.get(way)).add(rank(key, way.word(), row));
          }
        }
        if (settings.ways().contains(Way.CLOSED) && settings.serves(said, Way.CLOSED)) {
          others.add(new Ranked(rank(key, "other", row), said));
          if (others.size() > MOST_OTHERS) {
            others.remove();
          }
        }
      }
    }
    return drawn(settings, key, ranks, others);
  }

  private record Ranked(long rank, CaptionRow row) {}

  private static CaptionRow read(Row row, CaptionInstructionSettings settings)
      throws DataException {
    try {
      return CaptionRow.of(row, settings);
    } catch (DataException e) {
      throw new DataException(
          "%s, key %s: %s".formatted(row.place(), Quote.of(row.key()), e.getMessage()), e);
    }
  }

  private static CaptionSurvey drawn(
      CaptionInstructionSettings settings,
      RandomKey key,
      Map<Way, LongStream.Builder> ranks,
      PriorityQueue<Ranked> others)
      throws DataException {
    Map<Way, Long> last = new EnumMap<>(Way.class);
    Map<Way, Integer> drawn = new EnumMap<>(Way.class);
    for (Way way : settings.ways()) {
      long[] sorted = Objects.requireNonNull(ranks.get(way)).build().sorted().toArray();
      if (sorted.length == 0) {
        throw new DataException(
            "%s: no row has an image and what '%s' needs; name the right fields, or leave it out"
                .formatted(settings.path(), way.word()));
      }
      int count = Math.min(sorted.length, wanted(settings, way));
      last.put(way, sorted[count - 1]);
      drawn.put(way, (int) Arrays.stream(sorted).filter(rank -> rank <= last.get(way)).count());
    }
    List<CaptionRow> rows =
        others.stream().sorted(Comparator.comparingLong(Ranked::rank)).map(Ranked::row).toList();
    var survey = new CaptionSurvey(key, last, drawn, rows);
    if (settings.ways().contains(Way.CLOSED)) {
      survey.requireOthers(settings, rows);
    }
    return survey;
  }

  private static int wanted(CaptionInstructionSettings settings, Way way) {
    return settings
        .mix()
        .map(
            mix ->
                (int)
                    Math.ceil(
                        Objects.requireNonNull(mix.quotas().get(way)) / settings.expected(way)))
        .map(count -> Math.max(1, count))
        .orElse(Integer.MAX_VALUE);
  }

  private void requireOthers(CaptionInstructionSettings settings, List<CaptionRow> rows)
      throws DataException {
    boolean found =
        settings.closed().orElseThrow().questions().stream()
            .flatMap(question -> Slots.of(question).stream())
            .distinct()
            .anyMatch(slot -> rows.stream().anyMatch(row -> !others(row, slot).isEmpty()));
    if (!found) {
      throw new DataException(
          "%s: closed questions can state nothing false: no two rows of different groups have different texts for %s"
              .formatted(settings.path(), settings.closed().orElseThrow().questions().getFirst()));
    }
  }

  private static long rank(RandomKey key, String purpose, Row row) {
    return key.stream(Purpose.PREPARATION, Row.hash("draw " + purpose), row.hash()).nextLong();
  }

  /// Whether a way draws a row that serves it.
  boolean draws(Way way, Row row) {
    return last.containsKey(way) && rank(key, way.word(), row) <= last.get(way);
  }

  /// A text that is false of a row; empty where there is none.
  Optional<CaptionRow> other(CaptionRow than, String slot, RandomStream random) {
    List<CaptionRow> found = others(than, slot);
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(found.get(random.nextInt(found.size())));
  }

  private List<CaptionRow> others(CaptionRow than, String slot) {
    List<CaptionRow> found = new ArrayList<>();
    for (CaptionRow row : others) {
      if (row.isOther(than, slot)) {
        found.add(row);
      }
    }
    return found;
  }

  /// The ways of a row.
  Set<Way> ways(CaptionInstructionSettings settings, CaptionRow said, Row row) {
    Set<Way> ways = EnumSet.noneOf(Way.class);
    for (Way way : settings.ways()) {
      if (settings.serves(said, way) && draws(way, row)) {
        ways.add(way);
      }
    }
    return ways;
  }
}
