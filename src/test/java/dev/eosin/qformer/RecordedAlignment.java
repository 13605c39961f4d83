package dev.eosin.qformer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.features.ImageFeatures;
import dev.eosin.language.TokenMask;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;

/// A recorded case of a first stage: image tower, Q-Former and heads, with their weights and rows.
record RecordedAlignment(ImageFeatures tower, Alignment model, RecordedQFormer recorded)
    implements AutoCloseable {
  /// @param stage1 whether the file has a temperature and what scores words
  static RecordedAlignment open(ParityCase parity, boolean stage1, boolean normTrained)
      throws IOException {
    JsonNode config = RecordedQFormer.config(parity);
    ImageFeatures tower = tower(config.required("vision_config"));
    JsonNode own = config.required("qformer_config");
    QFormer qformer =
        new QFormer(
            "qformer",
            RecordedQFormer.spec(own, config.required("num_query_tokens").intValue(), true));
    AlignmentHeads heads =
        new AlignmentHeads(
            qformer, "alignment", config.required("image_text_hidden_size").intValue());
    JsonNode losses = config.path("stage1");
    Alignment model =
        new Alignment(
            norm(config),
            qformer,
            heads,
            losses.path("bos_token_id").asInt(0),
            losses.path("itc_label_smoothing").asDouble(0));
    Layout layout = QFormerNames.BLIP2.alignment(Optional.of(tower), model);
    Set<String> absent = stage1 ? Set.of() : heads.absentFromTransformers();
    List<Weight> weights =
        Stream.concat(Stream.of(tower), model.parts().stream())
            .flatMap(part -> part.weights().stream())
            .filter(weight -> !absent.contains(weight.name()))
            .toList();
    Set<String> trained = new HashSet<>();
    for (Part part : model.parts()) {
      if (normTrained || part != model.norm()) {
        part.weights().forEach(weight -> trained.add(weight.name()));
      }
    }
    return new RecordedAlignment(
        tower, model, RecordedQFormer.open(parity, layout, weights, stage1 ? trained : Set.of()));
  }

  static ImageNorm norm(JsonNode config) {
    JsonNode vision = config.required("vision_config");
    return new ImageNorm(
        "image-norm",
        vision.required("hidden_size").intValue(),
        vision.required("layer_norm_eps").doubleValue());
  }

  static ImageFeatures tower(JsonNode vision) {
    int size = vision.required("image_size").intValue();
    int layers = vision.required("num_hidden_layers").intValue();
    TimmImage image =
        new TimmImage(
            "eva",
            new TimmImage.Trunk(
                size,
                size,
                vision.required("patch_size").intValue(),
                vision.required("hidden_size").intValue(),
                layers,
                vision.required("num_attention_heads").intValue(),
                vision.required("intermediate_size").intValue(),
                false,
                OptionalDouble.empty(),
                0,
                false),
            TimmImage.Pool.CLASS_TOKEN,
            Projection.NONE,
            false);
    return new ImageFeatures(ImageTower.of("image", image, 1, Activation.GELU), layers, true);
  }

  /// Some rows of a batch's inputs.
  ///
  /// @param batch where inputs have one more dimension, else -1
  CaptionRows captions(int batch) throws IOException {
    long[] shape = recorded.shape("input_ids");
    long[] ids = part(recorded.inputs().longs("input_ids"), batch, shape);
    long[] mask = part(recorded.inputs().longs("attention_mask"), batch, shape);
    int width = (int) shape[shape.length - 1];
    return new CaptionRows(ids, new TokenMask(ids.length / width, width, mask));
  }

  private static long[] part(long[] all, int batch, long[] shape) {
    int size = batch < 0 ? all.length : all.length / (int) shape[0];
    int from = Math.max(0, batch) * size;
    return Arrays.copyOfRange(all, from, from + size);
  }

  Tensor pixels(int batch) throws IOException {
    if (batch < 0) {
      return recorded.floats("pixel_values");
    }
    long[] shape = recorded.shape("pixel_values");
    float[] all = recorded.inputs().floats("pixel_values");
    int size = all.length / (int) shape[0];
    return RecordedQFormer.ENGINE.of(
        Arrays.copyOfRange(all, batch * size, (batch + 1) * size),
        Arrays.copyOfRange(shape, 1, shape.length));
  }

  /// The frozen tower's states.
  Value states(Pass pass, int batch) throws IOException {
    try (Tensor pixels = pixels(batch)) {
      return tower.of(pass, pixels);
    }
  }

  @Override
  public void close() {
    recorded.close();
  }
}
