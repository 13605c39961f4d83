package dev.eosin.data.folders;

import dev.eosin.config.DataException;
import dev.eosin.data.settings.TableFiles;
import dev.eosin.data.shard.PassedOver;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// Lists the folders of classes and the images in and below them. Hidden files and folders, such as
/// `.ipynb_checkpoints`, are passed over at any depth, and so is what has another ending; all of it
/// is counted.
public final class ClassFolders {
  private static final String HIDDEN_FILE = "that are hidden";
  private static final String HIDDEN_FOLDER = "that are hidden, with everything in them";

  private final Path root;
  private final List<String> extensions;
  private final String companion;
  private final Set<String> companions = new HashSet<>();
  private final PassedOver.Tally files = new PassedOver.Tally();
  private final PassedOver.Tally folders = new PassedOver.Tally();

  /// @param extensions endings of images, in small letters
  public ClassFolders(Path root, List<String> extensions) {
    this(root, extensions, "");
  }

  /// As above, with files that belong to images.
  ///
  /// @param companion their ending, in small letters; none where it is empty
  ClassFolders(Path root, List<String> extensions, String companion) {
    this.root = root;
    this.extensions = extensions;
    this.companion = companion;
  }

  /// The companions that were met so far, as paths from the root with `/`.
  Set<String> companions() {
    return Collections.unmodifiableSet(companions);
  }

  /// The names of the folders of classes, sorted.
  ///
  /// @throws DataException when the root is missing or cannot be listed
  List<String> labels() throws DataException {
    TableFiles.checkFolder(root);
    List<String> labels = new ArrayList<>();
    try (Stream<Path> entries = Files.list(root)) {
      for (Path entry : entries.sorted().toList()) {
        String name = name(entry);
        boolean folder = Files.isDirectory(entry);
        if (PassedOver.isHidden(name)) {
          (folder ? folders : files).add(folder ? HIDDEN_FOLDER : HIDDEN_FILE, entry.toString());
        } else if (folder) {
          labels.add(name);
        } else {
          files.add("beside the folders of classes", entry.toString());
        }
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException | UncheckedIOException e) {
      throw unlistable(root, e);
    }
    return labels.stream().sorted().toList();
  }

  /// The images of a class, as paths from the root with `/`, sorted.
  ///
  /// @throws DataException when a folder cannot be listed
  public List<String> images(String label) throws DataException {
    Path folder = root.resolve(label);
    List<String> names = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path entry, BasicFileAttributes attributes) {
              if (!entry.equals(folder) && isHidden(entry)) {
                folders.add(HIDDEN_FOLDER, entry.toString());
                return FileVisitResult.SKIP_SUBTREE;
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path entry, BasicFileAttributes attributes)
                throws DataException {
              visit(entry, attributes, names);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw unlistable(folder, e);
    }
    names.sort(null);
    return names;
  }

  private void visit(Path entry, BasicFileAttributes attributes, List<String> names)
      throws DataException {
    String name = name(entry).toLowerCase(Locale.ROOT);
    if (PassedOver.isHidden(name)) {
      files.add(HIDDEN_FILE, entry.toString());
    } else if (!companion.isEmpty() && name.endsWith("." + companion)) {
      companions.add(fromRoot(entry));
    } else if (extensions.stream().noneMatch(ending -> name.endsWith("." + ending))) {
      files.add(PassedOver.endingOf(name), entry.toString());
    } else if (!attributes.isRegularFile()) {
      files.add("that are no regular files", entry.toString());
    } else {
      names.add(fromRoot(entry));
    }
  }

  private String fromRoot(Path entry) {
    return root.relativize(entry).toString().replace('\\', '/');
  }

  /// The name as text, from which the path can be made again: names in another encoding cannot.
  private static String name(Path entry) throws DataException {
    String name = String.valueOf(entry.getFileName());
    try {
      if (entry.resolveSibling(name).equals(entry)) {
        return name;
      }
    } catch (InvalidPathException unmappable) {
      // Told below.
    }
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    throw new DataException(
        "%s: the name cannot be read as %s; %s"
            .formatted(
                entry,
                encoding,
                encoding.equalsIgnoreCase("UTF-8")
                    ? "rename it, for example with convmv -f latin1 -t utf8"
                    : "start through ./eosin, or set LC_ALL=C.UTF-8"));
  }

  private static boolean isHidden(Path entry) {
    return PassedOver.isHidden(String.valueOf(entry.getFileName()));
  }

  /// What was passed over so far, one line for each reason.
  public List<String> passedOver() {
    return Stream.concat(folders.lines("folder").stream(), files.lines("file").stream()).toList();
  }

  private static DataException unlistable(Path folder, Exception e) {
    return new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
  }
}
