package dev.eosin.features;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

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
    FeatureContents contents = store.contents();
    long[] shape = {which.length, contents.tokens(), contents.width()};
    try (Tensor host = onHost(shape)) {
      TensorData kept = TensorData.over(host);
      Map<String, Integer> places = new LinkedHashMap<>();
      Map<String, Integer> missing = new LinkedHashMap<>();
      String[] keys = new String[which.length];
      for (int i = 0; i < which.length; i++) {
        keys[i] = FeatureContents.key(images.onHeap(which[i]), 0, images.height(), images.width());
        if (places.putIfAbsent(keys[i], i) == null && !store.read(keys[i], kept.row(i))) {
          missing.put(keys[i], i);
        }
      }
      compute(images, which, missing, kept);
      for (int i = 0; i < which.length; i++) {
        int first = places.getOrDefault(keys[i], i);
        if (first < i) {
          kept.row(i).set(kept.row(first));
        }
      }
      Tensor states = engine.zeros(compute, shape);
      engine.kernels().run("assign", states, host);
      return states;
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Of the store's type, in memory that files are read into.
  private Tensor onHost(long[] shape) {
    int type = store.contents().type().elements().scalarType();
    return engine.kernels().one("zeros", shape, type, Device.CPU.torchName());
  }

  /// Computes what is missing, rounds and keeps it.
  ///
  /// @param missing the places of what the store lacks, by key
  private void compute(
      BatchImages images, int[] which, Map<String, Integer> missing, TensorData kept)
      throws DataException {
    if (missing.isEmpty()) {
      return;
    }
    int[] places = missing.values().stream().mapToInt(Integer::intValue).toArray();
    int[] wanted = IntStream.of(places).map(place -> which[place]).toArray();
    Map<String, TensorData> written = new LinkedHashMap<>();
    try (Tensor states = tower.states(images, wanted);
        Tensor rounded =
            engine
                .kernels()
                .one("to_host", states, store.contents().type().elements().scalarType())) {
      TensorData computed = TensorData.ofHost(rounded);
      int row = 0;
      for (Map.Entry<String, Integer> one : missing.entrySet()) {
        TensorData place = kept.row(one.getValue());
        place.set(computed.row(row++));
        written.put(one.getKey(), place);
      }
    }
    store.write(written);
  }

  @Override
  public void close() {
    tower.close();
  }
}
