package dev.eosin.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/// Turns one scalar into a Java value; every method throws `IllegalArgumentException` with the
/// problem's message.
record ScalarBinder(Map<String, String> environment) {
  /// Keeps what was found short enough to be quoted in a problem.
  private static final int LONGEST_WRITTEN = 100;

  boolean flag(Tree.Scalar node) {
    if (CoreScalar.of(node) == CoreScalar.FLAG) {
      return node.text().equalsIgnoreCase("true");
    }
    boolean quoted = !node.plain() && CoreScalar.of(node.text()) == CoreScalar.FLAG;
    throw new IllegalArgumentException(
        quoted
            ? "found text in quotes, expected true or false; remove the quotes"
            : node.found() + " is not true or false");
  }

  Object whole(Tree.Scalar node, Shape.Whole shape) {
    refuseQuotes(node, shape);
    long number = Numbers.whole(node.text());
    refuseOutside(node, (double) number, shape.bounds());
    if (shape.wide()) {
      return number;
    }
    if (number != (int) number) {
      throw new IllegalArgumentException(
          node.found() + " is out of range; expected at most " + Integer.MAX_VALUE);
    }
    return (int) number;
  }

  double real(Tree.Scalar node, Shape.Real shape) {
    refuseQuotes(node, shape);
    double number = Numbers.real(node.text());
    refuseOutside(node, number, shape.bounds());
    return number;
  }

  /// Text with its references expanded. A bare number or boolean is refused in a file, where quotes
  /// say that text is meant; a shell eats quotes, so overrides are taken as they are.
  String text(Tree.Scalar node) {
    CoreScalar kind = CoreScalar.of(node);
    if (kind != CoreScalar.TEXT && !(node.place() instanceof Place.CommandLine)) {
      throw new IllegalArgumentException(
          "found " + kind.description() + ", expected text; write \"" + node.text() + "\"");
    }
    return References.expand(node.text(), environment);
  }

  Path location(Tree.Scalar node) {
    String text = text(node);
    if (text.isBlank()) {
      throw new IllegalArgumentException("found an empty text, expected a path");
    }
    if (text.equals("~") || text.startsWith("~/")) {
      throw new IllegalArgumentException("'~' is not expanded; write '${HOME}'");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException invalid) {
      throw new IllegalArgumentException("not a path: " + invalid.getReason(), invalid);
    }
  }

  Object word(Tree.Scalar node, Shape.Words shape) {
    Object constant = shape.constants().get(node.text());
    if (constant == null) {
      Set<String> names = shape.constants().keySet();
      throw new IllegalArgumentException(
          node.found()
              + " is not one of "
              + String.join(", ", names)
              + Nearest.to(node.text(), names)
                  .map(name -> "; did you mean '" + name + "'?")
                  .orElse(""));
    }
    return constant;
  }

  Object written(Tree.Scalar node, Shape.Scalar shape) {
    if (node.text().length() > LONGEST_WRITTEN) {
      throw new IllegalArgumentException(
          "found " + node.found() + ", expected " + shape.expected());
    }
    Object value = parsed(node.text(), shape.type());
    if (value.getClass().isRecord() && value.getClass().getRecordComponents().length == 1) {
      RecordComponent component = value.getClass().getRecordComponents()[0];
      if (Reflection.get(component, value) instanceof Number number) {
        refuseOutside(node, number.doubleValue(), shape.bounds());
      }
    }
    return value;
  }

  private static Object parsed(String text, Class<?> type) {
    try {
      Method parse = type.getDeclaredMethod("parse", String.class);
      parse.setAccessible(true);
      return parse.invoke(null, text);
    } catch (InvocationTargetException failed) {
      throw Reflection.cause(failed);
    } catch (ReflectiveOperationException missing) {
      throw new IllegalStateException(type.getName() + " has no static parse(String)", missing);
    }
  }

  private static void refuseQuotes(Tree.Scalar node, Shape shape) {
    if (!node.plain() && CoreScalar.of(node.text()) == CoreScalar.NUMBER) {
      throw new IllegalArgumentException(
          "found text in quotes, expected " + shape.expected() + "; remove the quotes");
    }
  }

  private static void refuseOutside(Tree.Scalar node, double number, Bounds bounds) {
    if (!bounds.contains(number)) {
      throw new IllegalArgumentException(
          node.found() + " is out of range; expected " + bounds.text());
    }
  }
}
