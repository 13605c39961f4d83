package dev.eosin.clip.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.TimmModels;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// The `vision_cfg` of an open_clip configuration that names a timm model.
///
/// Sizes come from the name ([TimmModels]) and from `timm_model_kwargs`, the arguments of timm's
/// `VisionTransformer`, which later versions of open_clip pass on.
final class TimmConfig {
  static final String NAME = "timm_model_name";
  private static final String SIZES = "timm_model_kwargs";

  /// `layers` and the like are overridden by the named model, as in open_clip.
  private static final Set<String> KEYS =
      Set.of(
          NAME,
          SIZES,
          "timm_model_pretrained",
          "timm_pool",
          "timm_proj",
          "timm_proj_bias",
          "image_size",
          "layers",
          "width",
          "head_width",
          "patch_size",
          "mlp_ratio",
          "patch_dropout");

  private static final Set<String> SIZE_KEYS =
      Set.of(
          "img_size",
          "patch_size",
          "embed_dim",
          "depth",
          "num_heads",
          "mlp_ratio",
          "init_values",
          "reg_tokens",
          "no_embed_class",
          "mlp_layer",
          "act_layer",
          "num_classes",
          "dynamic_img_size",
          "class_token",
          "qkv_bias",
          "proj_bias",
          "final_norm",
          "global_pool");

  private TimmConfig() {}

  static TimmImage read(JsonFields vision, int embedSize) throws DataException {
    vision.refuseOthers(KEYS);
    String name = vision.text(NAME, "");
    Optional<TimmImage.Trunk> known = TimmModels.named(name);
    if (known.isEmpty() && !vision.has(SIZES)) {
      throw vision.problem(
          NAME,
          "is '%s', which is not known here; known are %s; give the sizes of another vision transformer in vision_cfg.%s: img_size, patch_size, embed_dim, depth, num_heads (and mlp_ratio, init_values, reg_tokens, no_embed_class, mlp_layer, act_layer where it has them)"
              .formatted(name, TimmModels.names(), SIZES));
    }
    TimmImage.Trunk trunk =
        vision.has(SIZES) ? trunk(vision.object(SIZES), known) : known.orElseThrow();
    requireSize(vision, name, trunk);
    Projection projection = projection(vision);
    if (projection == Projection.NONE && trunk.hiddenSize() != embedSize) {
      throw vision.problem(
          "timm_proj",
          "is 'none', but the tower's width is %d and embed_dim %d"
              .formatted(trunk.hiddenSize(), embedSize));
    }
    return new TimmImage(
        name, trunk, pool(vision, projection), projection, vision.flag("timm_proj_bias"));
  }

  private static void requireSize(JsonFields vision, String name, TimmImage.Trunk trunk)
      throws DataException {
    if (!vision.has("image_size")) {
      return;
    }
    int height = vision.side("image_size", 0, trunk.height());
    int width = vision.side("image_size", 1, trunk.width());
    if (height != trunk.height() || width != trunk.width()) {
      throw vision.problem(
          "image_size",
          "is %d x %d, but %s takes %d x %d; give %s.img_size"
              .formatted(height, width, name, trunk.height(), trunk.width(), SIZES));
    }
  }

  static TimmImage.Trunk trunk(JsonFields sizes, Optional<TimmImage.Trunk> known)
      throws DataException {
    sizes.refuseOthers(SIZE_KEYS);
    for (String always : new String[] {"class_token", "qkv_bias", "proj_bias", "final_norm"}) {
      if (sizes.has(always) && !sizes.flag(always)) {
        throw sizes.problem(always, "is false; only true is supported");
      }
    }
    int hidden = size(sizes, "embed_dim", known.map(TimmImage.Trunk::hiddenSize));
    boolean gated = gated(sizes, known);
    int mlp =
        sizes.has("mlp_ratio") || known.isEmpty()
            ? (int) (hidden * sizes.number("mlp_ratio", 4))
            : mlp(known.get(), hidden);
    OptionalDouble scale = known.map(TimmImage.Trunk::layerScale).orElse(OptionalDouble.empty());
    if (sizes.has("init_values")) {
      double value = sizes.number("init_values", 0);
      scale = value == 0 ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
    return new TimmImage.Trunk(
        sizes.has("img_size")
            ? sizes.side("img_size", 0, 224)
            : known.map(TimmImage.Trunk::height).orElse(224),
        sizes.has("img_size")
            ? sizes.side("img_size", 1, 224)
            : known.map(TimmImage.Trunk::width).orElse(224),
        size(sizes, "patch_size", known.map(TimmImage.Trunk::patch)),
        hidden,
        size(sizes, "depth", known.map(TimmImage.Trunk::layers)),
        size(sizes, "num_heads", known.map(TimmImage.Trunk::heads)),
        gated ? mlp / 2 : mlp,
        gated,
        scale,
        sizes.integer("reg_tokens", known.map(TimmImage.Trunk::registers).orElse(0)),
        sizes.has("no_embed_class")
            ? sizes.flag("no_embed_class")
            : known.map(TimmImage.Trunk::patchPositionsOnly).orElse(false));
  }

  /// A name stands for a ratio, which another width keeps; timm counts the gate's half with it.
  private static int mlp(TimmImage.Trunk known, int hidden) {
    return known.mlpSize() * (known.gated() ? 2 : 1) * hidden / known.hiddenSize();
  }

  private static int size(JsonFields sizes, String key, Optional<Integer> known)
      throws DataException {
    return known.isPresent() ? sizes.integer(key, known.get()) : sizes.integer(key);
  }

  /// timm's gated MLP takes the block's activation: SiLU must be said.
  private static boolean gated(JsonFields sizes, Optional<TimmImage.Trunk> known)
      throws DataException {
    boolean before = known.map(TimmImage.Trunk::gated).orElse(false);
    String layer = last(sizes.text("mlp_layer", before ? "SwiGLUPacked" : "Mlp"));
    String activation = last(sizes.text("act_layer", before ? "silu" : "gelu"));
    boolean silu = activation.equalsIgnoreCase("silu");
    boolean gated = layer.equals("SwiGLUPacked");
    if (!gated && !layer.equals("Mlp")) {
      throw sizes.problem(
          "mlp_layer", "is '%s'; 'Mlp' or 'SwiGLUPacked' is expected".formatted(layer));
    }
    if (gated != silu || !silu && !activation.equalsIgnoreCase("gelu")) {
      throw sizes.problem(
          "act_layer",
          "is '%s'; '%s' is expected with mlp_layer '%s'"
              .formatted(activation, gated ? "silu" : "gelu", layer));
    }
    return gated;
  }

  /// `timm.layers.SwiGLUPacked` and `torch.nn.SiLU` may be written in full.
  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static Projection projection(JsonFields vision) throws DataException {
    String name = vision.text("timm_proj", "linear");
    return switch (name) {
      case "linear" -> Projection.LINEAR;
      case "mlp" -> Projection.MLP;
      case "none" -> Projection.NONE;
      default ->
          throw vision.problem(
              "timm_proj", "is '%s'; 'linear', 'mlp' or 'none' is expected".formatted(name));
    };
  }

  /// Where open_clip adds no projection it makes the trunk with its pooling, which moves the norm.
  private static TimmImage.Pool pool(JsonFields vision, Projection projection)
      throws DataException {
    String name = vision.text("timm_pool", "avg");
    boolean projected = projection != Projection.NONE;
    String trunks = vision.has(SIZES) ? vision.object(SIZES).text("global_pool", "token") : "token";
    return switch (name.isEmpty() && projected ? trunks : name) {
      case "token" -> TimmImage.Pool.CLASS_TOKEN;
      case "avg" -> projected ? TimmImage.Pool.MEAN : TimmImage.Pool.MEAN_THEN_NORM;
      default ->
          throw vision.problem(
              "timm_pool",
              "is '%s'; 'token', 'avg' or, with a projection, '' is expected".formatted(name));
    };
  }

  static void write(TimmImage image, ObjectNode vision) {
    TimmImage.Trunk trunk = image.trunk();
    vision.put(NAME, image.name());
    vision.put("timm_model_pretrained", false);
    vision.put("timm_pool", image.pool() == TimmImage.Pool.CLASS_TOKEN ? "token" : "avg");
    vision.put(
        "timm_proj",
        switch (image.projection()) {
          case NONE -> "none";
          case LINEAR -> "linear";
          case MLP -> "mlp";
        });
    vision.put("timm_proj_bias", image.projectionBias());
    putSize(vision, "image_size", trunk);
    if (!TimmModels.named(image.name()).equals(Optional.of(trunk))) {
      sizes(vision.putObject(SIZES), trunk);
    }
  }

  private static void sizes(ObjectNode sizes, TimmImage.Trunk trunk) {
    putSize(sizes, "img_size", trunk);
    sizes.put("patch_size", trunk.patch());
    sizes.put("embed_dim", trunk.hiddenSize());
    sizes.put("depth", trunk.layers());
    sizes.put("num_heads", trunk.heads());
    int rows = trunk.gated() ? 2 * trunk.mlpSize() : trunk.mlpSize();
    sizes.put("mlp_ratio", OpenClipConfig.ratio(rows, trunk.hiddenSize()));
    trunk.layerScale().ifPresent(value -> sizes.put("init_values", value));
    sizes.put("reg_tokens", trunk.registers());
    sizes.put("no_embed_class", trunk.patchPositionsOnly());
    if (trunk.gated()) {
      sizes.put("mlp_layer", "SwiGLUPacked");
      sizes.put("act_layer", "silu");
    }
  }

  private static void putSize(ObjectNode node, String key, TimmImage.Trunk trunk) {
    if (trunk.height() == trunk.width()) {
      node.put(key, trunk.height());
    } else {
      node.putArray(key).add(trunk.height()).add(trunk.width());
    }
  }
}
