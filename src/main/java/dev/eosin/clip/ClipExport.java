package dev.eosin.clip;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.AtomicFolder;
import dev.eosin.checkpoint.FileContent;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.image.EvaluationTransform;
import dev.eosin.image.ImageSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Writes a trained model as the peers read it: one folder that is a Hugging Face CLIPModel and an
/// open_clip local folder at once.
public final class ClipExport {
  private ClipExport() {}

  /// @param tokenizer the tokenizer's files by name, as transformers reads them
  /// @throws DataException when the folder cannot be written; an existing one is then untouched
  public static void write(
      Path folder, Clip clip, ImageSettings image, Map<String, FileContent> tokenizer)
      throws DataException {
    ClipSpec spec = clip.spec();
    Map<String, TensorData> weights = ClipWeights.tensors(clip);
    boolean square = spec.image().height() == spec.image().width();
    try (AtomicFolder out = AtomicFolder.begin(folder)) {
      weights(out, "open_clip_model.safetensors", ClipWeights.openClip(spec), weights);
      json(out, "open_clip_config.json", openClipConfig(spec, image));
      if (square) {
        weights(out, "model.safetensors", ClipWeights.huggingFace(spec), weights);
        json(out, "config.json", HuggingFaceConfig.write(spec));
        json(out, "preprocessor_config.json", preprocessor(spec, image));
      }
      for (Map.Entry<String, FileContent> file : tokenizer.entrySet()) {
        out.write(file.getKey(), file.getValue());
      }
      out.commit();
    }
  }

  private static void weights(
      AtomicFolder out, String name, Layout layout, Map<String, TensorData> weights)
      throws DataException {
    out.write(name, layout.write(weights, Map.of("format", "pt")));
  }

  private static void json(AtomicFolder out, String name, ObjectNode node) throws DataException {
    out.write(name, FileContent.text(node.toPrettyString() + "\n"));
  }

  private static ObjectNode openClipConfig(ClipSpec spec, ImageSettings image) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.set("model_cfg", OpenClipConfig.write(spec));
    ObjectNode preprocess = root.putObject("preprocess_cfg");
    preprocess.putArray("size").add(spec.image().height()).add(spec.image().width());
    preprocess.put("mode", "RGB");
    numbers(preprocess, "mean", image.mean());
    numbers(preprocess, "std", image.std());
    preprocess.put("interpolation", lowerCase(image.interpolation()));
    preprocess.put("resize_mode", lowerCase(image.fit()));
    return root;
  }

  private static ObjectNode preprocessor(ClipSpec spec, ImageSettings image) {
    int size = spec.image().height();
    boolean shortest = image.fit() == EvaluationTransform.Fit.SHORTEST;
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("image_processor_type", "CLIPImageProcessor");
    root.put("do_convert_rgb", true);
    root.put("do_resize", true);
    if (shortest) {
      root.putObject("size").put("shortest_edge", size);
    } else {
      root.putObject("size").put("height", size).put("width", size);
    }
    root.put("resample", pillowNumber(image));
    root.put("do_center_crop", shortest);
    root.putObject("crop_size").put("height", size).put("width", size);
    root.put("do_rescale", true);
    root.put("rescale_factor", 1 / 255.0);
    root.put("do_normalize", true);
    numbers(root, "image_mean", image.mean());
    numbers(root, "image_std", image.std());
    return root;
  }

  private static int pillowNumber(ImageSettings image) {
    return switch (image.interpolation()) {
      case BICUBIC -> 3;
      case BILINEAR -> 2;
    };
  }

  private static void numbers(ObjectNode node, String key, List<Double> values) {
    var array = node.putArray(key);
    values.forEach(array::add);
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(java.util.Locale.ROOT);
  }
}
