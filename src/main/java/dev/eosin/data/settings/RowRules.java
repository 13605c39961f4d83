package dev.eosin.data.settings;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What every row of a table must have, and the captions that come from its label.
///
/// @param captions whether rows bring captions
/// @param labels whether rows bring a label
/// @param groups whether rows bring a group
/// @param classNames the text of each label, in the order of the classes; empty where the labels
///   are the texts
/// @param templates captions for rows without any
/// @param textAlone whether a row may be without an image
public record RowRules(
    boolean captions,
    boolean labels,
    boolean groups,
    Map<String, String> classNames,
    List<String> templates,
    boolean textAlone) {

  /// Every row has an image.
  public RowRules(
      boolean captions,
      boolean labels,
      boolean groups,
      Map<String, String> classNames,
      List<String> templates) {
    this(captions, labels, groups, classNames, templates, false);
  }

  /// @param fields the name of the settings that name the fields: `columns`, `fields`
  /// @throws IllegalArgumentException for a template without `{}`, a blank class text, templates
  ///   beside captions or without labels
  static RowRules checked(
      String fields,
      boolean captions,
      boolean labels,
      boolean groups,
      Map<String, String> classNames,
      List<String> templates) {
    if (captions && !templates.isEmpty()) {
      throw new IllegalArgumentException(
          "templates: captions come from %s.caption already; remove one of the two"
              .formatted(fields));
    }
    if (!labels && !(templates.isEmpty() && classNames.isEmpty())) {
      throw new IllegalArgumentException(
          fields + ": 'label' is missing, and templates and class-names need it");
    }
    return new RowRules(
        captions,
        labels,
        groups,
        ClassTemplates.checkedNames(classNames),
        ClassTemplates.checked("templates", templates));
  }

  /// @throws IllegalArgumentException for captions made of labels beside questions
  static void refuseTemplates(
      String fields, Optional<QuestionFields> questions, List<String> templates) {
    if (questions.isPresent() && !templates.isEmpty()) {
      throw new IllegalArgumentException(
          "templates: they make captions, and rows are questions by %s.question; remove one of the two"
              .formatted(fields));
    }
  }

  /// @param fields the name of the settings that `names` are: `columns`, `fields`
  /// @throws IllegalArgumentException as for [#checked]
  public static RowRules of(
      String fields, RowFields names, Map<String, String> classNames, List<String> templates) {
    refuseTemplates(fields, names.questions(), templates);
    return checked(
        fields,
        names.caption().isPresent(),
        names.label().isPresent(),
        names.group().isPresent(),
        classNames,
        templates);
  }

  /// The text of each class.
  ///
  /// @param seen the labels of the rows, sorted
  public Map<String, String> classTexts(Set<String> seen) {
    if (!classNames.isEmpty()) {
      return classNames;
    }
    Map<String, String> texts = new LinkedHashMap<>();
    seen.forEach(label -> texts.put(label, label));
    return Collections.unmodifiableMap(texts);
  }
}
