package dev.eosin.config;

import java.util.regex.Pattern;

/// What a scalar is in YAML 1.2's core schema, where `no` and `yes` are text; underscores may group
/// the digits of a number.
enum CoreScalar {
  NULL("no value"),
  FLAG("a true or false"),
  NUMBER("a number"),
  TEXT("text");

  private static final Pattern NULLS = Pattern.compile("|~|null|Null|NULL");
  private static final Pattern FLAGS = Pattern.compile("true|True|TRUE|false|False|FALSE");
  private static final Pattern NUMBERS =
      Pattern.compile(
          "[-+]?(\\.[0-9]+|[0-9][0-9_]*(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"
              + "|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

  private final String description;

  CoreScalar(String description) {
    this.description = description;
  }

  String description() {
    return description;
  }

  static CoreScalar of(Tree.Scalar scalar) {
    return scalar.plain() ? of(scalar.text()) : TEXT;
  }

  static CoreScalar of(String plainText) {
    if (NULLS.matcher(plainText).matches()) {
      return NULL;
    }
    if (FLAGS.matcher(plainText).matches()) {
      return FLAG;
    }
    return NUMBERS.matcher(plainText).matches() ? NUMBER : TEXT;
  }
}
