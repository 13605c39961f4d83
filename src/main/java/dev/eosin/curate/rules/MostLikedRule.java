package dev.eosin.curate.rules;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.curate.steps.CurationStep.MostLiked;
import dev.eosin.prepare.Fields;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Of the answers to one row, the most liked one.
public final class MostLikedRule implements KeyedRule {
  private final MostLiked rules;
  private final WordRule keywords;

  /// Numbers of parents.
  private final LongTable parents = new LongTable();

  private long[] mostLikes = new long[1024];
  private int[] best = new int[1024];
  private int count;

  MostLikedRule(MostLiked rules) {
    this.rules = rules;
    keywords = WordRule.of(rules.keywords());
  }

  @Override
  public boolean surveys() {
    return true;
  }

  @Override
  public void survey(Candidate row) throws DataException {
    String parent = parent(row);
    if (parent.isEmpty() || !hasKeyword(row)) {
      return;
    }
    long likes = likes(row);
    int number = parents.putIfAbsent(key(parent), count);
    if (number == LongTable.NONE) {
      if (count == best.length) {
        mostLikes = Arrays.copyOf(mostLikes, 2 * count);
        best = Arrays.copyOf(best, 2 * count);
      }
      mostLikes[count] = likes;
      best[count++] = row.position();
    } else if (likes > mostLikes[number]) {
      mostLikes[number] = likes;
      best[number] = row.position();
    }
  }

  @Override
  public List<Long> keys(Candidate row) throws DataException {
    String parent = parent(row);
    return parent.isEmpty() ? List.of() : List.of(key(parent));
  }

  private static long key(String parent) {
    return Mixing.of("parent", parent);
  }

  @Override
  public Optional<Finding> find(Candidate row) throws DataException {
    String parent = parent(row);
    if (parent.isEmpty()) {
      return Optional.empty();
    }
    if (!hasKeyword(row)) {
      return found("an answer without a keyword: " + Quote.line(row.caption()));
    }
    int number = parents.get(key(parent));
    return best[number] == row.position()
        ? Optional.empty()
        : found(
            "%d likes; row %d answers %s, too, with %d"
                .formatted(likes(row), best[number], Quote.of(parent), mostLikes[number]));
  }

  private static Optional<Finding> found(String detail) {
    return Optional.of(new Finding(0, detail));
  }

  private String parent(Candidate row) throws DataException {
    return Fields.text(row.row(), rules.parent(), "curate.steps: parent of most-liked").strip();
  }

  private boolean hasKeyword(Candidate row) {
    return keywords.any().isEmpty() || keywords.find(row.caption()).isPresent();
  }

  private long likes(Candidate row) throws DataException {
    String likes =
        Fields.text(row.row(), rules.likes(), "curate.steps: likes of most-liked").strip();
    try {
      return (long) Double.parseDouble(likes);
    } catch (NumberFormatException e) {
      throw new DataException(
          "field %s is %s, expected a number of likes; correct it, or write 0"
              .formatted(Quote.of(rules.likes()), Quote.of(likes)),
          e);
    }
  }
}
