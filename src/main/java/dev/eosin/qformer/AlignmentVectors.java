package dev.eosin.qformer;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.features.TowerFeatures;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/// What a first stage makes of images and texts, outside of any training: what its graphs
/// ([AlignmentGraph]) are compared with. b images, t texts, q queries, d embedding size.
///
/// @param parameters of the model; closed with this
/// @param features of the frozen tower; closed with this
public record AlignmentVectors(Alignment model, ParameterSet parameters, TowerFeatures features)
    implements AutoCloseable {
  /// Unit vectors [b,q,d].
  public TensorData images(BatchImages images) {
    try (Tensor states = states(images)) {
      return given(
          pass -> {
            List<Value> image = model.image(pass, pass.graph().constant(states));
            Value last = model.qformer().read(pass, image, Optional.empty());
            return model.heads().imageFeatures(pass, last);
          });
    }
  }

  private Tensor states(BatchImages images) {
    return features.states(images, IntStream.range(0, images.count()).toArray());
  }

  /// Unit vectors [t,d].
  public TensorData texts(CaptionRows texts) {
    return given(
        pass -> {
          Value states =
              model.qformer().text(pass, texts.tensor(pass), texts.mask(), Optional.empty());
          return model.heads().textFeatures(pass, states);
        });
  }

  /// Logits of no and yes [b,2].
  ///
  /// @param texts one for each image
  public TensorData judged(BatchImages images, CaptionRows texts) {
    try (Tensor states = states(images)) {
      return given(
          pass -> {
            List<Value> image = model.image(pass, pass.graph().constant(states));
            Value words = model.qformer().words(pass, texts.tensor(pass));
            return model.judged(pass, image, words, texts.mask(), AlignmentSeeds.NONE);
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
    try (features) {
      parameters.close();
    }
  }
}
