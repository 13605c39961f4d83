package dev.eosin.features;

import dev.eosin.config.DataException;
import dev.eosin.data.BatchImages;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Features that are kept on disk: an image goes through the tower once, whatever runs and epochs
/// ask for it. What was just computed is rounded as what is read, so that no result depends on what
/// the disk holds.
///
/// @param tower computes what is missing; closed with this
/// @param store of its features
/// @param engine of the tensors
/// @param compute the type of what is given out
public record StoredFeatures(TowerFeatures tower, FeatureStore store, Engine engine, DType compute)
    implements TowerFeatures {
  @Override
  public Tensor states(BatchImages images, int... which) {
    try (Scope scope = new Scope()) {
      List<String> keys = new ArrayList<>();
      Map<String, Tensor> found = new LinkedHashMap<>();
      Map<String, Integer> missing = new LinkedHashMap<>();
      for (int image : which) {
        String key = FeatureContents.key(images.pixels(), image, images.height(), images.width());
        keys.add(key);
        if (!found.containsKey(key) && !missing.containsKey(key)) {
          Optional<Tensor> kept = store.read(engine, key);
          kept.ifPresent(tensor -> found.put(key, scope.own(tensor)));
          if (kept.isEmpty()) {
            missing.put(key, image);
          }
        }
      }
      compute(scope, images, missing, found);
      return inComputeType(keys.stream().map(found::get).toList());
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void compute(
      Scope scope, BatchImages images, Map<String, Integer> missing, Map<String, Tensor> found)
      throws DataException {
    if (missing.isEmpty()) {
      return;
    }
    int[] which = missing.values().stream().mapToInt(Integer::intValue).toArray();
    try (Tensor states = tower.states(images, which)) {
      int row = 0;
      for (String key : missing.keySet()) {
        try (Tensor one = engine.kernels().one("row_range", states, row, row + 1)) {
          Tensor rounded = scope.own(engine.zeros(store.contents().type().elements(), one.shape()));
          engine.kernels().run("assign", rounded, one);
          store.write(key, rounded);
          found.put(key, rounded);
        }
        row++;
      }
    }
  }

  private Tensor inComputeType(List<Tensor> parts) {
    Tensor all = engine.kernels().one("stacked", parts);
    if (all.dtype() == compute) {
      return all;
    }
    try (all) {
      Tensor converted = engine.zeros(compute, all.shape());
      engine.kernels().run("assign", converted, all);
      return converted;
    }
  }

  @Override
  public void close() {
    tower.close();
  }
}
