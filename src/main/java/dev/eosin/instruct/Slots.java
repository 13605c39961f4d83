package dev.eosin.instruct;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The places of a template: `{caption}` and `{label}`.
final class Slots {
  static final String CAPTION = "caption";
  static final String LABEL = "label";

  private static final Pattern SLOT = Pattern.compile("\\{([^{}]*)}");
  private static final Set<String> KNOWN = Set.of(CAPTION, LABEL);

  private Slots() {}

  /// The names of a template's places.
  static Set<String> of(String template) {
    Set<String> names = new TreeSet<>();
    SLOT.matcher(template).results().map(found -> found.group(1)).forEach(names::add);
    return names;
  }

  /// @param key of the template, for the message
  /// @return the names of its places
  /// @throws IllegalArgumentException for a blank template, or a place of another name
  static Set<String> checked(String key, String template) {
    if (template.isBlank()) {
      throw new IllegalArgumentException(key + ": is empty, expected a text");
    }
    Set<String> names = of(template);
    for (String name : names) {
      if (!KNOWN.contains(name)) {
        throw new IllegalArgumentException(
            "%s: '%s' has {%s}, expected {caption} or {label}".formatted(key, template, name));
      }
    }
    return names;
  }

  /// @throws IllegalArgumentException for a list that is empty or says something twice
  static List<String> distinct(String key, List<String> templates) {
    if (templates.isEmpty()) {
      throw new IllegalArgumentException(key + ": is empty, expected at least one template");
    }
    Set<String> seen = new TreeSet<>();
    for (String template : templates) {
      if (!seen.add(template)) {
        throw new IllegalArgumentException(key + ": '" + template + "' stands there twice");
      }
    }
    return List.copyOf(templates);
  }

  /// The text of a template about a row, whose text for each place is there.
  static String filled(String template, CaptionRow row) {
    return SLOT.matcher(template).replaceAll(found -> Matcher.quoteReplacement(said(found, row)));
  }

  private static String said(MatchResult found, CaptionRow row) {
    return row.text(found.group(1));
  }
}
