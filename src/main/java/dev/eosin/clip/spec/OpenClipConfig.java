package dev.eosin.clip.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.nn.Activation;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.TextSpec;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.Vit;
import java.util.Optional;
import java.util.Set;

/// open_clip's model configuration: a bare model config, or `open_clip_config.json` with
/// `model_cfg` inside.
///
/// Source: open_clip 3.3.0 `model.py` (CLIPVisionCfg, CLIPTextCfg and their defaults).
public final class OpenClipConfig {
  private static final Set<String> MODEL =
      Set.of(
          "embed_dim",
          "quick_gelu",
          "vision_cfg",
          "text_cfg",
          "init_logit_scale",
          "init_logit_bias",
          "cast_dtype");
  private static final Set<String> VISION =
      Set.of(
          "image_size",
          "layers",
          "width",
          "head_width",
          "patch_size",
          "mlp_ratio",
          "patch_dropout");
  private static final Set<String> TEXT =
      Set.of(
          "context_length",
          "vocab_size",
          "width",
          "heads",
          "layers",
          "mlp_ratio",
          "pool_type",
          "eos_id",
          "hf_tokenizer_name",
          "tokenizer_kwargs");

  private OpenClipConfig() {}

  /// @param file for messages
  /// @throws DataException naming the file and the key that is missing, wrong or not supported
  public static ClipSpec read(String file, JsonNode root) throws DataException {
    return read(file, root, Optional.empty());
  }

  /// As [#read(String, JsonNode)], with the `config.json` beside the file, where a text tower of
  /// BERT kind finds its sizes.
  ///
  /// @throws DataException naming the file and the key that is missing, wrong or not supported
  public static ClipSpec read(String file, JsonNode root, Optional<JsonNode> beside)
      throws DataException {
    boolean wrapped = root.path("model_cfg").isObject();
    JsonFields model =
        new JsonFields(file, wrapped ? "model_cfg." : "", wrapped ? root.path("model_cfg") : root);
    model.refuseOthers(MODEL);
    try {
      int embedSize = model.integer("embed_dim");
      return new ClipSpec(
          embedSize,
          image(model.object("vision_cfg"), embedSize),
          text(
              model.object("text_cfg"),
              embedSize,
              beside.map(node -> new JsonFields("config.json beside " + file, "", node))),
          model.flag("quick_gelu") ? Activation.QUICK_GELU : Activation.GELU,
          model.node().hasNonNull("init_logit_bias"));
    } catch (IllegalArgumentException e) {
      throw new DataException(file + ": " + e.getMessage(), e);
    }
  }

  private static ImageSpec image(JsonFields vision, int embedSize) throws DataException {
    return vision.has(TimmConfig.NAME) ? TimmConfig.read(vision, embedSize) : vit(vision);
  }

  private static Vit vit(JsonFields vision) throws DataException {
    neutral(vision, "pool_type", "tok");
    int hidden = vision.integer("width", 768);
    int headWidth = vision.integer("head_width", 64);
    if (headWidth < 1 || hidden % headWidth != 0) {
      throw vision.problem(
          "head_width", "is %d, not a divisor of the width %d".formatted(headWidth, hidden));
    }
    vision.refuseOthers(union(VISION, "pool_type"));
    return new Vit(
        vision.side("image_size", 0, 224),
        vision.side("image_size", 1, 224),
        vision.integer("patch_size", 16),
        hidden,
        vision.integer("layers", 12),
        hidden / headWidth,
        (int) (hidden * vision.number("mlp_ratio", 4)));
  }

  private static TextSpec text(JsonFields text, int embedSize, Optional<JsonFields> beside)
      throws DataException {
    return text.has(BertConfig.NAME) ? BertConfig.read(text, embedSize, beside) : causal(text);
  }

  private static Causal causal(JsonFields text) throws DataException {
    text.refuseOthers(TEXT);
    int hidden = text.integer("width", 512);
    return new Causal(
        text.integer("context_length", 77),
        text.integer("vocab_size", 49408),
        hidden,
        text.integer("layers", 12),
        text.integer("heads", 8),
        (int) (hidden * text.number("mlp_ratio", 4)),
        endOfText(text));
  }

  private static EndOfText endOfText(JsonFields text) throws DataException {
    String pool = text.text("pool_type", "argmax");
    return switch (pool) {
      case "argmax" -> new EndOfText.LargestId();
      case "eos" -> new EndOfText.FirstOf(text.integer("eos_id"));
      default ->
          throw text.problem("pool_type", "is '%s'; 'argmax' or 'eos' is expected".formatted(pool));
    };
  }

  private static void neutral(JsonFields fields, String key, String only) throws DataException {
    String found = fields.text(key, only);
    if (!found.equals(only)) {
      throw fields.problem(key, "is '%s'; only '%s' is supported".formatted(found, only));
    }
  }

  private static Set<String> union(Set<String> known, String more) {
    var all = new java.util.HashSet<>(known);
    all.add(more);
    return all;
  }

  /// An `open_clip_config.json` that says nothing of preprocessing.
  public static ObjectNode wrapped(ClipSpec spec) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.set("model_cfg", write(spec));
    root.putObject("preprocess_cfg");
    return root;
  }

  /// The bare model config.
  public static ObjectNode write(ClipSpec spec) {
    ObjectNode model = JsonNodeFactory.instance.objectNode();
    model.put("embed_dim", spec.embedSize());
    model.put("quick_gelu", spec.activation().quick());
    if (spec.logitBias()) {
      // open_clip adds the parameter where its initial value is given.
      model.put("init_logit_scale", Logits.INITIAL_BIASED_SCALE);
      model.put("init_logit_bias", Logits.INITIAL_BIAS);
    }
    switch (spec.image()) {
      case Vit image -> write(image, model.putObject("vision_cfg"));
      case TimmImage image -> TimmConfig.write(image, model.putObject("vision_cfg"));
    }
    switch (spec.text()) {
      case Causal text -> write(text, model.putObject("text_cfg"));
      case BertText text -> BertConfig.write(text, model.putObject("text_cfg"));
    }
    return model;
  }

  private static void write(Vit image, ObjectNode vision) {
    if (image.height() == image.width()) {
      vision.put("image_size", image.height());
    } else {
      vision.putArray("image_size").add(image.height()).add(image.width());
    }
    vision.put("layers", image.layers());
    vision.put("width", image.hiddenSize());
    vision.put("head_width", image.hiddenSize() / image.heads());
    vision.put("patch_size", image.patch());
    vision.put("mlp_ratio", ratio(image.mlpSize(), image.hiddenSize()));
  }

  private static void write(Causal text, ObjectNode language) {
    language.put("context_length", text.context());
    language.put("vocab_size", text.vocabulary());
    language.put("width", text.hiddenSize());
    language.put("heads", text.heads());
    language.put("layers", text.layers());
    language.put("mlp_ratio", ratio(text.mlpSize(), text.hiddenSize()));
    if (text.endOfText() instanceof EndOfText.FirstOf(int id)) {
      language.put("pool_type", "eos");
      language.put("eos_id", id);
    }
  }

  /// open_clip computes int(width * ratio): nudged up where the quotient would round down to one
  /// less.
  static double ratio(int mlpSize, int width) {
    double ratio = (double) mlpSize / width;
    return (int) (width * ratio) == mlpSize ? ratio : Math.nextUp(ratio);
  }
}
