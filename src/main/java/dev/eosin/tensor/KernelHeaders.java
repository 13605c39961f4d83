package dev.eosin.tensor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the headers of the kernels in one source file. A line that is neither a comment nor part
/// of a header nor of a kernel's body is an error, never passed over.
final class KernelHeaders {
  private static final Pattern HEADER =
      Pattern.compile("  def ([a-z_][a-z0-9_]*)\\(\\s*self\\s*(?:,(.*))?\\)\\s*->\\s*(.+?)\\s*:");
  private static final Pattern PARAMETER = Pattern.compile("([A-Za-z_]\\w*)\\s*:\\s*(.+)");
  private static final Pattern GENERIC = Pattern.compile("(Optional|Tuple)\\s*\\[(.*)\\]");
  private static final Pattern NESTED = Pattern.compile("\\s*(def|class)\\b.*");
  private static final String BODY = "    ";

  private final KernelSource source;
  private final List<String> lines;
  private final List<KernelSignature> found = new ArrayList<>();
  private int at;

  private KernelHeaders(KernelSource source) {
    this.source = source;
    this.lines = source.text().lines().map(KernelHeaders::uncommented).toList();
  }

  /// In the order of the file.
  ///
  /// @throws IOException naming file and line of what cannot be read
  static List<KernelSignature> read(KernelSource source) throws IOException {
    var headers = new KernelHeaders(source);
    for (; headers.at < headers.lines.size(); headers.at++) {
      headers.readLine();
    }
    return headers.found;
  }

  private static String uncommented(String line) {
    return line.replaceAll("(^|\\s+)#.*$", "").stripTrailing();
  }

  private void readLine() throws IOException {
    String line = lines.get(at);
    if (line.startsWith("  def ")) {
      readHeader();
    } else if (!line.isEmpty()
        && (!line.startsWith(BODY) || found.isEmpty() || NESTED.matcher(line).matches())) {
      throw problem(at, line, "expected '  def name(self, ...) -> type:' or a line of its body");
    }
  }

  private void readHeader() throws IOException {
    int first = at;
    var header = new StringBuilder(lines.get(at));
    while (depth(header) > 0 && at + 1 < lines.size()) {
      at++;
      header.append(' ').append(lines.get(at).strip());
    }
    Matcher matcher = HEADER.matcher(header);
    if (!matcher.matches()) {
      throw problem(first, lines.get(first), "expected '  def name(self, ...) -> type:'");
    }
    var parameters = new ArrayList<KernelSignature.Declared>();
    String declared = matcher.group(2);
    for (String parameter : declared == null ? List.<String>of() : split(declared)) {
      Matcher parts = PARAMETER.matcher(parameter);
      if (!parts.matches()) {
        throw problem(first, parameter, "expected 'name: type' for each parameter");
      }
      parameters.add(new KernelSignature.Declared(parts.group(1), type(first, parts.group(2))));
    }
    KernelType result = type(first, matcher.group(3));
    found.add(new KernelSignature(matcher.group(1), List.copyOf(parameters), result));
  }

  private KernelType type(int line, String written) throws IOException {
    String compact = written.replaceAll("\\s+", "");
    for (KernelType.Plain plain : KernelType.Plain.values()) {
      if (plain.toString().equals(compact)) {
        return plain;
      }
    }
    Matcher generic = GENERIC.matcher(compact);
    if (!generic.matches()) {
      throw problem(
          line,
          written,
          "expected one of %s, Optional[...], Tuple[...]"
              .formatted(List.of(KernelType.Plain.values())));
    }
    var inner = new ArrayList<KernelType>();
    for (String part : split(generic.group(2))) {
      inner.add(type(line, part));
    }
    if (generic.group(1).equals("Tuple")) {
      return new KernelType.TupleOf(List.copyOf(inner));
    }
    if (inner.size() != 1) {
      throw problem(line, written, "expected one type in Optional[...]");
    }
    return new KernelType.OptionalOf(inner.getFirst());
  }

  /// At the commas outside brackets; one after the last part is allowed.
  private static List<String> split(String text) {
    var parts = new ArrayList<String>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      depth += step(text.charAt(i));
      if (depth == 0 && text.charAt(i) == ',') {
        parts.add(text.substring(start, i).strip());
        start = i + 1;
      }
    }
    String last = text.substring(start).strip();
    if (!last.isEmpty()) {
      parts.add(last);
    }
    return parts;
  }

  private static int depth(CharSequence text) {
    return text.chars().map(character -> step((char) character)).sum();
  }

  private static int step(char character) {
    return switch (character) {
      case '(', '[' -> 1;
      case ')', ']' -> -1;
      default -> 0;
    };
  }

  private IOException problem(int line, String found, String expected) {
    return new IOException(
        "src/main/torchscript/%s, line %d: '%s' cannot be read as a kernel; %s"
            .formatted(source.file(), line + 1, found.strip(), expected));
  }
}
