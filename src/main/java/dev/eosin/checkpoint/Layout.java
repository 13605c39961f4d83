package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/// The name table between Eosin's parameters and one foreign format: the only place where foreign
/// tensor names are written. Exact in both directions.
///
/// Buffers that carry no weights (`*.position_ids`, `attn_mask`, `*.inv_freq`, OpenAI's
/// `input_resolution`, `context_length` and `vocab_size`) are ignored in files and never written;
/// so are weights that a tower of this kind does not use ([#unused]).
public final class Layout {
  private static final Set<String> SIZES =
      Set.of("input_resolution", "context_length", "vocab_size");

  private static final Set<String> BUFFERS = Set.of("position_ids", "attn_mask", "inv_freq");

  private static final int MOST_NAMES = 20;

  private final String name;
  private final Map<String, TensorRule> rules = new LinkedHashMap<>();
  private final Set<String> optional;
  private final Set<String> unused;

  /// @param name for messages
  /// @param rules one per parameter of Eosin
  /// @param optional Eosin's names that a file or model may lack
  /// @param unused beginnings of foreign names that a file may hold and nothing reads
  public Layout(String name, List<TensorRule> rules, Set<String> optional, Set<String> unused) {
    this.name = name;
    rules.forEach(rule -> this.rules.put(rule.name(), rule));
    this.optional = Set.copyOf(optional);
    this.unused = Set.copyOf(unused);
  }

  /// Eosin's own names, as they are.
  public static Layout own(List<String> names) {
    List<TensorRule> rules = new ArrayList<>();
    names.forEach(name -> rules.add(new TensorRule.Copy(name, name)));
    return new Layout("Eosin", rules, Set.of(), Set.of());
  }

  /// The same with further parameters that the file holds under Eosin's names, such as adapters.
  public Layout withOwn(List<String> names) {
    List<TensorRule> all = new ArrayList<>(rules.values());
    names.forEach(own -> all.add(new TensorRule.Copy(own, own)));
    return new Layout(name, all, optional, unused);
  }

  /// The same for a model that has some of its weights elsewhere: what a file holds of them is not
  /// read.
  public Layout without(Collection<String> names) {
    List<TensorRule> kept = new ArrayList<>();
    Set<String> passed = new HashSet<>(unused);
    for (TensorRule rule : rules.values()) {
      if (names.contains(rule.name())) {
        passed.addAll(rule.foreignNames());
      } else {
        kept.add(rule);
      }
    }
    return new Layout(name, kept, optional, passed);
  }

  /// Low-rank adapters of a model in this format, as peft stores them beside it.
  ///
  /// @throws IllegalArgumentException when this format has no place for an adapted weight
  public Layout adapters(List<AdapterPair> pairs) {
    return adapters(pairs, List.of());
  }

  /// As [#adapters(List)], with weights that are trained whole (peft's `modules_to_save`).
  ///
  /// @param whole Eosin's names; each is kept here as it is, or as a stack
  /// @throws IllegalArgumentException when this format has no place for one of the weights
  public Layout adapters(List<AdapterPair> pairs, List<String> whole) {
    return PeftLayouts.of(this, pairs, whole);
  }

  /// As above, with tables of which some rows are trained (peft's `trainable_token_indices`).
  ///
  /// @param rows the name of a table's trained rows
  /// @param tables Eosin's names
  public Layout adapters(
      List<AdapterPair> pairs,
      List<String> whole,
      UnaryOperator<String> rows,
      List<String> tables) {
    return PeftLayouts.of(this, pairs, whole, rows, tables);
  }

  /// What this format calls the linears that are adapted, as peft looks for them.
  public List<String> adaptedModules(List<AdapterPair> pairs) {
    return pairs.stream().flatMap(pair -> PeftLayouts.modules(this, pair)).toList();
  }

  /// The format's name, for messages.
  public String name() {
    return name;
  }

  /// One rule per parameter, in model order.
  public List<TensorRule> rules() {
    return List.copyOf(rules.values());
  }

  /// Beginnings of foreign names that a file may hold and nothing reads.
  public Set<String> unused() {
    return unused;
  }

  /// Names in a file of weights that the model has no use for, such as BERT's pooler under a tower
  /// that pools its first token. They are not read and not written again.
  public List<String> unused(StoredTensors file) {
    return file.names().stream()
        .filter(name -> unused.stream().anyMatch(name::startsWith))
        .toList();
  }

  /// Compares names, element types and, where `shapes` has them, shapes; reads no contents.
  ///
  /// @param shapes the model's parameters by Eosin's names; empty where only names matter. An
  ///   optional tensor is required if it is in here, and unknown if it is not but others are
  public LayoutReport check(StoredTensors file, Map<String, List<Long>> shapes)
      throws DataException {
    List<String> missing = new ArrayList<>();
    List<LayoutReport.Misfit> misfits = new ArrayList<>();
    Set<String> unknown = new TreeSet<>(file.names());
    unknown.removeIf(Layout::isBuffer);
    unknown.removeAll(unused(file));
    for (TensorRule rule : rules.values()) {
      if (isAbsent(rule, shapes, file)) {
        continue;
      }
      List<Long> shape = shapes.get(rule.name());
      for (int i = 0; i < rule.foreignNames().size(); i++) {
        String foreign = rule.foreignNames().get(i);
        if (!unknown.remove(foreign)) {
          missing.add(foreign);
          continue;
        }
        TensorHeader data = file.header(foreign);
        String expected = shape == null ? "" : " " + rule.foreignShapes(shape).get(i);
        boolean sameShape = shape == null || rule.holds(shape, i, data.shape());
        if (!data.type().isFloating() || !sameShape) {
          misfits.add(
              new LayoutReport.Misfit(
                  foreign, data.type() + " " + data.shape(), "floating-point" + expected));
        }
      }
    }
    return new LayoutReport(missing, List.copyOf(unknown), misfits);
  }

  private boolean isAbsent(TensorRule rule, Map<String, List<Long>> shapes, StoredTensors file) {
    return optional.contains(rule.name())
        && (shapes.isEmpty()
            ? !file.names().containsAll(rule.foreignNames())
            : !shapes.containsKey(rule.name()));
  }

  /// The file under Eosin's names. Contents are read, and where the rule says so rearranged, when
  /// an entry is asked for; nothing is kept.
  ///
  /// @param shapes as for [#check(StoredTensors, Map)]; a model loads with its own
  /// @return a view whose life ends with `file`; closing it closes the file
  /// @throws DataException with every missing, unknown and misfitting tensor, one per line
  public StoredTensors read(StoredTensors file, Map<String, List<Long>> shapes)
      throws DataException {
    LayoutReport report = check(file, shapes);
    if (!report.fits()) {
      throw new DataException(
          "%s: does not hold the weights of this model as %s: %s"
              .formatted(file.path(), name, report.describe()));
    }
    Map<String, TensorRule> present = new HashMap<>(rules);
    present.values().removeIf(rule -> isAbsent(rule, shapes, file));
    return new TranslatedTensors(file, present);
  }

  /// A file in this format from tensors under Eosin's names.
  ///
  /// @param tensors every parameter of the model
  /// @param metadata for the file's `__metadata__`
  /// @throws IllegalArgumentException naming parameters that the format cannot hold (a logit bias
  ///   in a CLIPModel) or that are missing
  public SafetensorsWriter write(Map<String, TensorData> tensors, Map<String, String> metadata) {
    Map<String, PendingTensor> pending = new LinkedHashMap<>();
    tensors.forEach((name, data) -> pending.put(name, PendingTensor.of(data)));
    return writePending(pending, metadata);
  }

  /// As [#write(Map, Map)], from tensors that are made when their turn comes, and not kept.
  ///
  /// @throws IllegalArgumentException as [#write(Map, Map)]
  public SafetensorsWriter writePending(
      Map<String, PendingTensor> tensors, Map<String, String> metadata) {
    Set<String> foreign = unholdable(tensors.keySet());
    Set<String> missing = new HashSet<>(rules.keySet());
    missing.removeAll(optional);
    missing.removeAll(tensors.keySet());
    if (!foreign.isEmpty() || !missing.isEmpty()) {
      throw new IllegalArgumentException(
          name
              + (foreign.isEmpty() ? "" : " cannot hold " + Quote.some(foreign, MOST_NAMES))
              + (missing.isEmpty()
                  ? ""
                  : " needs " + Quote.some(new TreeSet<>(missing), MOST_NAMES)));
    }
    SafetensorsWriter writer = new SafetensorsWriter(metadata);
    for (TensorRule rule : rules.values()) {
      PendingTensor tensor = tensors.get(rule.name());
      if (tensor != null) {
        addForeign(writer, rule, tensor);
      }
    }
    return writer;
  }

  /// Those of Eosin's names for which this format has no place.
  public Set<String> unholdable(Set<String> names) {
    Set<String> foreign = new TreeSet<>(names);
    foreign.removeAll(rules.keySet());
    return foreign;
  }

  private static void addForeign(SafetensorsWriter writer, TensorRule rule, PendingTensor tensor) {
    List<List<Long>> shapes = rule.foreignShapes(tensor.shape());
    for (int i = 0; i < shapes.size(); i++) {
      int part = i;
      writer.add(
          rule.foreignNames().get(i),
          tensor.type(),
          shapes.get(i),
          () -> rule.write(tensor.data().get()).get(part).bytes());
    }
  }

  /// Besides attention masks, positions and the speeds of rotary ones, the sizes that OpenAI's own
  /// files keep among the weights.
  static boolean isBuffer(String name) {
    String last = name.substring(name.lastIndexOf('.') + 1);
    return BUFFERS.contains(last) || SIZES.contains(name);
  }
}
