package dev.eosin.data.settings;

import dev.eosin.config.DataException;
import dev.eosin.data.Names;
import dev.eosin.data.OneLine;
import dev.eosin.data.shard.PassedOver;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a recipe's `path` of shards stands for.
public final class ShardPaths {
  private static final int MOST = 1_000_000;
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+://");
  private static final Pattern RANGE =
      Pattern.compile("(?<from>\\d{1,9})\\.\\.(?<to>\\d{1,9})(\\.\\.(?<step>\\d{1,9}))?");

  private static final String SHARD = ".tar";

  /// Files that Eosin itself writes beside shards.
  private static final Pattern OWN =
      Pattern.compile(".*\\.eosin-index|pack\\.json|\\..*\\.used|\\.locks");

  private ShardPaths() {}

  /// Replaces braces as a shell does: `{0000..0127}` (zero-padded where an end is), `{0..9..3}` and
  /// `{a,b}`, also nested; `::` joins several.
  ///
  /// @throws IllegalArgumentException naming the field `path`
  public static List<String> expand(String path) {
    List<String> all = new ArrayList<>();
    for (String each : path.split("::", -1)) {
      if (each.isBlank()) {
        throw new IllegalArgumentException("path: found an empty text, expected shards");
      }
      requireReadable(each);
      all.addAll(braces(each));
    }
    return all;
  }

  private static void requireReadable(String each) {
    String supported =
        "supported are files, folders, patterns and, with 'cache', addresses at http:// and https://";
    if (each.startsWith("pipe:")) {
      throw new IllegalArgumentException(
          "path: '%s' is a command, and no command is run; %s: download the shards first"
              .formatted(Names.cut(each), supported));
    }
    if (SCHEME.matcher(each).lookingAt() && !isRemote(each)) {
      throw new IllegalArgumentException(
          "path: '%s' lies where nothing can be read from; %s: download the shards first, or sign http addresses of them (aws s3 presign)"
              .formatted(Names.cut(each), supported));
    }
  }

  private static List<String> braces(String text) {
    int open = text.indexOf('{');
    if (open < 0) {
      return List.of(text);
    }
    int close = closing(text, open);
    List<String> all = new ArrayList<>();
    List<String> rests = braces(text.substring(close + 1));
    for (String middle : alternatives(text.substring(open + 1, close))) {
      if ((long) all.size() + rests.size() > MOST) {
        throw new IllegalArgumentException("path: the braces stand for more than a million shards");
      }
      rests.forEach(rest -> all.add(text.substring(0, open) + middle + rest));
    }
    return all;
  }

  private static int closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    throw new IllegalArgumentException("path: '%s' has a { without its }".formatted(text));
  }

  private static List<String> alternatives(String inside) {
    Matcher range = RANGE.matcher(inside);
    if (range.matches()) {
      return range(range);
    }
    List<String> all = new ArrayList<>();
    int start = 0;
    int depth = 0;
    for (int i = 0; i < inside.length(); i++) {
      char c = inside.charAt(i);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (c == ',' && depth == 0) {
        all.addAll(braces(inside.substring(start, i)));
        start = i + 1;
      }
    }
    if (start == 0) {
      throw new IllegalArgumentException(
          "path: {%s} is neither a range such as {000..127} nor a list such as {a,b}"
              .formatted(inside));
    }
    all.addAll(braces(inside.substring(start)));
    return all;
  }

  private static List<String> range(Matcher range) {
    String from = range.group("from");
    String to = range.group("to");
    boolean padded = isPadded(from) || isPadded(to);
    String format = padded ? "%0" + Math.max(from.length(), to.length()) + "d" : "%d";
    int first = Integer.parseInt(from);
    int last = Integer.parseInt(to);
    int step = range.group("step") == null ? 1 : Integer.parseInt(range.group("step"));
    if (step == 0 || Math.abs(last - first) / step >= MOST) {
      throw new IllegalArgumentException(
          "path: {%s} stands for more than a million shards".formatted(range.group()));
    }
    List<String> all = new ArrayList<>();
    int sign = first <= last ? step : -step;
    for (int i = 0; i <= Math.abs(last - first) / step; i++) {
      all.add(format.formatted(first + i * sign));
    }
    return all;
  }

  private static boolean isPadded(String digits) {
    return digits.length() > 1 && digits.startsWith("0");
  }

  /// Whether a shard is an address.
  public static boolean isRemote(String shard) {
    return shard.startsWith("http://") || shard.startsWith("https://");
  }

  /// The files and addresses that `path` stands for, in its order; those of a folder or with `*` by
  /// name.
  ///
  /// @throws DataException when a folder or pattern has no shard
  public static List<String> shards(String path) throws DataException {
    List<String> shards = new ArrayList<>();
    for (String each : expand(path)) {
      if (isRemote(each)) {
        shards.add(each);
      } else {
        files(each).forEach(file -> shards.add(file.toString()));
      }
    }
    return shards;
  }

  /// The files that lie in the folders of `path` and are no shards, one line for each kind.
  ///
  /// @throws DataException when a folder cannot be listed
  public static List<String> otherFiles(String path) throws DataException {
    PassedOver.Tally others = new PassedOver.Tally();
    for (String each : expand(path)) {
      if (!isRemote(each) && Files.isDirectory(path(each))) {
        for (Path file : matching(path(each), "*")) {
          String name = String.valueOf(file.getFileName());
          if (!name.endsWith(SHARD) && !OWN.matcher(name).matches()) {
            others.add(
                Files.isDirectory(file) ? "that are folders" : PassedOver.endingOf(name),
                file.toString());
          }
        }
      }
    }
    return others.lines("file");
  }

  /// @throws DataException naming a text that no path may be
  public static Path path(String text) throws DataException {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new DataException(
          "%s: cannot be a path (%s)".formatted(OneLine.of(text), e.getReason()), e);
    }
  }

  private static List<Path> files(String each) throws DataException {
    Path file = path(each);
    if (Files.isDirectory(file)) {
      return matching(file, "*" + SHARD);
    }
    return each.contains("*") || each.contains("?")
        ? matching(file.resolveSibling(""), String.valueOf(file.getFileName()))
        : List.of(file);
  }

  private static List<Path> matching(Path folder, String pattern) throws DataException {
    Path listed = folder.toString().isEmpty() ? Path.of(".") : folder;
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(listed, pattern)) {
      entries.forEach(entry -> found.add(folder.resolve(entry.getFileName())));
    } catch (IOException | DirectoryIteratorException e) {
      throw new DataException(
          "%s: cannot be listed: %s".formatted(listed, AtomicFile.reason(e)), e);
    }
    if (found.isEmpty()) {
      throw new DataException("%s: no shard here is named %s".formatted(listed, pattern));
    }
    return found.stream().sorted().toList();
  }
}
