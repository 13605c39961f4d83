package dev.eosin.language.chat;

import dev.eosin.config.DataException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A template's source made ready for the library: white space is settled by Jinja's rules, as
/// transformers sets them (`trim_blocks`, `lstrip_blocks`), comments and transformers' own tags are
/// left out, and what would do otherwise in silence is refused.
final class JinjaSource {
  private static final String TEXT_IN_QUOTES = "'(?:\\\\.|[^'\\\\])*'|\"(?:\\\\.|[^\"\\\\])*\"";
  private static final Pattern QUOTED = Pattern.compile(TEXT_IN_QUOTES, Pattern.DOTALL);
  private static final Pattern TAG =
      Pattern.compile(
          "\\{#([-+]?).*?([-+]?)#\\}|\\{([{%])([-+]?)((?:"
              + TEXT_IN_QUOTES
              + "|[^'\"])*?)([-+]?)[}%]\\}",
          Pattern.DOTALL);
  private static final Pattern GENERATION = Pattern.compile("\\s*(?:end)?generation\\s*");
  private static final Pattern RAW = Pattern.compile("\\s*raw\\s*");
  private static final Pattern STRIP = Pattern.compile("\\.strip\\(\\s*\\)");
  private static final Pattern UPPER = Pattern.compile("\\.upper\\(\\s*\\)");
  private static final Pattern METHOD = Pattern.compile("\\.\\s*(\\w+)\\s*\\(");
  private static final Pattern STEP = Pattern.compile("\\[[^\\[\\]]*:[^\\[\\]]*:[^\\[\\]]*\\]");

  /// Methods that do the same to Java's texts and maps as to Python's.
  private static final List<String> METHODS = List.of("replace", "items");

  private final String name;
  private final StringBuilder out = new StringBuilder();
  // What the last tag takes of the text behind it: all white space, or a line break.
  private boolean strips;
  private boolean trims;
  // Whether what comes next begins a line of the source.
  private boolean beginsLine = true;

  private JinjaSource(String name) {
    this.name = name;
  }

  /// @param name for messages
  /// @throws DataException naming what would not do the same here
  static String ported(String name, String source) throws DataException {
    return new JinjaSource(name).port(source);
  }

  private String port(String source) throws DataException {
    String unix = source.replace("\r\n", "\n");
    String text = unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix;
    Matcher tag = TAG.matcher(text);
    int from = 0;
    while (tag.find()) {
      boolean comment = tag.group(3) == null;
      boolean writes = "{".equals(tag.group(3));
      text(text.substring(from, tag.start()), comment ? tag.group(1) : tag.group(4), writes);
      strips = (comment ? tag.group(2) : tag.group(6)).equals("-");
      trims = !writes && (comment ? tag.group(2) : tag.group(6)).isEmpty();
      if (!comment) {
        tag(tag.group(5), writes);
      }
      from = tag.end();
    }
    text(text.substring(from), "", true);
    return out.toString();
  }

  /// @param mark of the tag that follows, + or - or none
  /// @param writes whether that tag writes a value, so that blanks before it are text
  private void text(String text, String mark, boolean writes) {
    String rest = text;
    if (strips) {
      rest = text.stripLeading();
    } else if (trims && text.startsWith("\n")) {
      rest = text.substring(1);
    }
    String taken = text.substring(0, text.length() - rest.length());
    beginsLine = taken.isEmpty() ? beginsLine : taken.endsWith("\n");
    if (mark.equals("-")) {
      rest = rest.stripTrailing();
    } else if (mark.isEmpty() && !writes) {
      int line = rest.lastIndexOf('\n') + 1;
      if ((line > 0 || beginsLine) && rest.substring(line).isBlank()) {
        rest = rest.substring(0, line);
      }
    }
    out.append(rest);
    beginsLine = false;
  }

  private void tag(String code, boolean writes) throws DataException {
    if (!writes && GENERATION.matcher(code).matches()) {
      return;
    }
    if (!writes && RAW.matcher(code).matches()) {
      throw unsupported("raw text");
    }
    // The library takes a minus at a tag's inner edge for its own.
    out.append(writes ? "{{ " : "{% ").append(ported(code)).append(writes ? " }}" : " %}");
  }

  /// Texts in quotes stay as they are.
  private String ported(String code) throws DataException {
    StringBuilder ported = new StringBuilder();
    StringBuilder bare = new StringBuilder();
    Matcher quoted = QUOTED.matcher(code);
    int from = 0;
    while (quoted.find()) {
      String before = filters(code.substring(from, quoted.start()));
      ported.append(before).append(quoted.group());
      bare.append(before).append("''");
      from = quoted.end();
    }
    String rest = filters(code.substring(from));
    requireSame(bare.append(rest).toString());
    return ported.append(rest).toString();
  }

  /// Methods of Python's texts for which Jinja has filters.
  private static String filters(String code) {
    return UPPER.matcher(STRIP.matcher(code).replaceAll("|trim")).replaceAll("|upper");
  }

  private void requireSame(String code) throws DataException {
    Matcher method = METHOD.matcher(code);
    while (method.find()) {
      if (!METHODS.contains(method.group(1))) {
        throw unsupported("the method ." + method.group(1) + "()");
      }
    }
    if (STEP.matcher(code).find()) {
      throw unsupported("a slice with a step");
    }
  }

  private DataException unsupported(String what) {
    return new DataException(
        "%s: the chat template uses %s, which cannot be rendered here; name a built-in template (v1, plain, llama-3, chatml), or write one without it"
            .formatted(name, what));
  }
}
