package dev.eosin.clip.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.image.Filter;
import dev.eosin.image.transforms.EvaluationTransform.Fit;
import dev.eosin.image.transforms.ImageSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How images become a model's input when it is used, as both peers write it down.
///
/// Sources: open_clip 3.3.0 `transform.py` (PreprocessCfg); transformers 5.18.0
/// `image_processing_clip.py`.
///
/// @param mean of red, green and blue in [0, 1]
/// @param std of red, green and blue in [0, 1]
public record Preprocessing(List<Double> mean, List<Double> std, Filter interpolation, Fit fit) {
  public static final String HUGGING_FACE = "preprocessor_config.json";
  private static final String OPEN_CLIP = "preprocess_cfg";

  public Preprocessing {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
  }

  public static Preprocessing of(ImageSettings image) {
    return new Preprocessing(image.mean(), image.std(), image.interpolation(), image.fit());
  }

  /// What a model folder says: `preprocess_cfg` of open_clip's configuration, or the
  /// `preprocessor_config.json` of transformers.
  ///
  /// @throws DataException when one of them says something that cannot be carried over
  public static Optional<Preprocessing> in(Path folder) throws DataException {
    Path openClip = folder.resolve(ClipConfigFile.OPEN_CLIP);
    if (Files.isRegularFile(openClip)) {
      JsonNode node = ClipConfigFile.read(openClip).json().path(OPEN_CLIP);
      return node.isObject() && !node.isEmpty()
          ? Optional.of(openClip(new JsonFields(openClip.toString(), OPEN_CLIP + ".", node)))
          : Optional.empty();
    }
    Path processor = folder.resolve(HUGGING_FACE);
    if (Files.isRegularFile(processor)) {
      JsonNode node = ClipConfigFile.read(processor).json();
      return Optional.of(huggingFace(new JsonFields(processor.toString(), "", node)));
    }
    return Optional.empty();
  }

  private static Preprocessing openClip(JsonFields fields) throws DataException {
    return new Preprocessing(
        numbers(fields, "mean"),
        numbers(fields, "std"),
        filter(fields, "interpolation", fields.text("interpolation", "bicubic")),
        fit(fields, fields.text("resize_mode", "shortest")));
  }

  private static Preprocessing huggingFace(JsonFields fields) throws DataException {
    boolean crops = !fields.has("do_center_crop") || fields.flag("do_center_crop");
    if (crops) {
      requireOneSize(fields);
    }
    return new Preprocessing(
        numbers(fields, "image_mean"),
        numbers(fields, "image_std"),
        filter(
            fields,
            "resample",
            switch (fields.integer("resample", 3)) {
              case 2 -> "bilinear";
              case 3 -> "bicubic";
              default -> "other";
            }),
        crops ? Fit.SHORTEST : Fit.SQUASH);
  }

  /// A side that is cut off a larger one shows less of the image than this transform would.
  private static void requireOneSize(JsonFields fields) throws DataException {
    JsonNode size = fields.node().path("size");
    JsonNode crop = fields.node().path("crop_size");
    int resized = size.isInt() ? size.asInt() : size.path("shortest_edge").asInt(0);
    int cut = crop.isInt() ? crop.asInt() : crop.path("height").asInt(0);
    if (resized > 0 && cut > 0 && resized != cut) {
      throw fields.problem(
          "crop_size",
          "is %d px of a side of %d px; both are expected to be the model's"
              .formatted(cut, resized));
    }
  }

  private static Filter filter(JsonFields fields, String key, String name) throws DataException {
    return switch (name) {
      case "bicubic" -> Filter.BICUBIC;
      case "bilinear" -> Filter.BILINEAR;
      default -> throw fields.problem(key, "is neither bicubic nor bilinear");
    };
  }

  private static Fit fit(JsonFields fields, String name) throws DataException {
    return switch (name) {
      case "shortest" -> Fit.SHORTEST;
      case "squash" -> Fit.SQUASH;
      default -> throw fields.problem("resize_mode", "is neither 'shortest' nor 'squash'");
    };
  }

  private static List<Double> numbers(JsonFields fields, String key) throws DataException {
    JsonNode node = fields.node().path(key);
    List<Double> numbers = new ArrayList<>();
    for (JsonNode each : node) {
      numbers.add(each.asDouble(Double.NaN));
    }
    if (numbers.size() != 3 || numbers.stream().anyMatch(number -> !Double.isFinite(number))) {
      throw fields.problem(key, "is no list of three numbers");
    }
    return numbers;
  }

  /// The whole `open_clip_config.json`.
  public ObjectNode openClipConfig(ClipSpec spec) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.set("model_cfg", OpenClipConfig.write(spec));
    ObjectNode preprocess = root.putObject(OPEN_CLIP);
    preprocess.putArray("size").add(spec.image().height()).add(spec.image().width());
    preprocess.put("mode", "RGB");
    put(preprocess, "mean", mean);
    put(preprocess, "std", std);
    preprocess.put("interpolation", lowerCase(interpolation));
    preprocess.put("resize_mode", lowerCase(fit));
    return root;
  }

  /// The `preprocessor_config.json`, which says how much is cut out; how an input that is not
  /// square is covered it has no word for.
  public ObjectNode huggingFace(ClipSpec spec) {
    return huggingFace(spec.image().height(), spec.image().width());
  }

  /// As above.
  ///
  /// @param size height of the input in pixels
  /// @param width of it
  public ObjectNode huggingFace(int size, int width) {
    boolean shortest = fit == Fit.SHORTEST;
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("image_processor_type", "CLIPImageProcessor");
    root.put("do_convert_rgb", true);
    root.put("do_resize", true);
    if (shortest) {
      root.putObject("size").put("shortest_edge", Math.max(size, width));
    } else {
      root.putObject("size").put("height", size).put("width", width);
    }
    root.put("resample", pillowNumber());
    root.put("do_center_crop", shortest);
    root.putObject("crop_size").put("height", size).put("width", width);
    root.put("do_rescale", true);
    root.put("rescale_factor", 1 / 255.0);
    root.put("do_normalize", true);
    put(root, "image_mean", mean);
    put(root, "image_std", std);
    return root;
  }

  private int pillowNumber() {
    return switch (interpolation) {
      case BICUBIC -> 3;
      case BILINEAR -> 2;
    };
  }

  private static void put(ObjectNode node, String key, List<Double> values) {
    var array = node.putArray(key);
    values.forEach(array::add);
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
