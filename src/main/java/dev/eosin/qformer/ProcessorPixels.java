package dev.eosin.qformer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.image.Filter;
import dev.eosin.image.transforms.EvaluationTransform.Fit;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.language.spec.ConfigFields;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// How transformers makes a picture the input of a tower: `preprocessor_config.json`. BLIP-2's own
/// resizes both sides; what covers the input and cuts is CLIP's, which the processors before
/// transformers 5 refuse.
///
/// @param height of the input in pixels
/// @param width of the input in pixels
/// @param mean of red, green and blue in [0, 1]
/// @param std of red, green and blue in [0, 1]
public record ProcessorPixels(
    int height, int width, Fit fit, Filter interpolation, List<Double> mean, List<Double> std) {
  /// The file.
  public static final String NAME = "preprocessor_config.json";

  private static final String BLIP = "BlipImageProcessor";
  private static final String CLIP = "CLIPImageProcessor";
  private static final int BICUBIC = 3;
  private static final int BILINEAR = 2;

  public ProcessorPixels {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
  }

  /// As a recipe prepares images for evaluations.
  public static ProcessorPixels of(ImageSettings image) {
    return new ProcessorPixels(
        image.size().height().value(),
        image.size().width().value(),
        image.fit(),
        image.interpolation(),
        image.mean(),
        image.std());
  }

  /// Of BLIP-2's own file.
  ///
  /// @throws DataException naming the file and the option that is missing or not carried over
  public static ProcessorPixels read(Path file) throws DataException {
    ConfigFields fields = ConfigFields.open(file);
    fields.ignore(Set.of("processor_class", "default_to_square", "do_convert_rgb", "data_format"));
    for (String type : List.of("image_processor_type", "feature_extractor_type")) {
      if (fields.has(type) && !fields.text(type).startsWith("Blip")) {
        throw fields.wrong(type, BLIP);
      }
    }
    for (String flag : List.of("do_resize", "do_rescale", "do_normalize")) {
      fields.requireOnly(flag, "true");
    }
    ConfigFields size = fields.object("size").orElseThrow(() -> fields.wrong("size", "sides"));
    return new ProcessorPixels(
        size.size("height"),
        size.size("width"),
        Fit.SQUASH,
        filter(fields),
        numbers(fields, "image_mean"),
        numbers(fields, "image_std"));
  }

  private static Filter filter(ConfigFields fields) throws DataException {
    return switch (fields.sizeOr("resample", BICUBIC)) {
      case BICUBIC -> Filter.BICUBIC;
      case BILINEAR -> Filter.BILINEAR;
      default -> throw fields.wrong("resample", "3 (bicubic) or 2 (bilinear)");
    };
  }

  private static List<Double> numbers(ConfigFields fields, String name) throws DataException {
    JsonNode node = fields.json(name);
    List<Double> numbers = new ArrayList<>();
    node.forEach(each -> numbers.add(each.asDouble(Double.NaN)));
    if (numbers.size() != 3 || numbers.stream().anyMatch(each -> !Double.isFinite(each))) {
      throw fields.wrong(name, "three numbers");
    }
    return numbers;
  }

  ObjectNode json(String processor) {
    ObjectNode json = new JsonMapper().createObjectNode();
    json.put("processor_class", processor);
    json.put("do_convert_rgb", true);
    json.put("do_resize", true);
    switch (fit) {
      case SQUASH -> {
        json.put("image_processor_type", BLIP);
        json.putObject("size").put("height", height).put("width", width);
      }
      case SHORTEST -> {
        json.put("image_processor_type", CLIP);
        json.putObject("size").put("shortest_edge", Math.min(height, width));
        json.put("do_center_crop", true);
        json.putObject("crop_size").put("height", height).put("width", width);
      }
    }
    json.put(
        "resample",
        switch (interpolation) {
          case BICUBIC -> BICUBIC;
          case BILINEAR -> BILINEAR;
        });
    json.put("do_rescale", true);
    json.put("rescale_factor", 1 / 255.0);
    json.put("do_normalize", true);
    fill(json.putArray("image_mean"), mean);
    fill(json.putArray("image_std"), std);
    return json;
  }

  private static void fill(ArrayNode array, List<Double> values) {
    values.forEach(array::add);
  }
}
