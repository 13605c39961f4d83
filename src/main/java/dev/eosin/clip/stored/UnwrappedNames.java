package dev.eosin.clip.stored;

import dev.eosin.checkpoint.ModelFiles;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// A CLIP model whose tensors' names have more before or in them than their format: what
/// torch.compile, DataParallel, FSDP or Lightning wrapped around the model, or the attribute of a
/// program in which it lived. Seen under the names that are left.
///
/// @param file under its own names
/// @param originals the file's names by those shown
record UnwrappedNames(StoredTensors file, SortedMap<String, String> originals)
    implements StoredTensors {
  /// What PyTorch puts around modules at any depth.
  private static final Set<String> WRAPPERS =
      Set.of("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module");

  private static final List<String> SCALES = List.of("logit_scale", "logit-scale");
  private static final int SHOWN_NAMES = 3;

  UnwrappedNames {
    originals = Collections.unmodifiableSortedMap(new TreeMap<>(originals));
  }

  /// As [#open(Path, ModelFiles)], a CLIP model's: without what the program that saved it wrapped
  /// around the tensors' names, see [#notes].
  ///
  /// @throws DataException naming the file and what is wrong with it; in one line, when a model is
  ///   in it among others or beside other tensors
  public static StoredTensors open(Path path, ModelFiles wanted) throws DataException {
    StoredTensors file = StoredTensors.open(path, wanted);
    try {
      return of(file);
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /// The file itself where its names are those of a CLIP model or of none; otherwise without what
  /// all of them have too much.
  ///
  /// @throws DataException in one line, when a model is in it among others or beside other tensors
  static StoredTensors of(StoredTensors file) throws DataException {
    if (ClipFormat.of(file.names()).isPresent()) {
      return file;
    }
    SortedMap<String, String> bare = withoutWrappers(file.names());
    if (bare.size() < file.names().size()) {
      return file;
    }
    List<String> prefixes =
        prefixes(bare.keySet()).stream()
            .filter(prefix -> ClipFormat.of(within(bare, prefix).keySet()).isPresent())
            .toList();
    return switch (prefixes.size()) {
      case 0 -> file;
      case 1 -> unwrapped(file, bare, prefixes.getFirst());
      default ->
          throw new DataException(
              "%s: holds %d CLIP models, whose tensors' names begin with %s; save the wanted one alone"
                  .formatted(
                      file.path(),
                      prefixes.size(),
                      prefixes.stream().map(Quote::of).collect(Collectors.joining(" and "))));
    };
  }

  private static StoredTensors unwrapped(
      StoredTensors file, SortedMap<String, String> bare, String prefix) throws DataException {
    SortedMap<String, String> inner = within(bare, prefix);
    if (inner.size() < bare.size()) {
      List<String> others =
          bare.keySet().stream().filter(name -> !name.startsWith(prefix)).toList();
      throw new DataException(
          "%s: %d of its %d tensors, whose names begin with %s, are a CLIP model; the others (%s) are not its: save the model's alone"
              .formatted(
                  file.path(),
                  inner.size(),
                  bare.size(),
                  Quote.of(prefix),
                  Quote.some(others, SHOWN_NAMES)));
    }
    return new UnwrappedNames(file, inner);
  }

  /// The names without torch's wrappers, each with the file's; fewer where two become one.
  private static SortedMap<String, String> withoutWrappers(SortedSet<String> names) {
    var bare = new TreeMap<String, String>();
    for (String name : names) {
      bare.put(
          Arrays.stream(name.split("\\.", -1))
              .filter(part -> !WRAPPERS.contains(part))
              .collect(Collectors.joining(".")),
          name);
    }
    return bare;
  }

  private static SortedMap<String, String> within(SortedMap<String, String> names, String prefix) {
    var inner = new TreeMap<String, String>();
    names.tailMap(prefix).entrySet().stream()
        .takeWhile(entry -> entry.getKey().startsWith(prefix))
        .forEach(entry -> inner.put(entry.getKey().substring(prefix.length()), entry.getValue()));
    return inner;
  }

  /// What may stand before a model's names: nothing, what is before a logit scale, and what all
  /// names have in common.
  private static Set<String> prefixes(Set<String> names) {
    var prefixes = new LinkedHashSet<String>(List.of(""));
    for (String name : names) {
      SCALES.stream()
          .filter(scale -> name.endsWith("." + scale))
          .forEach(scale -> prefixes.add(name.substring(0, name.length() - scale.length())));
    }
    prefixes.addAll(common(names));
    return prefixes;
  }

  private static List<String> common(Set<String> names) {
    var sorted = new TreeSet<>(names);
    var common = new ArrayList<String>();
    if (sorted.isEmpty()) {
      return common;
    }
    // Of sorted names the first and the last have in common what all have.
    String first = sorted.first();
    for (int dot = first.indexOf('.');
        dot >= 0 && sorted.last().startsWith(first.substring(0, dot + 1));
        dot = first.indexOf('.', dot + 1)) {
      common.add(first.substring(0, dot + 1));
    }
    return common;
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(originals.keySet()));
  }

  @Override
  public List<String> beside() {
    return file.beside();
  }

  @Override
  public List<String> notes() {
    return originals.entrySet().stream()
        .filter(name -> !name.getKey().equals(name.getValue()))
        .limit(1)
        .map(
            name ->
                "%s: the tensors' names were taken without what was wrapped around them, such as %s for %s"
                    .formatted(file.path(), Quote.of(name.getKey()), Quote.of(name.getValue())))
        .toList();
  }

  @Override
  public Map<String, String> faults(String name) throws DataException {
    return file.faults(original(name));
  }

  private String original(String name) {
    String original = originals.get(name);
    return original == null ? name : original;
  }

  @Override
  public String kind() {
    return file.kind();
  }

  @Override
  public TensorHeader header(String name) throws DataException {
    return file.header(original(name));
  }

  @Override
  public TensorData entry(String name) throws DataException {
    return file.entry(original(name));
  }

  @Override
  public void close() {
    file.close();
  }
}
