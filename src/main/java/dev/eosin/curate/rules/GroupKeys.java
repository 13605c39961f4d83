package dev.eosin.curate.rules;

import dev.eosin.config.DataException;
import dev.eosin.curate.steps.CurationColumns;
import dev.eosin.curate.steps.CurationStep.Groups;
import dev.eosin.prepare.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What joins rows to groups, and what a group is called.
public final class GroupKeys implements SpreadStep {
  private final Groups rules;
  private final String image;
  private final Optional<Pattern> pattern;
  private final Set<String> unknown;

  GroupKeys(Groups rules, CurationColumns columns) {
    this.rules = rules;
    this.image = columns.image();
    pattern = rules.pattern().map(Pattern::compile);
    unknown =
        rules.unknown().stream()
            .map(text -> text.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /// Rows with a common key are of one group.
  ///
  /// @throws DataException when the row lacks a field
  public List<Long> of(Candidate row) throws DataException {
    List<Long> keys = new ArrayList<>();
    for (String field : rules.by()) {
      value(row, field).ifPresent(value -> keys.add(Mixing.of(field, value)));
    }
    String name = image(row);
    if (rules.images() && !name.isEmpty()) {
      keys.add(Mixing.of("\0image", name));
    }
    found(name).ifPresent(part -> keys.add(Mixing.of("\0pattern", part)));
    return keys;
  }

  /// What the group is called whose first row this is: its first value, or the row's key.
  ///
  /// @throws DataException when the row lacks a field
  public String name(Candidate row) throws DataException {
    String name = found(image(row)).orElse(row.row().key());
    for (String field : rules.by().reversed()) {
      name = value(row, field).orElse(name);
    }
    return name;
  }

  private String image(Candidate row) throws DataException {
    return Fields.text(row.row(), image, "curate.columns.image").strip();
  }

  /// What the pattern finds in an image's name.
  private Optional<String> found(String name) {
    return pattern
        .map(expression -> expression.matcher(name))
        .filter(Matcher::find)
        .flatMap(match -> Optional.ofNullable(match.group(1)))
        .filter(part -> !part.isEmpty());
  }

  private Optional<String> value(Candidate row, String field) throws DataException {
    String text = Fields.text(row.row(), field, "curate.steps: by of groups").strip();
    return unknown.contains(text.toLowerCase(Locale.ROOT)) ? Optional.empty() : Optional.of(text);
  }
}
