package dev.eosin.albef;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.PixelInputs;
import java.util.List;
import java.util.function.Function;

/// What the trained encoder of an [Albef] makes of images and texts, outside of any training: what
/// its graphs ([AlbefGraph]) are compared with. b images, t texts, d embedding size.
///
/// @param parameters of the trained encoder and the judgement; closed with this
/// @param inputs closed with this
public record AlbefVectors(Albef model, ParameterSet parameters, PixelInputs inputs)
    implements AutoCloseable {
  /// Unit vectors [b,d].
  public TensorData images(BatchImages images) {
    try (Tensor pixels = pixels(images)) {
      return given(pass -> model.trained().imageFeatures(pass, pixels));
    }
  }

  private Tensor pixels(BatchImages images) {
    return inputs.pixels(images.pixels(), 0, images.count(), images.height(), images.width());
  }

  /// Unit vectors [t,d].
  public TensorData texts(CaptionRows texts) {
    return given(pass -> model.trained().textFeatures(pass, texts));
  }

  /// Logits of no and yes [b,2].
  ///
  /// @param texts one for each image
  public TensorData judged(BatchImages images, CaptionRows texts) {
    try (Tensor pixels = pixels(images)) {
      return given(
          pass -> {
            Value states = model.trained().images().states(pass, pixels);
            List<Value> seen = model.trained().texts().image(pass, states);
            return model.judged(pass, seen, texts);
          });
    }
  }

  private TensorData given(Function<Pass, Value> computed) {
    try (Forward graph = new Forward(parameters.engine())) {
      Tensor values = computed.apply(new Pass(graph, parameters, BlockExecution.PLAIN)).data();
      return TensorData.of(values.toFloats(), values.shape());
    }
  }

  @Override
  public void close() {
    try (inputs) {
      parameters.close();
    }
  }
}
