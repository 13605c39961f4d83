package dev.eosin.page;

/// HTML that grows. Names of elements and attributes are the program's own; all text and all values
/// are escaped, whoever wrote them, so that no caption, class or file name becomes markup.
public final class Html {
  private final StringBuilder out = new StringBuilder();

  /// An element with text.
  ///
  /// @param attributes names and values by turns
  public static Html of(String element, String text, String... attributes) {
    return new Html().element(element, text, attributes);
  }

  /// Text.
  public Html text(String text) {
    escape(text, out);
    return this;
  }

  /// Begins an element.
  ///
  /// @param attributes names and values by turns
  /// @throws IllegalArgumentException for a name without a value
  public Html open(String element, String... attributes) {
    if (attributes.length % 2 != 0) {
      throw new IllegalArgumentException(element + ": an attribute has no value");
    }
    out.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1], out);
      out.append('"');
    }
    out.append('>');
    return this;
  }

  /// Ends an element.
  public Html close(String element) {
    out.append("</").append(element).append(">");
    return this;
  }

  /// A whole element that holds text alone.
  public Html element(String element, String text, String... attributes) {
    return open(element, attributes).text(text).close(element);
  }

  /// Puts in what is HTML already.
  public Html add(Html other) {
    out.append(other.out);
    return this;
  }

  /// Breaks the line of the source, which browsers show as a space at most.
  public Html line() {
    out.append('\n');
    return this;
  }

  public boolean isEmpty() {
    return out.isEmpty();
  }

  @Override
  public String toString() {
    return out.toString();
  }

  /// Text as HTML shows it. What HTML has no place for, such as a null, is the replacement sign.
  public static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    escape(text, escaped);
    return escaped.toString();
  }

  private static void escape(String text, StringBuilder to) {
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      switch (letter) {
        case '&' -> to.append("&amp;");
        case '<' -> to.append("&lt;");
        case '>' -> to.append("&gt;");
        case '"' -> to.append("&quot;");
        case '\'' -> to.append("&#39;");
        default -> to.append(isSign(letter) ? letter : '\uFFFD');
      }
    }
  }

  private static boolean isSign(char letter) {
    return letter == '\n'
        || letter == '\t'
        || letter == '\r'
        || !(Character.isISOControl(letter) || letter == '\uFFFE' || letter == '\uFFFF');
  }
}
