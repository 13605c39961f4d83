package dev.eosin.config;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// The reference page of a recipe as Markdown: one table per record, generated from the records so
/// that it cannot drift from them.
public final class Reference {
  private final StringBuilder out = new StringBuilder();
  private final Deque<Shape> open = new ArrayDeque<>();
  private final Set<Shape> seen = new HashSet<>();

  private Reference() {}

  /// The tables of `type` and of every record within, without a heading above them.
  public static String markdown(Class<?> type) {
    Reference reference = new Reference();
    switch (Shape.of(type, Bounds.NONE)) {
      case Shape.Choice kinds -> reference.variants(kinds, Binder.KIND, "## ");
      case Shape root -> reference.later(root);
    }
    while (!reference.open.isEmpty()) {
      reference.section(reference.open.removeFirst());
    }
    return reference.out.toString();
  }

  private void section(Shape shape) {
    if (shape instanceof Shape.Choice choice) {
      out.append("## ").append(Names.section(choice.type())).append("\n\n");
      doc(choice.type());
      variants(choice, Overlay.TYPE, "### ");
    } else if (shape instanceof Shape.Fields fields) {
      out.append("## ").append(Names.section(fields.type())).append("\n\n");
      doc(fields.type());
      table(fields);
    }
  }

  private void variants(Shape.Choice choice, String selector, String heading) {
    choice
        .variants()
        .forEach(
            (name, fields) -> {
              out.append(heading).append('`').append(selector).append(": ").append(name);
              out.append("`\n\n");
              doc(fields.type());
              table(fields);
            });
  }

  private void doc(Class<?> type) {
    Doc doc = type.getAnnotation(Doc.class);
    if (doc != null) {
      out.append(doc.value()).append("\n\n");
    }
  }

  private void table(Shape.Fields fields) {
    List<Field> keys = fields.list();
    if (keys.isEmpty()) {
      out.append("No further keys.\n\n");
      return;
    }
    out.append("| Key | Value | Default | Meaning |\n|---|---|---|---|\n");
    for (Field field : keys) {
      String standing = field.orElse().map(Reference::code).orElse("");
      String otherwise = field.required() ? "required" : standing.isEmpty() ? "none" : standing;
      String further = field.orWritten().map(form -> " or " + code(form.example())).orElse("");
      row(code(field.name()), label(field.shape()) + further, otherwise, field.doc());
    }
    out.append('\n');
  }

  private void row(String... cells) {
    out.append('|');
    for (String cell : cells) {
      out.append(' ').append(cell.replace("|", "\\|")).append(" |");
    }
    out.append('\n');
  }

  private String label(Shape shape) {
    return switch (shape) {
      case Shape.Flag() -> "`true` or `false`";
      case Shape.Whole(boolean wide, Bounds bounds) -> bounded("whole number", bounds);
      case Shape.Real(Bounds bounds) -> bounded("number", bounds);
      case Shape.Text() -> "text";
      case Shape.Location() -> "path";
      case Shape.Words words ->
          words.constants().keySet().stream()
              .map(Reference::code)
              .collect(Collectors.joining(", "));
      case Shape.Scalar(Class<?> type, Bounds bounds) -> bounded(scalar(type), bounds);
      case Shape.Maybe(Shape inner) -> label(inner);
      case Shape.Sequence(Shape item) -> "list of " + label(item);
      case Shape.Table(Shape item) -> "map of " + label(item);
      case Shape.Fields fields ->
          fields.bare().map(field -> label(field.shape()) + " or ").orElse("")
              + link(fields.type(), shape);
      case Shape.Choice(Class<?> type) -> link(type, shape);
    };
  }

  private String link(Class<?> type, Shape shape) {
    later(shape);
    String name = Names.section(type);
    return "[" + name + "](#" + name.toLowerCase(Locale.ROOT) + ")";
  }

  private void later(Shape shape) {
    if (seen.add(shape)) {
      open.addLast(shape);
    }
  }

  private static String scalar(Class<?> type) {
    WrittenAs form = new Shape.Scalar(type, Bounds.NONE).form();
    return "e.g. " + code(String.join("` or `", form.example()));
  }

  private static String bounded(String label, Bounds bounds) {
    return bounds.text().isEmpty() ? label : label + ", " + bounds.text();
  }

  private static String code(String text) {
    return "`" + text + "`";
  }
}
