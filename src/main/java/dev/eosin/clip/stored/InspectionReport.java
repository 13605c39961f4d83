package dev.eosin.clip.stored;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.spec.ClipSizes;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.SpecComparison;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Causal;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.TowerNames;
import dev.eosin.tower.Vit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// An [Inspection] for people and for programs.
public final class InspectionReport {
  private static final int MOST_WIDTH = 80;
  private static final int MOST_BESIDE = 20;

  private final Inspection inspection;

  public InspectionReport(Inspection inspection) {
    this.inspection = inspection;
  }

  /// What the tensors are, then the block for a recipe.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    summary().forEach((key, value) -> lines.add("%-12s%s".formatted(key, value)));
    List<String> recipe = inspection.recipe();
    if (!recipe.isEmpty()) {
      lines.add("");
      lines.addAll(recipe);
    }
    return List.copyOf(lines);
  }

  /// One line per tensor: name, type, shape.
  public List<String> tensorLines() {
    List<String> lines = new ArrayList<>();
    int width = inspection.tensors().keySet().stream().mapToInt(String::length).max().orElse(0);
    String format = "%-" + Math.clamp(width, 1, MOST_WIDTH) + "s  %-4s  %s";
    inspection
        .tensors()
        .forEach(
            (name, tensor) ->
                lines.add(format.formatted(Quote.line(name), tensor.type(), tensor.shape())));
    return List.copyOf(lines);
  }

  private Map<String, String> summary() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("file", inspection.file() + " (" + inspection.kind() + ")");
    facts.put(
        "tensors",
        String.format(
            Locale.ROOT,
            "%,d, %,d bytes: %s",
            inspection.tensors().size(),
            inspection.bytes(),
            types()));
    if (!inspection.beside().isEmpty()) {
      facts.put("also in it", Quote.some(inspection.beside(), MOST_BESIDE));
    }
    if (!inspection.warnings().isEmpty()) {
      facts.put("warning", String.join("\n", inspection.warnings()));
    }
    switch (inspection.content()) {
      case Inspection.Content.Mixed(String reason) -> facts.put("layout", reason);
      case Inspection.Content.Model model -> putModel(facts, model);
      case Inspection.Content.Misfit misfit -> {
        facts.put("layout", misfit.format().title() + ", but it does not fit");
        facts.put("report", misfit.report());
      }
      case Inspection.Content.Adapters _ ->
          facts.put("layout", "LoRA adapters; they need the model that they were trained for");
      case Inspection.Content.Moments _ ->
          facts.put("layout", "an optimiser's moments of an Eosin checkpoint; no weights");
      case Inspection.Content.Unknown _ ->
          facts.put(
              "layout",
              "no CLIP model whose towers are CLIP's own, a timm vision transformer or a BERT");
    }
    return facts;
  }

  private String types() {
    return inspection.elementsByType().entrySet().stream()
        .map(type -> String.format(Locale.ROOT, "%,d %s", type.getValue(), type.getKey()))
        .collect(Collectors.joining(", "));
  }

  private static void putModel(Map<String, String> facts, Inspection.Content.Model model) {
    ClipSizes sizes = model.sizes();
    facts.put("layout", model.format().title());
    facts.put("image", image(sizes));
    facts.put("text", text(sizes));
    facts.put("embedding", String.valueOf(sizes.embedSize()));
    switch (model.architecture()) {
      case Inspection.Architecture.Known(var config, ClipSpec spec) ->
          putKnown(facts, spec, config);
      case Inspection.Architecture.OfRun run -> putKnown(facts, run.spec(), run.recipe());
      case Inspection.Architecture.NotSaid(String reason) -> {
        if (sizes.towers().areClips()) {
          facts.put("activation", "not in this file: gelu or quick_gelu");
          facts.put("end of text", "not in this file: the largest id, or one id");
        } else {
          facts.put("pooling", "not in this file");
        }
        facts.put("heads", "not in this file");
        facts.put("because", Quote.line(reason));
      }
    }
  }

  private static void putKnown(Map<String, String> facts, ClipSpec spec, Path config) {
    if (!(spec.image() instanceof TimmImage && spec.text() instanceof BertText)) {
      facts.put("activation", SpecComparison.activation(spec));
    }
    List<String> pooling = new ArrayList<>();
    if (spec.image() instanceof TimmImage timm) {
      pooling.add("image " + words(timm.pool()));
      facts.put("input", "%d x %d px".formatted(timm.height(), timm.width()));
    }
    switch (spec.text()) {
      case Causal causal -> facts.put("end of text", SpecComparison.endOfText(causal));
      case BertText bert -> {
        pooling.add("text " + words(bert.pool()));
        facts.put("captions", "%d tokens".formatted(bert.context()));
      }
    }
    if (!pooling.isEmpty()) {
      facts.put("pooling", String.join(", ", pooling));
    }
    facts.put("heads", heads(spec));
    facts.put("said by", config.toString());
  }

  private static String words(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String image(ClipSizes sizes) {
    return switch (sizes.towers().image()) {
      case TowerNames.Vit _ -> tower(sizes.image()) + input(sizes);
      case TowerNames.Timm timm ->
          "%s: %s, %d positions, %d registers, patches of %d px"
              .formatted(
                  timm.title(),
                  tower(sizes.image()),
                  sizes.positions(),
                  sizes.registers(),
                  sizes.patch());
    };
  }

  private static String text(ClipSizes sizes) {
    return switch (sizes.towers().text()) {
      case TowerNames.Causal _ ->
          tower(sizes.text()) + ", %d tokens of %d".formatted(sizes.context(), sizes.vocabulary());
      case TowerNames.Bert bert ->
          "%s: %s, at most %d tokens of %d"
              .formatted(bert.title(), tower(sizes.text()), sizes.context(), sizes.vocabulary());
    };
  }

  private static String tower(ClipSizes.Tower tower) {
    return "%d layers, width %d, MLP %d%s"
        .formatted(tower.layers(), tower.width(), tower.mlp(), tower.gated() ? " (gated)" : "");
  }

  private static String input(ClipSizes sizes) {
    String patches = ", %d patches of %d px".formatted(sizes.patches(), sizes.patch());
    return sizes.squareInput() == 0
        ? patches + ", no square"
        : patches + ", an input of %1$d x %1$d px".formatted(sizes.squareInput());
  }

  private static String heads(ClipSpec spec) {
    int image =
        switch (spec.image()) {
          case Vit vit -> vit.heads();
          case TimmImage timm -> timm.trunk().heads();
        };
    int text =
        switch (spec.text()) {
          case Causal causal -> causal.heads();
          case BertText bert -> bert.encoder().heads();
        };
    return "image %d, text %d".formatted(image, text);
  }

  /// The same as one JSON object: `file`, `kind`, `tensors` by name (`type`, `shape`), `beside`,
  /// `warnings`, `layout` (absent where it is unknown), `sizes` (`patches` of CLIP's own image
  /// tower, `positions` and `registers` of a timm trunk), `config` or, of a run, `run` (its
  /// recipe), `activation`, `end_of_text` (the last ones absent where nothing says them).
  public ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("file", inspection.file().toString());
    root.put("kind", inspection.kind());
    root.put("bytes", inspection.bytes());
    ArrayNode beside = root.putArray("beside");
    inspection.beside().forEach(beside::add);
    ArrayNode warnings = root.putArray("warnings");
    inspection.warnings().forEach(warnings::add);
    switch (inspection.content()) {
      case Inspection.Content.Model model -> putModel(root, model);
      case Inspection.Content.Misfit misfit ->
          root.put("layout", name(misfit.format())).put("misfit", misfit.report());
      case Inspection.Content.Mixed(String reason) -> root.putNull("layout").put("misfit", reason);
      case Inspection.Content.Adapters _ -> root.put("layout", "lora");
      case Inspection.Content.Moments _ -> root.put("layout", "eosin-optimizer");
      case Inspection.Content.Unknown _ -> root.putNull("layout");
    }
    ObjectNode tensors = root.putObject("tensors");
    for (Map.Entry<String, TensorHeader> tensor : inspection.tensors().entrySet()) {
      ObjectNode node = tensors.putObject(tensor.getKey());
      node.put("type", tensor.getValue().type().name());
      ArrayNode shape = node.putArray("shape");
      tensor.getValue().shape().forEach(shape::add);
    }
    root.put("recipe", String.join("\n", inspection.recipe()));
    return root;
  }

  private static void putModel(ObjectNode root, Inspection.Content.Model model) {
    ClipSizes sizes = model.sizes();
    root.put("layout", name(model.format()));
    ObjectNode node = root.putObject("sizes");
    node.put("embedding", sizes.embedSize());
    switch (sizes.towers().image()) {
      case TowerNames.Vit _ -> node.put("patches", sizes.patches());
      case TowerNames.Timm _ ->
          node.put("positions", sizes.positions()).put("registers", sizes.registers());
    }
    node.put("patch", sizes.patch()).put("context", sizes.context());
    node.put("vocabulary", sizes.vocabulary());
    putTower(node.putObject("image"), sizes.towers().image().title(), sizes.image());
    putTower(node.putObject("text"), sizes.towers().text().title(), sizes.text());
    switch (model.architecture()) {
      case Inspection.Architecture.Known(var config, var spec) ->
          putKnown(root.put("config", config.toString()), spec);
      case Inspection.Architecture.OfRun run ->
          putKnown(root.put("run", run.recipe().toString()), run.spec());
      case Inspection.Architecture.NotSaid _ -> {}
    }
  }

  private static void putKnown(ObjectNode root, ClipSpec spec) {
    root.put("activation", SpecComparison.activation(spec));
    if (spec.text() instanceof Causal text) {
      root.put("end_of_text", SpecComparison.endOfText(text));
    }
  }

  private static void putTower(ObjectNode node, String kind, ClipSizes.Tower tower) {
    node.put("kind", kind)
        .put("width", tower.width())
        .put("layers", tower.layers())
        .put("mlp", tower.mlp());
  }

  private static String name(ClipFormat format) {
    return format.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
