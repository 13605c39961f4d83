package dev.eosin.data.folders;

import dev.eosin.config.DataException;
import dev.eosin.data.BadSamples;
import dev.eosin.data.Caption;
import dev.eosin.data.EmptyCaptions;
import dev.eosin.data.EncodedImage;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.FlawedRows;
import dev.eosin.data.MissingFiles;
import dev.eosin.data.PackedNames;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SamplePlace;
import dev.eosin.data.Source;
import dev.eosin.data.settings.FolderSettings;
import dev.eosin.data.settings.SampleLists;
import dev.eosin.data.settings.TableFiles;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.text.CaptionText;
import dev.eosin.text.Utf8Text;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Images with their captions in text files beside them, `a.jpg` and `a.txt`, sorted by path. A
/// text is one caption, whatever its lines. Texts are read again when they are asked for.
public final class TextFilesSource implements Source {
  private static final String TEXT = "txt";
  private static final int SHOWN = 3;

  private final Path folder;
  private final ImageDecoder decoder;
  private final PackedNames images;
  private final String root;
  private final String fingerprint;
  private final int[] empty;
  private final Reading reading;
  private final List<String> notes;

  private TextFilesSource(
      Path folder,
      ImageDecoder decoder,
      PackedNames images,
      String fingerprint,
      int[] empty,
      Reading reading,
      List<String> notes) {
    this.folder = folder;
    this.decoder = decoder;
    this.images = images;
    this.root = SamplePlace.real(folder);
    this.fingerprint = fingerprint;
    this.empty = empty;
    this.reading = reading;
    this.notes = List.copyOf(notes);
  }

  /// Lists all files, and reads every text once.
  ///
  /// @throws DataException when the folder is missing, no image has a text, or a text is not UTF-8
  public static TextFilesSource open(FolderSettings settings, ImageDecoder decoder)
      throws DataException {
    TableFiles.checkFolder(settings.path());
    ClassFolders folders = new ClassFolders(settings.path(), settings.extensions(), TEXT);
    List<String> found = folders.images("");
    Set<String> texts = new HashSet<>(folders.companions());
    SampleLists lists = SampleLists.open(settings.only(), settings.without());
    PackedNames.Builder images = new PackedNames.Builder();
    Fingerprint fingerprint = new Fingerprint().add("text files");
    IntStream.Builder empty = IntStream.builder();
    List<String> alone = new ArrayList<>();
    for (String image : found) {
      String text = textOf(image);
      if (!folders.companions().contains(text)) {
        alone.add(image);
        continue;
      }
      texts.remove(text);
      if (lists.keepsImage(image)) {
        String caption = read(settings.path().resolve(text));
        if (CaptionText.isEmpty(caption)) {
          empty.add(images.count());
        }
        fingerprint.add(image).add(caption);
        images.add(image);
      }
    }
    requireSome(settings, found, found.size() - alone.size());
    lists.throwIfNoneKept(settings.path(), images.count());
    List<String> passedOver = new ArrayList<>(folders.passedOver());
    passedOver.addAll(counted(alone, "images without a text file beside them"));
    passedOver.addAll(counted(texts.stream().sorted().toList(), "text files without an image"));
    List<String> notes = new ArrayList<>(lists.notes());
    passedOver.forEach(line -> notes.add(line + "; passed over"));
    return new TextFilesSource(
        settings.path(),
        decoder,
        images.build(),
        fingerprint.hex(),
        empty.build().toArray(),
        new Reading(
                "%d images with texts in %s".formatted(images.count(), settings.path()), passedOver)
            .with(lists.passedOver()),
        notes);
  }

  private static void requireSome(FolderSettings settings, List<String> found, int paired)
      throws DataException {
    if (paired == 0) {
      throw new DataException(
          "%s: none of its %d images has a text file of its name beside it, such as a.txt beside a.jpg; images are files that end in one of %s (extensions)"
              .formatted(settings.path(), found.size(), settings.extensions()));
    }
  }

  private static List<String> counted(List<String> names, String what) {
    return names.isEmpty()
        ? List.of()
        : List.of("%d %s, first %s".formatted(names.size(), what, names.getFirst()));
  }

  private static String textOf(String image) {
    return image.substring(0, image.lastIndexOf('.') + 1) + TEXT;
  }

  private static String read(Path text) throws DataException {
    try {
      return CaptionText.of(Utf8Text.decode(text.toString(), Files.readAllBytes(text))).strip();
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(text + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  @Override
  public long size() {
    return images.count();
  }

  @Override
  public Sample get(long index) {
    Objects.checkIndex(index, size());
    String image = images.get(Math.toIntExact(index));
    Path text = folder.resolve(textOf(image));
    try {
      String caption = read(text);
      return new Sample(
          image,
          CaptionText.isEmpty(caption)
              ? unreadable(text)
              : EncodedImage.file(folder.resolve(image), decoder),
          Caption.equal(List.of(caption)),
          Optional.empty(),
          Optional.empty());
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Sample.ImageReader unreadable(Path text) {
    return () -> {
      throw new DataException(text + ": the caption is empty");
    };
  }

  @Override
  public long place(long index) {
    return SamplePlace.of(root + "/" + images.get(Math.toIntExact(index)));
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public BadSamples badSamples() {
    return captionless(empty);
  }

  @Override
  public BadSamples badAmong(int[] indices) {
    return captionless(
        Arrays.stream(indices).filter(index -> Arrays.binarySearch(empty, index) >= 0).toArray());
  }

  private BadSamples captionless(int[] indices) {
    List<String> first =
        Arrays.stream(indices).limit(SHOWN).mapToObj(index -> textOf(images.get(index))).toList();
    EmptyCaptions captions = new EmptyCaptions(indices.length, first);
    return new BadSamples(indices.length, MissingFiles.NONE, captions, FlawedRows.NONE);
  }

  @Override
  public Reading reading() {
    return reading;
  }

  @Override
  public List<String> notes() {
    return notes;
  }
}
