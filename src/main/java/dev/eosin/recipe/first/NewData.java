package dev.eosin.recipe.first;

import dev.eosin.config.DataException;
import dev.eosin.data.settings.TableGuess;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The data of a first recipe: what a folder or a table was taken for, and why.
///
/// @param place the folder that it lies in
/// @param train the source
/// @param validation another one
/// @param labelled whether samples have classes
/// @param captioned whether captions are there already, and not made of classes
/// @param groups how many slides or patients were seen; none where samples have no group
/// @param reasons what was guessed, one line each
record NewData(
    Path place,
    Written train,
    Optional<Written> validation,
    boolean labelled,
    boolean captioned,
    OptionalInt groups,
    List<String> reasons) {
  /// Templates of captions and prompts.
  static final String PROMPTS = "[\"An H&E image of {}.\", \"{}.\"]";

  private static final int FEWEST_GROUPS = 30;
  private static final int FEWEST_SAMPLES = 100;
  private static final List<String> TRAIN = List.of("train", "training");
  private static final List<String> VALIDATION = List.of("validation", "val", "valid", "test");
  private static final List<String> METADATA = List.of("metadata.jsonl", "metadata.csv");

  NewData {
    reasons = List.copyOf(reasons);
  }

  /// A source as a YAML flow map.
  ///
  /// @param entries `key: value`
  record Written(List<String> entries) {
    Written {
      entries = List.copyOf(entries);
    }

    Written with(String entry) {
      return new Written(Stream.concat(entries.stream(), Stream.of(entry)).toList());
    }

    String yaml() {
      return "{ " + String.join(", ", entries) + " }";
    }
  }

  /// @param data a folder of class folders (or of train/ and val/ with these), a folder with a
  ///   metadata.jsonl, a table
  /// @throws DataException when nothing can be made of the data
  static NewData of(Path data) throws DataException {
    if (!Files.isDirectory(data)) {
      return table(data);
    }
    Optional<Path> metadata =
        METADATA.stream().map(data::resolve).filter(Files::isRegularFile).findFirst();
    return metadata.isPresent() ? table(metadata.get()) : folder(data);
  }

  private static NewData folder(Path folder) throws DataException {
    List<String> inside = folders(folder);
    Optional<String> train = TRAIN.stream().filter(inside::contains).findFirst();
    Optional<String> validation = VALIDATION.stream().filter(inside::contains).findFirst();
    List<String> reasons = new ArrayList<>();
    if (train.isPresent() && validation.isPresent()) {
      reasons.add(
          "'%s' to train on, '%s' to validate with".formatted(train.get(), validation.get()));
      return part(folder.resolve(train.get()))
          .validatedBy(part(folder.resolve(validation.get())), folder, reasons);
    }
    Optional<Path> text = TextsBeside.first(folder);
    if (text.isPresent()) {
      return ofTexts(folder, text.get());
    }
    if (inside.isEmpty()) {
      throw new DataException(
          folder
              + ": has no class folders, no texts beside images and no metadata.jsonl; name a table (CSV, TSV, JSONL) of"
              + " images and captions instead");
    }
    reasons.add(
        "classes: the %s %s"
            .formatted(
                inside.size() == 1 ? "folder" : inside.size() + " folders",
                String.join(", ", inside)));
    reasons.add("captions: made of the folders' names, by templates");
    return ofClasses(folder, reasons);
  }

  private static NewData ofTexts(Path folder, Path text) {
    Written source =
        new Written(List.of("type: folder", "path: " + quoted(folder), "captions: text-files"));
    return new NewData(
        folder,
        source,
        Optional.empty(),
        false,
        true,
        OptionalInt.empty(),
        List.of(
            "captions: in text files beside the images, such as %s"
                .formatted(folder.relativize(text))));
  }

  /// One of `train` and `val`: with a table, with texts beside images, or with folders of classes.
  private static NewData part(Path folder) throws DataException {
    Optional<Path> metadata =
        METADATA.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
    if (metadata.isPresent()) {
      return table(metadata.get());
    }
    Optional<Path> text = TextsBeside.first(folder);
    return text.isPresent() ? ofTexts(folder, text.get()) : ofClasses(folder, List.of());
  }

  private static NewData ofClasses(Path folder, List<String> reasons) {
    Written source =
        new Written(List.of("type: folder", "path: " + quoted(folder), "templates: " + PROMPTS));
    return new NewData(folder, source, Optional.empty(), true, false, OptionalInt.empty(), reasons);
  }

  private NewData validatedBy(NewData other, Path whole, List<String> first) {
    List<String> all = new ArrayList<>(first);
    all.addAll(reasons);
    return new NewData(whole, train, Optional.of(other.train), labelled, captioned, groups, all);
  }

  private static List<String> folders(Path folder) throws DataException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside
          .filter(Files::isDirectory)
          .map(each -> String.valueOf(each.getFileName()))
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static NewData table(Path file) throws DataException {
    TableGuess guess = TableGuess.of(file);
    if (guess.caption().isEmpty() && guess.label().isEmpty()) {
      throw new DataException(
          file + ": neither a caption nor a label column was found; found " + guess.reasons());
    }
    Optional<TableGuess.Split> split = guess.split();
    Path folder = file.toAbsolutePath().getParent();
    return new NewData(
        folder == null ? Path.of("") : folder,
        source(file, guess, split.map(TableGuess.Split::train)),
        split.map(found -> source(file, guess, Optional.of(found.validation()))),
        guess.label().isPresent(),
        guess.caption().isPresent(),
        guess.groups(),
        guess.reasons());
  }

  private static Written source(Path file, TableGuess guess, Optional<String> part) {
    List<String> entries = new ArrayList<>();
    boolean lines = guess.separator().isEmpty();
    entries.add("type: " + (lines ? "jsonl" : "csv"));
    entries.add("path: " + quoted(file));
    guess
        .separator()
        .filter(separator -> separator != ',')
        .ifPresent(separator -> entries.add("separator: " + quoted(separator)));
    guess.images().ifPresent(folder -> entries.add("images: " + quoted(folder)));
    String columns =
        guess.columns().entrySet().stream()
            .map(column -> column.getKey() + ": " + quoted(column.getValue()))
            .collect(Collectors.joining(", "));
    entries.add((lines ? "fields" : "columns") + ": { " + columns + " }");
    part.ifPresent(
        value ->
            entries.add(
                "where: { %s: %s }"
                    .formatted(quoted(guess.split().orElseThrow().column()), quoted(value))));
    if (guess.caption().isEmpty()) {
      entries.add("templates: " + PROMPTS);
    }
    return new Written(entries);
  }

  /// The same with what the labels show in words, where they are codes.
  NewData named(ClassWords words) {
    if (words.texts().isEmpty()) {
      return this;
    }
    String names =
        words.texts().entrySet().stream()
            .map(name -> quoted(name.getKey()) + ": " + quoted(name.getValue()))
            .collect(Collectors.joining(", ", "class-names: { ", " }"));
    List<String> more = new ArrayList<>(reasons);
    words.reason().ifPresent(more::add);
    return new NewData(
        place,
        train.with(names),
        validation.map(source -> source.with(names)),
        labelled,
        captioned,
        groups,
        more);
  }

  /// The same with what was found in the data.
  NewData noting(List<String> notes) {
    List<String> more = new ArrayList<>(reasons);
    notes.forEach(note -> more.add("note: " + note));
    return new NewData(place, train, validation, labelled, captioned, groups, more);
  }

  /// Holds samples out where nothing else says what to validate with, and there are enough.
  NewData heldOut(long samples) {
    if (validation.isPresent()) {
      return this;
    }
    List<String> more = new ArrayList<>(reasons);
    Optional<String> few = tooFew(samples);
    if (few.isPresent()) {
      more.add("validation: none, as " + few.get());
      return new NewData(place, train, validation, labelled, captioned, groups, more);
    }
    String by = groups.isPresent() ? "group" : "sample";
    more.add(
        "validation: 20 % held out by "
            + (groups.isPresent()
                ? by
                : by + "; name a group column if several tiles come from one slide"));
    List<String> split = List.of("type: split", "by: " + by, "share: 20 %");
    return new NewData(
        place, train, Optional.of(new Written(split)), labelled, captioned, groups, more);
  }

  /// Why nothing is held out.
  Optional<String> tooFew(long samples) {
    if (groups.isPresent()) {
      return groups.getAsInt() >= FEWEST_GROUPS
          ? Optional.empty()
          : Optional.of(
              "%d groups (slides, patients) are too few to hold some of them out; %d would do"
                  .formatted(groups.getAsInt(), FEWEST_GROUPS));
    }
    return samples >= FEWEST_SAMPLES
        ? Optional.empty()
        : Optional.of(
            "%d samples are too few to hold some of them out; %d would do"
                .formatted(samples, FEWEST_SAMPLES));
  }

  /// A text as YAML has it between double quotes.
  static String quoted(Object value) {
    String text = value.toString().replace("\\", "\\\\").replace("\"", "\\\"");
    return "\"" + text.replace("\t", "\\t").replace("${", "$${") + "\"";
  }
}
