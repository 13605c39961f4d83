package dev.eosin.vllm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.language.spec.ConfigFields;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How images become a LLaVA model's input, as `preprocessor_config.json` has it.
///
/// Sources: transformers 5.18 `image_processing_clip.py`, `image_processing_llava.py`.
///
/// @param size side of the input in pixels
/// @param geometry how an image becomes square
public record ImageProcessing(int size, ImageGeometry geometry, Normalisation normalisation) {
  /// The file of a folder.
  public static final String FILE = "preprocessor_config.json";

  /// Where transformers 5 has it beside what else a processor is.
  private static final String PROCESSOR = "processor_config.json";

  private static final int BICUBIC = 3;

  /// LLaVA's habits.
  public static ImageProcessing llava(int size, ImageGeometry geometry) {
    return new ImageProcessing(size, geometry, Normalisation.OPENAI);
  }

  /// What makes an image into the tower's input.
  public TileTransform transform() {
    return geometry.transform(size, normalisation);
  }

  /// What a folder says.
  ///
  /// @return empty where it says nothing
  /// @throws DataException naming the file and the option that is missing, wrong or not computed
  ///   here
  public static Optional<ImageProcessing> in(Path folder) throws DataException {
    if (Files.isRegularFile(folder.resolve(FILE))) {
      return Optional.of(read(ConfigFields.open(folder.resolve(FILE))));
    }
    if (Files.isRegularFile(folder.resolve(PROCESSOR))) {
      ConfigFields processor = ConfigFields.open(folder.resolve(PROCESSOR));
      Optional<ConfigFields> images = processor.object("image_processor");
      return images.isPresent() ? Optional.of(read(images.get())) : Optional.empty();
    }
    return Optional.empty();
  }

  private static ImageProcessing read(ConfigFields fields) throws DataException {
    fields.ignore(
        Set.of(
            "_processor_class",
            "_valid_processor_keys",
            "data_format",
            "default_to_square",
            "device",
            "disable_grouping",
            "feature_extractor_type",
            "image_processor_type",
            "image_seq_length",
            "input_data_format",
            "processor_class",
            "return_tensors"));
    for (String always : List.of("do_resize", "do_rescale", "do_normalize", "do_convert_rgb")) {
      fields.requireOnly(always, "true");
    }
    if (Math.abs(fields.numberOr("rescale_factor", 1 / 255.0) - 1 / 255.0) > 1e-12) {
      throw fields.wrong("rescale_factor", "1 / 255");
    }
    int size = size(fields);
    fields.requireOnly("resample", "3");
    var normalisation =
        new Normalisation(
            numbers(fields, "image_mean", Normalisation.OPENAI.mean()),
            numbers(fields, "image_std", Normalisation.OPENAI.std()));
    ImageGeometry geometry = geometry(fields, size);
    fields.requireNothingElse();
    return new ImageProcessing(size, geometry, normalisation);
  }

  private static int size(ConfigFields fields) throws DataException {
    Optional<ConfigFields> size =
        fields.has("size") && !fields.isNumber("size") ? fields.object("size") : Optional.empty();
    if (size.isEmpty()) {
      return fields.sizeOr("size", 224);
    }
    if (size.get().has("shortest_edge")) {
      return size.get().size("shortest_edge");
    }
    int height = size.get().size("height");
    if (size.get().size("width") != height) {
      throw fields.wrong("size", "a square");
    }
    return height;
  }

  private static ImageGeometry geometry(ConfigFields fields, int size) throws DataException {
    boolean crops = fields.flag("do_center_crop", true);
    Optional<ConfigFields> crop =
        fields.has("crop_size") && !fields.isNumber("crop_size")
            ? fields.object("crop_size")
            : Optional.empty();
    int height = crop.isPresent() ? crop.get().size("height") : fields.sizeOr("crop_size", size);
    int width = crop.isPresent() ? crop.get().size("width") : height;
    if (crops && (height != size || width != size)) {
      throw fields.wrong("crop_size", "the same as size, %d x %d".formatted(size, size));
    }
    if (fields.flag("do_pad", false)) {
      return ImageGeometry.PAD;
    }
    return crops ? ImageGeometry.CROP : ImageGeometry.SQUASH;
  }

  private static List<Double> numbers(ConfigFields fields, String field, List<Double> otherwise)
      throws DataException {
    List<Double> numbers = fields.has(field) ? fields.numbers(field) : otherwise;
    if (numbers.size() != 3) {
      throw fields.wrong(field, "three numbers: red, green and blue");
    }
    return numbers;
  }

  /// `preprocessor_config.json`, as a file.
  public FileContent content() {
    return FileContent.text(written(VisionLanguageExport.PROCESSOR).toPrettyString() + "\n");
  }

  /// `preprocessor_config.json`.
  ///
  /// @param processor the class that it belongs to
  ObjectNode written(String processor) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    boolean pads = geometry == ImageGeometry.PAD;
    json.put("image_processor_type", pads ? "LlavaImageProcessor" : "CLIPImageProcessor");
    json.put("processor_class", processor);
    json.put("do_convert_rgb", true);
    if (pads) {
      json.put("do_pad", true);
    }
    json.put("do_resize", true);
    if (geometry == ImageGeometry.SQUASH) {
      json.putObject("size").put("height", size).put("width", size);
    } else {
      json.putObject("size").put("shortest_edge", size);
    }
    json.put("resample", BICUBIC);
    json.put("do_center_crop", geometry != ImageGeometry.SQUASH);
    json.putObject("crop_size").put("height", size).put("width", size);
    json.put("do_rescale", true);
    json.put("rescale_factor", 1 / 255.0);
    json.put("do_normalize", true);
    normalisation.mean().forEach(json.putArray("image_mean")::add);
    normalisation.std().forEach(json.putArray("image_std")::add);
    return json;
  }
}
