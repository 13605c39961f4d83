package dev.eosin.data.settings;

import dev.eosin.data.Names;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Captions made from class names: each `{}` of a template is replaced by the class's text.
public final class ClassTemplates {
  private static final String HOLE = "{}";

  private ClassTemplates() {}

  /// @throws IllegalArgumentException naming the template that has no `{}`
  public static List<String> checked(String key, List<String> templates) {
    for (String template : templates) {
      if (!template.contains(HOLE)) {
        throw new IllegalArgumentException(
            "%s: '%s' has no {} where the class text belongs".formatted(key, template));
      }
    }
    return List.copyOf(templates);
  }

  /// A copy in the order written, which is the order of the classes.
  ///
  /// @throws IllegalArgumentException naming the label whose text is blank
  static Map<String, String> checkedNames(Map<String, String> classNames) {
    classNames.forEach(
        (label, text) -> {
          if (text.isBlank()) {
            throw new IllegalArgumentException("class-names: '%s' has no text".formatted(label));
          }
        });
    return Collections.unmodifiableMap(new LinkedHashMap<>(classNames));
  }

  /// Names the texts that are nobody's: a misspelt label, or one that this part does not have.
  ///
  /// @param labels that the samples have
  /// @return one line, or none
  public static List<String> strangers(Map<String, String> classNames, Collection<String> labels) {
    List<String> strangers = new ArrayList<>(classNames.keySet());
    strangers.removeAll(labels);
    return strangers.isEmpty()
        ? List.of()
        : List.of(
            "class-names has [%s], which no sample here is labelled as; the labels are [%s]"
                .formatted(Names.of(strangers), Names.of(labels)));
  }

  /// One caption for each template.
  public static List<String> fill(List<String> templates, String classText) {
    return templates.stream().map(template -> template.replace(HOLE, classText)).toList();
  }
}
