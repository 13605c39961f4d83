package dev.eosin.data;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.ImageDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The images in and below one folder for each class, sorted by class and path.
final class FolderSource implements Source {
  private final FolderSettings settings;
  private final ImageDecoder decoder;
  private final List<String> labels;
  private final long[] firstOfClass;
  private final PackedNames files;
  private final Map<String, String> classTexts;
  private final String fingerprint;

  private FolderSource(
      FolderSettings settings,
      ImageDecoder decoder,
      List<String> labels,
      long[] firstOfClass,
      PackedNames files) {
    this.settings = settings;
    this.decoder = decoder;
    this.labels = labels;
    this.firstOfClass = firstOfClass;
    this.files = files;
    this.classTexts = classTexts(settings, labels);
    this.fingerprint = files.addTo(new Fingerprint().add("folder")).hex();
  }

  /// Lists all files.
  ///
  /// @throws DataException when the folder is missing, has no class folders, a class folder has no
  ///   images, or `class-names` lacks a folder
  static FolderSource open(FolderSettings settings, ImageDecoder decoder) throws DataException {
    List<String> labels = classFolders(settings);
    long[] firstOfClass = new long[labels.size()];
    PackedNames.Builder files = new PackedNames.Builder();
    for (int c = 0; c < labels.size(); c++) {
      firstOfClass[c] = files.count();
      images(settings, labels.get(c)).forEach(files::add);
    }
    return new FolderSource(settings, decoder, labels, firstOfClass, files.build());
  }

  @Override
  public long size() {
    return files.count();
  }

  @Override
  public Sample get(long index) {
    String file = files.get(Math.toIntExact(index));
    String label = labels.get(classOf(index));
    return new Sample(
        file,
        EncodedImage.file(settings.path().resolve(file), decoder),
        Caption.equal(
            ClassTemplates.fill(settings.templates(), classTexts.getOrDefault(label, label))),
        Optional.of(label),
        Optional.empty());
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public Map<String, String> classTexts() {
    return classTexts;
  }

  private int classOf(long index) {
    int c = 0;
    while (c + 1 < firstOfClass.length && firstOfClass[c + 1] <= index) {
      c++;
    }
    return c;
  }

  private static Map<String, String> classTexts(FolderSettings settings, List<String> labels) {
    if (!settings.classNames().isEmpty()) {
      return settings.classNames();
    }
    Map<String, String> texts = new LinkedHashMap<>();
    labels.forEach(label -> texts.put(label, label));
    return Collections.unmodifiableMap(texts);
  }

  private static List<String> classFolders(FolderSettings settings) throws DataException {
    Path root = settings.path();
    if (!Files.isDirectory(root)) {
      throw new DataException(
          "%s: no such folder (a relative path starts from the working folder %s)"
              .formatted(root, Path.of("").toAbsolutePath()));
    }
    List<String> labels = new ArrayList<>();
    try (Stream<Path> entries = Files.list(root)) {
      entries
          .filter(Files::isDirectory)
          .map(entry -> root.relativize(entry).toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .forEach(labels::add);
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(root + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
    checkLabels(settings, labels);
    return List.copyOf(labels);
  }

  private static void checkLabels(FolderSettings settings, List<String> labels)
      throws DataException {
    if (labels.isEmpty()) {
      throw new DataException(
          settings.path() + ": holds no folders; it should hold one folder of images a class");
    }
    List<String> nameless = new ArrayList<>(labels);
    nameless.removeAll(settings.classNames().keySet());
    if (!settings.classNames().isEmpty() && !nameless.isEmpty()) {
      throw new DataException(
          "%s: class-names has no text for the folder(s) %s; it names %s"
              .formatted(settings.path(), nameless, settings.classNames().keySet()));
    }
  }

  private static List<String> images(FolderSettings settings, String label) throws DataException {
    Path folder = settings.path().resolve(label);
    List<String> names = new ArrayList<>();
    try (Stream<Path> entries = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      entries
          .filter(entry -> isImage(settings, entry) && Files.isRegularFile(entry))
          .map(entry -> settings.path().relativize(entry).toString().replace('\\', '/'))
          .sorted()
          .forEach(names::add);
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(folder + ": cannot be listed: " + AtomicFile.reason(e), e);
    }
    if (names.isEmpty()) {
      throw new DataException(
          "%s: holds no file that ends in one of %s (extensions)"
              .formatted(folder, settings.extensions()));
    }
    return names;
  }

  private static boolean isImage(FolderSettings settings, Path entry) {
    String name = String.valueOf(entry.getFileName()).toLowerCase(Locale.ROOT);
    return !name.startsWith(".")
        && settings.extensions().stream().anyMatch(ending -> name.endsWith("." + ending));
  }
}
