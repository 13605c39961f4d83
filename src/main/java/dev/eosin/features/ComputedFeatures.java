package dev.eosin.features;

import dev.eosin.data.Batch;
import dev.eosin.data.BatchImages;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.PixelInputs;
import java.util.ArrayList;
import java.util.List;

/// Features of a frozen tower, computed anew for each batch.
///
/// @param tower that is frozen
/// @param parameters its weights; whoever opened them closes them
/// @param inputs of the tower, closed with the features
/// @param atOnce images that go through it together
public record ComputedFeatures(
    ImageStates tower, ParameterSet parameters, PixelInputs inputs, int atOnce)
    implements TowerFeatures {
  @Override
  public Tensor states(Batch batch) {
    BatchImages images = batch.images();
    images.requireOneEach(batch.size());
    Engine engine = parameters.engine();
    List<Tensor> parts = new ArrayList<>();
    try (Scope scope = new Scope()) {
      for (int from = 0; from < batch.size(); from += atOnce) {
        int to = Math.min(batch.size(), from + atOnce);
        try (Forward graph = new Forward(engine);
            Tensor pixels =
                inputs.pixels(images.pixels(), from, to, images.height(), images.width())) {
          Value states = tower.states(new Pass(graph, parameters, BlockExecution.PLAIN), pixels);
          parts.add(scope.own(engine.kernels().one("copied", states.data())));
        }
      }
      return engine.kernels().one("stacked", parts);
    }
  }

  @Override
  public void close() {
    inputs.close();
  }
}
