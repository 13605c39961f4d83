package dev.eosin.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// Reads a recipe's files for [RecipeFile] and merges them.
final class RecipeLoader {
  private static final int MAX_BYTES = 1 << 20;
  private static final String EXTENDS = "extends";
  private static final String KIND = "kind";

  private final Path document;
  private final Map<String, String> environment;
  private final Problems problems;
  private final List<Path> chain = new ArrayList<>();

  RecipeLoader(Path document, Map<String, String> environment) {
    this.document = document;
    this.environment = environment;
    this.problems = new Problems(document);
  }

  Tree.Mapping file(Path file) {
    return text(file, contents(file));
  }

  /// The document `text` over the recipe that it extends.
  Tree.Mapping text(Path file, String text) {
    chain.add(file);
    Tree root = YamlReader.read(text, line -> new Place.Line(file, line), "", problems);
    if (root == null) {
      throw refused(new Place.Whole(file), "", "the file is empty; expected a recipe");
    }
    if (!(root instanceof Tree.Mapping map)) {
      throw refused(root.place(), "", "found " + root.found() + ", expected a map of keys");
    }
    Map<String, Tree.Entry> entries = new LinkedHashMap<>(map.entries());
    Tree.Entry base = entries.remove(EXTENDS);
    Tree.Mapping own = new Tree.Mapping(entries, false, new Place.Line(file, 1));
    return base == null ? own : over(base(file, base.value()), own);
  }

  /// Lays the overrides on top; those that choose a `type` first, outer before inner, so that their
  /// order on the command line does not matter.
  RecipeFile finish(Tree.Mapping root, List<String> overrides) {
    List<KeyValue> parsed =
        overrides.stream()
            .map(text -> KeyValue.parse(text, problems))
            .filter(Objects::nonNull)
            .sorted(
                Comparator.comparingInt(
                    given -> given.isChoice() ? given.path().size() : Integer.MAX_VALUE))
            .toList();
    Overlay overlay = new Overlay(problems);
    Tree.Mapping merged = root;
    for (KeyValue given : parsed) {
      if (overlay.assign(merged, given.tree(), "") instanceof Tree.Mapping assigned) {
        merged = assigned;
      }
    }
    return new RecipeFile(document, merged, problems.list(), environment, chain);
  }

  private Tree.Mapping base(Path file, Tree reference) {
    if (!(reference instanceof Tree.Scalar name) || name.isNull()) {
      throw refused(reference.place(), EXTENDS, "found " + reference.found() + ", expected a file");
    }
    try {
      Path base = file.resolveSibling(References.expand(name.text(), environment)).normalize();
      if (chain.stream().anyMatch(earlier -> same(earlier, base))) {
        throw refused(name.place(), EXTENDS, "'" + name.text() + "' extends itself in a circle");
      }
      if (!Files.exists(base)) {
        throw refused(
            name.place(),
            EXTENDS,
            "no such file " + base + sibling(base) + " (from this file's folder)");
      }
      if (Files.isDirectory(base)) {
        throw refused(name.place(), EXTENDS, base + " is a folder; expected a YAML file");
      }
      return file(base);
    } catch (InvalidPathException invalid) {
      throw refused(name.place(), EXTENDS, "'" + name.text() + "' cannot be a file's name");
    } catch (IllegalArgumentException unset) {
      throw refused(name.place(), EXTENDS, String.valueOf(unset.getMessage()));
    }
  }

  private Tree.Mapping over(Tree.Mapping base, Tree.Mapping own) {
    Tree.Entry before = base.entries().get(KIND);
    Tree.Entry after = own.entries().get(KIND);
    if (before != null && after != null && !before.value().found().equals(after.value().found())) {
      problems.add(
          after.place(),
          KIND,
          after.value().found() + " extends a recipe of another kind, " + before.value().found());
    }
    return Overlay.inherit(base, own) instanceof Tree.Mapping merged ? merged : own;
  }

  private String contents(Path file) {
    byte[] bytes;
    if (Files.isDirectory(file)) {
      throw unread(file, "is a folder; expected a YAML file");
    }
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException missing) {
      throw unread(file, "no such file" + sibling(file));
    } catch (AccessDeniedException denied) {
      throw unread(file, "cannot be read: permission denied");
    } catch (IOException unreadable) {
      throw unread(file, "cannot be read: " + unreadable.getMessage());
    }
    if (bytes.length > MAX_BYTES) {
      throw refused(new Place.Whole(file), "", "larger than 1 MiB; a recipe is a page of YAML");
    }
    return decoded(file, bytes);
  }

  /// The file itself is at fault, whatever it would have said.
  private RecipeException unread(Path file, String problem) {
    problems.add(new Place.Whole(file), "", problem);
    return new RecipeException(document, problems.list(), true);
  }

  private String decoded(Path file, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    if (StandardCharsets.UTF_8.newDecoder().decode(in, out, true).isError()) {
      int line = 1;
      for (int at = 0; at < in.position(); at++) {
        line += bytes[at] == '\n' ? 1 : 0;
      }
      throw refused(
          new Place.Line(file, line),
          "",
          "found the byte 0x%02x, expected UTF-8 text; save the file as UTF-8"
              .formatted(bytes[in.position()] & 0xff));
    }
    String text = out.flip().toString();
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static String sibling(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || file.getFileName() == null) {
      return "";
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names = files.map(path -> path.getFileName().toString()).toList();
      return Nearest.to(file.getFileName().toString(), names)
          .map(name -> "; did you mean '" + name + "'?")
          .orElse("");
    } catch (IOException | UncheckedIOException unreadable) {
      return "";
    }
  }

  private static boolean same(Path one, Path other) {
    return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
  }

  private RecipeException refused(Place place, String key, String message) {
    problems.add(place, key, message);
    return problems.exception();
  }
}
