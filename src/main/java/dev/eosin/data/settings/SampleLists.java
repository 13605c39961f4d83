package dev.eosin.data.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Names;
import dev.eosin.file.AtomicFile;
import dev.eosin.text.Utf8Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Keeps or drops samples by the lists of the settings `only` and `without`, as cleaned data sets
/// are published, and counts what of the lists was not found.
public final class SampleLists {
  static final String ONLY_DOC =
      "A list of the samples to keep: a text file with a name on each line, or a JSON array. A name"
          + " is the image's path as given, its file name, or either without the ending; what of the"
          + " list is not found is counted.";
  static final String WITHOUT_DOC = "A list of the samples to leave out, like 'only'.";
  static final String ID_DOC =
      "The field whose values 'only' and 'without' list instead of images, for example id.";

  private static final int SHOWN = 3;

  private final Optional<Listed> only;
  private final Optional<Listed> without;
  private final List<String> dropped = new ArrayList<>();
  private long droppedCount;

  /// One list.
  ///
  /// @param found those that a sample had
  private record Listed(String key, Path file, Set<String> all, Set<String> found) {
    boolean has(List<String> names) {
      boolean has = false;
      for (String name : names) {
        if (all.contains(name)) {
          found.add(name);
          has = true;
        }
      }
      return has;
    }

    Optional<String> note() {
      long missing = all.size() - found.size();
      return missing == 0
          ? Optional.empty()
          : Optional.of(
              "%d of the %d names in %s (%s) were not found, for example %s"
                  .formatted(
                      missing,
                      all.size(),
                      file,
                      key,
                      Names.of(
                          all.stream().filter(n -> !found.contains(n)).limit(SHOWN).toList())));
    }
  }

  private SampleLists(Optional<Listed> only, Optional<Listed> without) {
    this.only = only;
    this.without = without;
  }

  /// Reads the lists.
  ///
  /// @throws DataException when one is missing, empty or not UTF-8
  public static SampleLists open(Optional<Path> only, Optional<Path> without) throws DataException {
    return new SampleLists(
        only.isPresent() ? Optional.of(read("only", only.get())) : Optional.empty(),
        without.isPresent() ? Optional.of(read("without", without.get())) : Optional.empty());
  }

  private static Listed read(String key, Path file) throws DataException {
    TableFiles.checkText(file);
    Set<String> names = new LinkedHashSet<>();
    try {
      String text = Utf8Text.decode(file.toString(), Files.readAllBytes(file));
      if (text.stripLeading().startsWith("[")) {
        for (JsonNode name : new ObjectMapper().readTree(text)) {
          names.add(name.asText().strip());
        }
      } else {
        text.lines().map(String::strip).forEach(names::add);
      }
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: is no JSON array of names: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
    names.remove("");
    if (names.isEmpty()) {
      throw new DataException("%s: holds no names (%s)".formatted(file, key));
    }
    return new Listed(key, file, names, new HashSet<>());
  }

  /// Whether there is any list.
  public boolean used() {
    return only.isPresent() || without.isPresent();
  }

  /// Whether a sample stays.
  ///
  /// @param image its name: a path with `/`
  public boolean keepsImage(String image) {
    return !used() || keeps(image, namesOf(image));
  }

  /// Whether a sample stays.
  ///
  /// @param id what the lists name it by
  public boolean keepsId(String id) {
    return !used() || keeps(id, List.of(id));
  }

  private boolean keeps(String sample, List<String> names) {
    // Both are asked, so that both count what they found.
    boolean listed = only.isEmpty() || only.get().has(names);
    boolean unwanted = without.isPresent() && without.get().has(names);
    if (listed && !unwanted) {
      return true;
    }
    droppedCount++;
    if (dropped.isEmpty()) {
      dropped.add(sample);
    }
    return false;
  }

  private static List<String> namesOf(String image) {
    String file = image.substring(image.lastIndexOf('/') + 1);
    return List.of(image, file, stem(image), stem(file));
  }

  private static String stem(String name) {
    // A slide's name may have dots; only an image's ending is one.
    return TableGuess.namesImage(name) ? name.substring(0, name.lastIndexOf('.')) : name;
  }

  /// What was dropped, in one line.
  public List<String> passedOver() {
    return droppedCount == 0
        ? List.of()
        : List.of(
            "%d samples by the lists of names (%s), for example %s"
                .formatted(droppedCount, String.join(", ", keys()), Names.of(dropped)));
  }

  private List<String> keys() {
    List<String> keys = new ArrayList<>();
    only.ifPresent(list -> keys.add(list.key));
    without.ifPresent(list -> keys.add(list.key));
    return keys;
  }

  /// What was not found, a line for each list.
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    only.flatMap(Listed::note).ifPresent(notes::add);
    without.flatMap(Listed::note).ifPresent(notes::add);
    return notes;
  }

  /// @param kept how many samples are left
  /// @throws DataException when the lists leave none
  public void throwIfNoneKept(Object source, long kept) throws DataException {
    if (kept == 0 && droppedCount > 0) {
      throw new DataException(
          "%s: the lists of names leave no sample%s; samples are called, for example, %s"
              .formatted(
                  source,
                  notes().isEmpty() ? "" : ": " + String.join("; ", notes()),
                  Names.of(dropped)));
    }
  }

  /// Adds what the lists hold, where there are any.
  public Fingerprint addTo(Fingerprint fingerprint) {
    only.ifPresent(list -> fingerprint.add("only").add(String.join("\n", list.all)));
    without.ifPresent(list -> fingerprint.add("without").add(String.join("\n", list.all)));
    return fingerprint;
  }
}
