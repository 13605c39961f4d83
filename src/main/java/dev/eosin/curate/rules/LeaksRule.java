package dev.eosin.curate.rules;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.curate.steps.CurationColumns;
import dev.eosin.curate.steps.CurationStep.Leak;
import dev.eosin.curate.steps.CurationStep.Leaks;
import dev.eosin.curate.steps.CurationStep.Shared;
import dev.eosin.prepare.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;

/// Rows of a split that share something with one of a more precious split.
public final class LeaksRule implements KeyedRule {
  private static final int SHOWN = 10;

  private final Leaks rules;
  private final CurationColumns columns;

  /// What of all that rows share is compared here.
  private final LongPredicate own;

  /// For what is shared, the most precious split that has it, and there the first row.
  private final LongTable splits = new LongTable();

  private final LongTable rows = new LongTable();
  private final List<String> shown = new ArrayList<>();
  private int leaks;

  /// @param own whether a key is compared
  LeaksRule(Leaks rules, CurationColumns columns, LongPredicate own) {
    this.own = own;
    this.rules = rules;
    this.columns = columns;
  }

  @Override
  public boolean surveys() {
    return true;
  }

  @Override
  public void survey(Candidate row) throws DataException {
    int split = split(row);
    for (Key key : shared(row)) {
      int before = splits.get(key.hash());
      if (before == LongTable.NONE || split < before) {
        splits.put(key.hash(), split);
        rows.put(key.hash(), row.position());
      }
    }
  }

  @Override
  public List<Long> keys(Candidate row) throws DataException {
    split(row); // which is refused also where the row shares nothing
    return shared(row).stream().map(Key::hash).toList();
  }

  @Override
  public Optional<Finding> find(Candidate row) throws DataException {
    int split = split(row);
    List<Key> keys = shared(row);
    for (int i = 0; i < keys.size(); i++) {
      Key key = keys.get(i);
      int precious = own.test(key.hash()) ? splits.get(key.hash()) : split;
      if (precious < split) {
        String detail =
            "%s has its %s, too, in row %d"
                .formatted(rules.order().get(precious), key.said(), rows.get(key.hash()));
        return Optional.of(new Finding(i, detail));
      }
    }
    return Optional.empty();
  }

  @Override
  public boolean settle(int position, String key, String detail) {
    leaks++;
    if (shown.size() < SHOWN) {
      shown.add("row %d (%s): %s".formatted(position, key, detail));
    }
    return rules.rule() == Leak.DROP;
  }

  @Override
  public Map<String, String> found() throws DataException {
    if (leaks > 0 && rules.rule() == Leak.REFUSE) {
      throw new DataException(
          "%d rows leak between splits; correct %s, or set the rule of leaks to drop:%n  %s%s"
              .formatted(
                  leaks,
                  Quote.of(columns.split().orElse("")),
                  String.join(System.lineSeparator() + "  ", shown),
                  leaks > shown.size() ? "%n  and more".formatted() : ""));
    }
    Map<String, String> found = new LinkedHashMap<>();
    found.put("leaks", Integer.toString(leaks));
    return found;
  }

  private record Key(long hash, String said) {}

  private int split(Candidate row) throws DataException {
    String field = columns.split().orElseThrow();
    String split = Fields.text(row.row(), field, "curate.columns.split").strip();
    int place = rules.order().indexOf(split);
    if (place < 0) {
      throw new DataException(
          "field %s is %s, expected one of %s; correct it, or name it in the order of leaks"
              .formatted(Quote.of(field), Quote.of(split), rules.order()));
    }
    return place;
  }

  private List<Key> shared(Candidate row) throws DataException {
    List<Key> keys = new ArrayList<>();
    for (Shared what : rules.by()) {
      Optional<String> text =
          switch (what) {
            case GROUP -> Optional.of(group(row));
            case CAPTION -> Optional.of(SameRule.plain(row.caption()));
            case FILE -> row.image().map(Prepared.Image::file);
            case PICTURE ->
                row.image()
                    .flatMap(image -> image.picture().stream().min(Long::compare))
                    .map(bits -> Long.toString(bits));
          };
      text.filter(value -> !value.isEmpty())
          .ifPresent(
              value -> {
                String said = what.name().toLowerCase(Locale.ROOT);
                String named = what == Shared.GROUP ? said + " " + Quote.of(value) : said;
                keys.add(new Key(Mixing.of(what.name(), value), named));
              });
    }
    return keys;
  }

  private String group(Candidate row) throws DataException {
    return row.group().isPresent()
        ? row.group().get()
        : Fields.text(
            row.row(), columns.group(), "curate.columns.group, or put a step groups before leaks");
  }
}
