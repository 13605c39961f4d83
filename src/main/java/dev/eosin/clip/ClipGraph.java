package dev.eosin.clip;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.DataException;
import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.Dimension;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.GraphBuilder;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.tower.ImageTowerGraph;
import dev.eosin.tower.TextTowerGraph;
import java.util.List;

/// A [Clip] as graphs, in the names and axes of optimum.
///
/// @param weights under Eosin's names, adapters merged; open until the graphs are written
public record ClipGraph(
    ClipSpec spec, StoredTensors weights, Opset opset, GraphPrecision precision) {
  /// What graphs take and give.
  public static final String PIXELS = "pixel_values";

  public static final String IDS = "input_ids";
  public static final String MASK = "attention_mask";
  public static final String IMAGE = "image_embeds";
  public static final String TEXT = "text_embeds";
  public static final String PER_IMAGE = "logits_per_image";
  public static final String PER_TEXT = "logits_per_text";

  private static final String IMAGES = "image_batch_size";
  private static final String TEXTS = "text_batch_size";
  private static final String LENGTH = "sequence_length";

  /// Both towers: images and captions to unit vectors and logits of each with each
  /// (`zero-shot-image-classification`).
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel whole() throws DataException {
    GraphPass pass = pass("clip");
    GraphValue ids = ids(pass);
    GraphValue pixels = pixels(pass);
    GraphValue mask = mask(pass);
    GraphValue text = new TextTowerGraph(pass, Clip.text(spec)).features(ids, mask);
    GraphValue image = new ImageTowerGraph(pass, Clip.image(spec)).features(pixels);
    GraphValue perImage = logits(pass, image, text);
    GraphBuilder graph = pass.graph();
    graph.output(PER_IMAGE, perImage, Dimension.of(IMAGES), Dimension.of(TEXTS));
    graph.output(PER_TEXT, turned(pass, perImage), Dimension.of(TEXTS), Dimension.of(IMAGES));
    graph.output(TEXT, text, Dimension.of(TEXTS), Dimension.of(spec.embedSize()));
    graph.output(IMAGE, image, Dimension.of(IMAGES), Dimension.of(spec.embedSize()));
    return graph.build();
  }

  /// The image tower alone (`feature-extraction`).
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel image() throws DataException {
    GraphPass pass = pass("clip-image");
    GraphValue features = new ImageTowerGraph(pass, Clip.image(spec)).features(pixels(pass));
    pass.graph().output(IMAGE, features, Dimension.of(IMAGES), Dimension.of(spec.embedSize()));
    return pass.graph().build();
  }

  /// The text tower alone (`feature-extraction`).
  ///
  /// @throws DataException when a weight is missing
  public OnnxModel text() throws DataException {
    GraphPass pass = pass("clip-text");
    GraphValue ids = ids(pass);
    GraphValue features = new TextTowerGraph(pass, Clip.text(spec)).features(ids, mask(pass));
    pass.graph().output(TEXT, features, Dimension.of(TEXTS), Dimension.of(spec.embedSize()));
    return pass.graph().build();
  }

  private GraphPass pass(String name) {
    return new GraphPass(new GraphBuilder(name, opset, precision), weights);
  }

  private static GraphValue ids(GraphPass pass) {
    return pass.graph().input(IDS, ElementType.INT64, Dimension.of(TEXTS), Dimension.of(LENGTH));
  }

  private static GraphValue mask(GraphPass pass) {
    return pass.graph().input(MASK, ElementType.INT64, Dimension.of(TEXTS), Dimension.of(LENGTH));
  }

  private GraphValue pixels(GraphPass pass) {
    return pass.graph()
        .input(
            PIXELS,
            ElementType.FLOAT,
            Dimension.of(IMAGES),
            Dimension.of(3),
            Dimension.of(spec.image().height()),
            Dimension.of(spec.image().width()));
  }

  private GraphValue logits(GraphPass pass, GraphValue image, GraphValue text)
      throws DataException {
    GraphValue cosines = pass.op("MatMul", List.of(image, turned(pass, text)));
    GraphValue scale = pass.op("Exp", List.of(pass.weight(Clip.LOGIT_SCALE)));
    GraphValue scaled = pass.op("Mul", List.of(cosines, scale));
    return spec.logitBias()
        ? pass.op("Add", List.of(scaled, pass.weight(Clip.LOGIT_BIAS)))
        : scaled;
  }

  private static GraphValue turned(GraphPass pass, GraphValue matrix) {
    return pass.op("Transpose", List.of(matrix), Attribute.of("perm", new long[] {1, 0}));
  }
}
