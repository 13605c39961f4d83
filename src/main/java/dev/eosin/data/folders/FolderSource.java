package dev.eosin.data.folders;

import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.EncodedImage;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Names;
import dev.eosin.data.PackedNames;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SamplePlace;
import dev.eosin.data.Source;
import dev.eosin.data.settings.ClassTemplates;
import dev.eosin.data.settings.FolderSettings;
import dev.eosin.data.settings.SampleLists;
import dev.eosin.image.formats.ImageDecoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The images in and below one folder for each class, sorted by class and path.
public final class FolderSource implements Source {
  private final FolderSettings settings;
  private final ImageDecoder decoder;
  private final List<String> labels;
  private final long[] firstOfClass;
  private final PackedNames files;
  private final Reading reading;
  private final List<String> notes;
  private final Map<String, String> classTexts;
  private final String root;
  private final String fingerprint;

  private FolderSource(
      FolderSettings settings,
      ImageDecoder decoder,
      List<String> labels,
      long[] firstOfClass,
      PackedNames files,
      Reading reading,
      List<String> notes) {
    this.settings = settings;
    this.decoder = decoder;
    this.labels = labels;
    this.firstOfClass = firstOfClass;
    this.files = files;
    this.reading = reading;
    this.notes = List.copyOf(notes);
    this.root = SamplePlace.real(settings.path());
    this.classTexts = classTexts(settings, labels);
    this.fingerprint = files.addTo(new Fingerprint().add("folder")).hex();
  }

  /// Lists all files.
  ///
  /// @throws DataException when the folder is missing, has no class folders, a class folder has no
  ///   images, or `class-names` lacks a folder
  public static FolderSource open(FolderSettings settings, ImageDecoder decoder)
      throws DataException {
    ClassFolders folders = new ClassFolders(settings.path(), settings.extensions());
    List<String> labels = folders.labels();
    SampleLists lists = SampleLists.open(settings.only(), settings.without());
    checkLabels(settings, labels);
    long[] firstOfClass = new long[labels.size()];
    PackedNames.Builder files = new PackedNames.Builder();
    for (int c = 0; c < labels.size(); c++) {
      firstOfClass[c] = files.count();
      for (String image : images(folders, settings, labels.get(c))) {
        if (lists.keepsImage(image)) {
          files.add(image);
        }
      }
    }
    lists.throwIfNoneKept(settings.path(), files.count());
    Reading reading =
        new Reading(
                "%d images in %d folders of %s"
                    .formatted(files.count(), labels.size(), settings.path()),
                folders.passedOver())
            .with(lists.passedOver());
    List<String> notes = new ArrayList<>(lists.notes());
    folders.passedOver().forEach(line -> notes.add(line + "; passed over"));
    ClassTemplates.strangers(settings.classNames(), labels)
        .forEach(text -> notes.add(settings.path() + ": " + text));
    return new FolderSource(settings, decoder, labels, firstOfClass, files.build(), reading, notes);
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
  public long place(long index) {
    return SamplePlace.of(root + "/" + files.get(Math.toIntExact(index)));
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public Map<String, String> classTexts() {
    return classTexts;
  }

  @Override
  public Reading reading() {
    return reading;
  }

  @Override
  public List<String> notes() {
    return notes;
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

  private static void checkLabels(FolderSettings settings, List<String> labels)
      throws DataException {
    if (labels.isEmpty()) {
      throw new DataException(
          settings.path()
              + ": holds no folders; it should hold one folder of images a class, or name where else captions are: captions: text-files, or metadata");
    }
    List<String> nameless = new ArrayList<>(labels);
    nameless.removeAll(settings.classNames().keySet());
    if (!settings.classNames().isEmpty() && !nameless.isEmpty()) {
      throw new DataException(
          "%s: class-names has no text for the folder(s) [%s]; it names [%s]"
              .formatted(
                  settings.path(), Names.of(nameless), Names.of(settings.classNames().keySet())));
    }
  }

  private static List<String> images(ClassFolders folders, FolderSettings settings, String label)
      throws DataException {
    List<String> names = folders.images(label);
    if (names.isEmpty()) {
      List<String> passedOver = folders.passedOver();
      throw new DataException(
          "%s: holds no file that ends in one of %s (extensions)%s"
              .formatted(
                  settings.path().resolve(label),
                  settings.extensions(),
                  passedOver.isEmpty()
                      ? ""
                      : "; passed over so far: " + String.join("; ", passedOver)));
    }
    return names;
  }
}
