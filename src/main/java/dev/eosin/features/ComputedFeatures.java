package dev.eosin.features;

import dev.eosin.data.batches.BatchImages;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.PixelInputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Features of a frozen tower, computed anew for each batch.
///
/// @param tower that is frozen
/// @param parameters its weights, closed with the features
/// @param inputs of the tower, closed with the features
/// @param atOnce images that go through it together
public record ComputedFeatures(
    ImageFeatures tower, ParameterSet parameters, PixelInputs inputs, int atOnce)
    implements TowerFeatures {
  @Override
  public Tensor states(BatchImages images, int... which) {
    Engine engine = parameters.engine();
    List<Tensor> parts = new ArrayList<>();
    try (Scope scope = new Scope()) {
      for (int from = 0; from < which.length; from += atOnce) {
        int[] some = Arrays.copyOfRange(which, from, Math.min(which.length, from + atOnce));
        try (Forward graph = new Forward(engine);
            Tensor pixels = inputs.chosen(images.pixels(), some, images.height(), images.width())) {
          Value states = tower.of(new Pass(graph, parameters, fastest(engine)), pixels);
          parts.add(scope.own(engine.kernels().one("copied", states.data())));
        }
      }
      return engine.kernels().one("stacked", parts);
    }
  }

  /// Blocks where no backward follows.
  private static BlockExecution fastest(Engine engine) {
    return new BlockExecution(false, engine.device() instanceof Device.Cpu, 0);
  }

  @Override
  public void close() {
    inputs.close();
    parameters.close();
  }
}
