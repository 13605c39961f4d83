package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `type: json`: one array of objects, or an object that has one.
@Doc("A JSON file with an array of objects, one for each image.")
public record JsonSettings(
    @Doc("The file, in UTF-8.") Path path,
    @Doc(
            "The key of the array, where the file is one object; a dot leads into nested ones."
                + " Without it the file is the array.")
        Optional<String> records,
    @Doc("The folder that image paths start from; without it the file's own folder.")
        Optional<Path> images,
    @Doc("Which field holds what.") RowFields fields,
    @Doc("Keeps the records whose fields have these values, for example { split: train }.")
        @OrElse("{}")
        Map<String, String> where,
    @Doc(
            "What each label shows, in the order of the classes; without it the label is the"
                + " text.")
        @OrElse("{}")
        Map<String, String> classNames,
    @Doc("Captions for records without a caption field; {} stands for the class text.")
        @OrElse("[]")
        List<String> templates,
    @Doc(SampleLists.ONLY_DOC) Optional<Path> only,
    @Doc(SampleLists.WITHOUT_DOC) Optional<Path> without,
    @Doc(SampleLists.ID_DOC) Optional<String> id)
    implements SourceSettings {
  /// All rows.
  public JsonSettings(
      Path path,
      Optional<String> records,
      Optional<Path> images,
      RowFields fields,
      Map<String, String> where,
      Map<String, String> classNames,
      List<String> templates) {
    this(
        path,
        records,
        images,
        fields,
        where,
        classNames,
        templates,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// @throws IllegalArgumentException for a template without `{}`, a blank class text, templates
  ///   beside a caption field or without labels
  public JsonSettings {
    where = Collections.unmodifiableMap(new TreeMap<>(where));
    RowRules rules = RowRules.of("fields", fields, classNames, templates);
    classNames = rules.classNames();
    templates = rules.templates();
  }

  public RowRules rules() {
    return RowRules.of("fields", fields, classNames, templates);
  }
}
