package dev.eosin.clip.spec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.TimmModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a folder of timm's says of its model: `config.json` with `architecture`, `model_args` (the
/// arguments of timm's `VisionTransformer`) and `pretrained_cfg`.
///
/// Source: timm 1.0.29 `models/_hub.py`.
///
/// @param image the transformer, without a projection
/// @param normalisation of the images that it was trained on, where that is said
public record TimmModelConfig(TimmImage image, Optional<Normalisation> normalisation) {
  private static final String ARCHITECTURE = "architecture";
  private static final String SIZES = "model_args";
  private static final String TRAINED = "pretrained_cfg";
  private static final int COLOURS = 3;

  /// Whether a file is such a configuration.
  ///
  /// @throws DataException when it cannot be read
  public static boolean is(Path file) throws DataException {
    return Files.isRegularFile(file) && ClipConfigFile.read(file).json().has(ARCHITECTURE);
  }

  /// A model by timm's name alone.
  public static Optional<TimmModelConfig> named(String name) {
    return TimmModels.named(name)
        .map(trunk -> new TimmModelConfig(image(name, trunk), Optional.empty()));
  }

  /// Reads the file.
  ///
  /// @throws DataException naming the key that is missing, wrong or not supported
  public static TimmModelConfig read(Path file) throws DataException {
    JsonNode json = ClipConfigFile.read(file).json();
    var fields = new JsonFields(file.toString(), "", json);
    String name = fields.text(ARCHITECTURE, "");
    Optional<TimmImage.Trunk> known = TimmModels.named(name);
    boolean sized = fields.has(SIZES) && fields.object(SIZES).has("num_heads");
    if (known.isEmpty() && !sized) {
      throw fields.problem(
          ARCHITECTURE,
          "is '%s', which is not known here; known are %s; give the sizes of another vision transformer in %s: img_size, patch_size, embed_dim, depth, num_heads (and mlp_ratio, init_values, reg_tokens, no_embed_class, mlp_layer, act_layer where it has them)"
              .formatted(name, TimmModels.names(), SIZES));
    }
    TimmImage.Trunk trunk =
        fields.has(SIZES) ? TimmConfig.trunk(fields.object(SIZES), known) : known.orElseThrow();
    return new TimmModelConfig(image(name, trunk), normalisation(fields));
  }

  private static TimmImage image(String name, TimmImage.Trunk trunk) {
    return new TimmImage(name, trunk, TimmImage.Pool.CLASS_TOKEN, Projection.NONE, false);
  }

  private static Optional<Normalisation> normalisation(JsonFields fields) throws DataException {
    JsonFields said = fields.has(TRAINED) ? fields.object(TRAINED) : fields;
    if (!said.has("mean") || !said.has("std")) {
      return Optional.empty();
    }
    return Optional.of(new Normalisation(colours(said, "mean"), colours(said, "std")));
  }

  private static List<Double> colours(JsonFields said, String key) throws DataException {
    JsonNode values = said.node().path(key);
    List<Double> colours = new ArrayList<>();
    values.forEach(value -> colours.add(value.isNumber() ? value.doubleValue() : Double.NaN));
    if (colours.size() != COLOURS || colours.stream().anyMatch(value -> value.isNaN())) {
      throw said.problem(key, "is %s; three numbers are expected".formatted(values));
    }
    return colours;
  }
}
