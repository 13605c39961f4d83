package dev.eosin.curate.rules;

import dev.eosin.config.DataException;
import dev.eosin.curate.steps.CurationColumns;
import dev.eosin.curate.steps.CurationStep.Sameness;
import dev.eosin.prepare.Fields;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Rows that are the same as an earlier one, by a text that stands for each.
public final class SameRule implements KeyedRule {
  private final CurationColumns columns;
  private final Sameness by;
  private final LongTable seen = new LongTable();

  SameRule(CurationColumns columns, Sameness by) {
    this.columns = columns;
    this.by = by;
  }

  @Override
  public List<Long> keys(Candidate row) throws DataException {
    Optional<String> text =
        switch (by) {
          case CAPTION -> Optional.of(plain(row.caption())).filter(caption -> !caption.isEmpty());
          case PAIR ->
              Optional.of(
                  Fields.text(row.row(), columns.image(), "curate.columns.image")
                      + '\0'
                      + row.caption());
          case FILE -> row.image().map(Prepared.Image::file).filter(digest -> !digest.isEmpty());
          case PICTURE -> Optional.empty();
        };
    return text.map(value -> Mixing.of(by.name(), value)).stream().toList();
  }

  @Override
  public Optional<Finding> find(Candidate row) throws DataException {
    for (long key : keys(row)) {
      int before = seen.putIfAbsent(key, row.position());
      if (before != LongTable.NONE) {
        String what = by.name().toLowerCase(Locale.ROOT);
        return Optional.of(new Finding(0, "the same %s as row %d".formatted(what, before)));
      }
    }
    return Optional.empty();
  }

  /// A caption's letters and digits in small letters, with one blank between its words.
  static String plain(String caption) {
    StringBuilder plain = new StringBuilder(caption.length());
    boolean gap = false;
    for (int i = 0; i < caption.length(); i++) {
      char letter = caption.charAt(i);
      if (Character.isLetterOrDigit(letter) || Character.isSurrogate(letter)) {
        if (gap && !plain.isEmpty()) {
          plain.append(' ');
        }
        plain.append(Character.toLowerCase(letter));
        gap = false;
      } else {
        gap = true;
      }
    }
    return plain.toString();
  }
}
