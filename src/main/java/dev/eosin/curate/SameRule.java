package dev.eosin.curate;

import dev.eosin.config.DataException;
import dev.eosin.curate.CurationStep.Sameness;
import dev.eosin.prepare.Fields;
import java.util.Locale;
import java.util.Optional;

/// Rows that are the same as an earlier one, by a text that stands for each.
final class SameRule implements CollectionRule {
  private final CurationColumns columns;
  private final Sameness by;
  private final LongTable seen = new LongTable();

  SameRule(CurationColumns columns, Sameness by) {
    this.columns = columns;
    this.by = by;
  }

  @Override
  public Optional<String> judge(Candidate row) throws DataException {
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
    if (text.isEmpty()) {
      return Optional.empty();
    }
    int before = seen.putIfAbsent(Mixing.of(by.name(), text.get()), row.position());
    return before == LongTable.NONE
        ? Optional.empty()
        : Optional.of(
            "the same %s as row %d".formatted(by.name().toLowerCase(Locale.ROOT), before));
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
