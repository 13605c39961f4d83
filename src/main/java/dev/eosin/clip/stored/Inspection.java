package dev.eosin.clip.stored;

import dev.eosin.checkpoint.FiniteWeights;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.LayoutReport;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.clip.ModelSettings;
import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSizes;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a file of weights is, found out without an engine.
///
/// @param path file or folder, as it was given
/// @param file the file or index that was read
/// @param kind of file
/// @param tensors by name
/// @param beside what else lies in the file
/// @param warnings what a user should know of how the names were read, and of numbers that are
///   wrong
/// @param content what the tensors are
public record Inspection(
    Path path,
    Path file,
    String kind,
    Map<String, TensorHeader> tensors,
    List<String> beside,
    List<String> warnings,
    Content content) {
  /// What tensors are, by their names.
  public sealed interface Content {
    /// A CLIP model.
    ///
    /// @param architecture what a configuration beside it says, or why there is none to use
    record Model(ClipFormat format, ClipSizes sizes, Architecture architecture)
        implements Content {}

    /// A CLIP model with tensors missing, unknown or of an odd shape.
    record Misfit(ClipFormat format, String report) implements Content {}

    /// A CLIP model among others, or among tensors that are not its.
    record Mixed(String reason) implements Content {}

    /// Low-rank adapters for another model.
    record Adapters() implements Content {}

    /// The moments of an optimiser, as a native checkpoint keeps them.
    record Moments() implements Content {}

    /// Something else.
    record Unknown() implements Content {}
  }

  /// What is known of a model besides its tensors.
  public sealed interface Architecture {
    /// @param config where it is written
    record Known(Path config, ClipSpec spec) implements Architecture {}

    /// @param recipe of the run that trained the model
    /// @param model what it says of the architecture
    /// @param newest whether the run was named, whose newest checkpoint is taken, or one checkpoint
    /// @param adapted whether low-rank adapters were merged into the tensors
    record OfRun(Path recipe, ModelSettings model, boolean newest, boolean adapted, ClipSpec spec)
        implements Architecture {}

    /// @param reason why nothing is known
    record NotSaid(String reason) implements Architecture {}
  }

  /// Reads a file: its directory, and every number in it.
  ///
  /// @throws DataException naming the file and what is wrong with it
  public static Inspection of(Path path) throws DataException {
    try (StoredTensors file = StoredTensors.open(path)) {
      Map<String, TensorHeader> tensors = new LinkedHashMap<>();
      for (String name : file.names()) {
        file.entry(name);
        tensors.put(name, file.header(name));
      }
      List<String> warnings = new ArrayList<>();
      FiniteWeights.of(file).report().ifPresent(warnings::add);
      Content content = content(path, file, warnings);
      return new Inspection(
          path, file.path(), file.kind(), tensors, file.beside(), warnings, content);
    }
  }

  /// A run's model, of which its recipe says more than its tensors.
  ///
  /// @throws DataException when the file cannot be read
  public static Inspection of(StoredClip model, Architecture.OfRun said) throws DataException {
    Map<String, TensorHeader> tensors = new LinkedHashMap<>();
    for (String name : model.own().names()) {
      tensors.put(name, model.own().header(name));
    }
    return new Inspection(
        model.path(),
        model.own().path(),
        model.own().kind(),
        tensors,
        said.adapted() ? List.of("low-rank adapters, merged here") : List.of(),
        FiniteWeights.of(model.own()).report().stream().toList(),
        new Content.Model(model.format(), model.sizes(), said));
  }

  private static Content content(Path path, StoredTensors stored, List<String> warnings)
      throws DataException {
    StoredTensors file;
    try {
      file = UnwrappedNames.of(stored);
    } catch (DataException mixed) {
      return new Content.Mixed(String.valueOf(mixed.getMessage()));
    }
    Optional<ClipFormat> format = ClipFormat.of(file.names());
    if (format.isPresent()) {
      warnings.addAll(file.notes());
      return model(path, file, format.get(), warnings);
    }
    if (file.names().stream().anyMatch(name -> name.contains("lora_A"))) {
      return new Content.Adapters();
    }
    return file.names().stream().allMatch(name -> name.contains("-moment."))
            && !file.names().isEmpty()
        ? new Content.Moments()
        : new Content.Unknown();
  }

  private static Content model(
      Path path, StoredTensors file, ClipFormat format, List<String> warnings)
      throws DataException {
    Layout layout = format.layout(format.towers(file.names()).orElseThrow());
    StoredLogitScale.fault(layout, file).ifPresent(warnings::add);
    LayoutReport report = layout.check(file, Map.of());
    if (!report.fits()) {
      return new Content.Misfit(format, report.describe());
    }
    ClipSizes sizes = ClipSizes.of(layout.read(file, Map.of()));
    return new Content.Model(format, sizes, architecture(path, format));
  }

  private static Architecture architecture(Path path, ClipFormat format) {
    try {
      Optional<ClipConfigFile> config = ClipConfigFile.beside(path, format);
      return config.isPresent()
          ? new Architecture.Known(config.get().path(), config.get().spec())
          : new Architecture.NotSaid("no configuration lies beside it");
    } catch (DataException e) {
      return new Architecture.NotSaid(String.valueOf(e.getMessage()));
    }
  }

  /// Bytes of all tensors.
  public long bytes() {
    return tensors.values().stream()
        .mapToLong(tensor -> tensor.elements() * tensor.type().bytes())
        .sum();
  }

  /// How many elements there are of each type.
  public Map<String, Long> elementsByType() {
    Map<String, Long> elements = new LinkedHashMap<>();
    for (TensorHeader tensor : tensors.values()) {
      elements.merge(tensor.type().name(), tensor.elements(), Long::sum);
    }
    return elements;
  }

  /// The keys of a recipe that starts from these weights, as lines of YAML; empty where no recipe
  /// can.
  public List<String> recipe() {
    return content instanceof Content.Model model ? recipe(model) : List.of();
  }

  private List<String> recipe(Content.Model model) {
    List<String> lines = new ArrayList<>(List.of("model:"));
    switch (model.architecture()) {
      case Architecture.Known(Path config, ClipSpec _) ->
          lines.add("  config: \"%s\"".formatted(yaml(config)));
      case Architecture.OfRun run -> {
        lines.add(
            run.model().preset().isPresent()
                ? "  preset: " + run.model().preset().get()
                : "  config: \"%s\"".formatted(yaml(run.model().config().orElseThrow())));
        if (run.newest()) {
          lines.addFirst("initialise-from: \"%s\"".formatted(yaml(path)));
          return lines;
        }
        if (run.adapted()) {
          return List.of();
        }
      }
      case Architecture.NotSaid(String _) -> {
        List<String> presets = ClipPresets.fitting(model.sizes());
        lines.add(
            presets.isEmpty()
                ? "  config: <an open_clip model config with these sizes>"
                : "  preset: <%s: whoever trained the model knows>"
                    .formatted(String.join(" or ", presets)));
      }
    }
    lines.add(
        "  weights: { type: %s, path: \"%s\" }"
            .formatted(
                switch (model.format()) {
                  case OPEN_CLIP, OPEN_CLIP_CUSTOM_TEXT -> "open-clip";
                  case HUGGING_FACE -> "hugging-face";
                  case EOSIN -> "eosin";
                },
                yaml(path)));
    return lines;
  }

  private static String yaml(Path path) {
    return path.toString().replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
