package dev.eosin.language.stored;

import dev.eosin.checkpoint.ElementCast;
import dev.eosin.checkpoint.Elements;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.config.DataException;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.model.DerivedTensors;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.ParameterSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongToDoubleFunction;

/// A base model's tensors with adapters merged into the weights that they adapt, in the base's
/// types or in one that is named: W + scale B A, summed in fp32 and rounded once; with magnitudes
/// each row of the sum is given its length. What was trained whole takes the place of the base's.
/// Each tensor is made when it is asked for, and not kept.
///
/// Source: `merge_and_unload` of peft 0.21.0.
///
/// @param file the base under Eosin's names
/// @param adapters beside its linears
/// @param values of adapters and of what was trained whole, by Eosin's names
/// @param type of what is made; the base's where none is named
public record MergedAdapters(
    StoredTensors file,
    Adapters adapters,
    Map<String, TensorData> values,
    Optional<StoredType> type)
    implements DerivedTensors {
  public MergedAdapters {
    values = Map.copyOf(values);
  }

  /// In the base's types.
  public MergedAdapters(StoredTensors file, Adapters adapters, Map<String, TensorData> values) {
    this(file, adapters, values, Optional.empty());
  }

  /// A trained model.
  ///
  /// @param file the base under Eosin's names
  /// @param parameters of the model, which stay open as long as this is used
  public static MergedAdapters of(
      StoredTensors file, AdaptedDecoder adapted, ParameterSet parameters) {
    Map<String, TensorData> values = new LinkedHashMap<>();
    for (Weight weight : adapted.trained()) {
      values.put(weight.name(), TensorData.of(parameters.get(weight.name()).master()));
    }
    return new MergedAdapters(file, adapted.decoder().adapters(), values);
  }

  private boolean stays(String name) {
    return !adapters.linears().containsKey(name)
        && !values.containsKey(name)
        && !values.containsKey(Adapters.rows(name));
  }

  @Override
  public TensorHeader header(String name) throws DataException {
    TensorHeader base = file.header(name);
    return stays(name) ? base : new TensorHeader(type.orElse(base.type()), base.shape());
  }

  @Override
  public TensorData entry(String name) throws DataException {
    if (stays(name)) {
      return file.entry(name);
    }
    TensorHeader made = header(name);
    TensorData whole = values.get(name);
    TensorData rows = values.get(Adapters.rows(name));
    try {
      if (rows != null) {
        return withRows(file.entry(name), rows, made.type());
      }
      return whole == null
          ? merged(name, made.type())
          : ElementCast.of(made.shape(), made.type(), whole::floatingAt);
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s: tensor %s with what was trained %s"
              .formatted(file.path(), Quote.of(name), e.getMessage()),
          e);
    }
  }

  /// In fp32 numbers of merged weights are made row by row, and no tensor is.
  @Override
  public Elements elements(String name) throws DataException {
    boolean merges = adapters.linears().containsKey(name) && !values.containsKey(name);
    if (!merges || header(name).type() != StoredType.F32) {
      return stays(name) ? file.elements(name) : Elements.of(entry(name));
    }
    TensorData weight = file.entry(name);
    Rows rows;
    try {
      rows = rows(name, weight);
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "%s: tensor %s with what was trained %s"
              .formatted(file.path(), Quote.of(name), e.getMessage()),
          e);
    }
    return new Elements() {
      @Override
      public double at(long index) {
        return rows.applyAsDouble(index);
      }

      @Override
      public void close() {
        weight.unload();
      }
    };
  }

  /// A token table with its trained rows.
  private TensorData withRows(TensorData table, TensorData rows, StoredType made) {
    Map<Long, Long> places = new HashMap<>();
    for (int i = 0; i < adapters.tokens().size(); i++) {
      places.put(adapters.tokens().get(i).longValue(), (long) i);
    }
    long width = table.shape().getLast();
    return ElementCast.of(
        table.shape(),
        made,
        at -> {
          Long place = places.get(at / width);
          return place == null ? table.floatingAt(at) : rows.floatingAt(place * width + at % width);
        });
  }

  private TensorData merged(String name, StoredType made) throws DataException {
    TensorData weight = file.entry(name);
    TensorData merged = ElementCast.of(weight.shape(), made, rows(name, weight));
    weight.unload();
    return merged;
  }

  private Rows rows(String name, TensorData weight) {
    Adapters.Pair pair = Objects.requireNonNull(adapters.linears().get(name));
    float[] lengths = pair.magnitude() ? value(Adapters.magnitude(name)).floats() : new float[0];
    return new Rows(
        weight,
        value(Adapters.down(name)).floats(),
        value(Adapters.up(name)).floats(),
        lengths,
        pair);
  }

  private TensorData value(String name) {
    TensorData value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("lacks " + name);
    }
    return value;
  }

  /// Every tensor as a writer takes it, by Eosin's names.
  ///
  /// @throws DataException when the base cannot be read
  public Map<String, PendingTensor> pending() throws DataException {
    Map<String, PendingTensor> pending = new LinkedHashMap<>();
    for (String name : names()) {
      pending.put(name, PendingTensor.of(this, name, header(name).type()));
    }
    return pending;
  }

  /// Elements of a merged weight, made a row at a time.
  private static final class Rows implements LongToDoubleFunction {
    private final TensorData weight;
    private final float[] down;
    private final float[] up;
    private final float[] lengths;
    private final Adapters.Pair pair;
    private final float[] sums;
    private long row = -1;

    Rows(TensorData weight, float[] down, float[] up, float[] lengths, Adapters.Pair pair) {
      List<Long> shape = weight.shape();
      int columns = Math.toIntExact(shape.get(1));
      long expected = Math.multiplyExact(shape.get(0), (long) pair.rank());
      if (down.length != (long) columns * pair.rank() || up.length != expected) {
        throw new IllegalArgumentException("has a shape that its adapter does not fit: " + shape);
      }
      this.weight = weight;
      this.down = down;
      this.up = up;
      this.lengths = lengths;
      this.pair = pair;
      this.sums = new float[columns];
    }

    @Override
    public double applyAsDouble(long index) {
      long asked = index / sums.length;
      if (asked != row) {
        row = asked;
        sum(Math.toIntExact(row));
      }
      return sums[(int) (index % sums.length)];
    }

    private void sum(int at) {
      int rank = pair.rank();
      Arrays.fill(sums, 0);
      for (int k = 0; k < rank; k++) {
        float factor = (float) (pair.scale() * up[at * rank + k]);
        int first = k * sums.length;
        for (int j = 0; j < sums.length; j++) {
          sums[j] += factor * down[first + j];
        }
      }
      long first = (long) at * sums.length;
      double squares = 0;
      for (int j = 0; j < sums.length; j++) {
        sums[j] += (float) weight.floatingAt(first + j);
        squares += (double) sums[j] * sums[j];
      }
      if (pair.magnitude()) {
        double factor = lengths[at] / Math.sqrt(squares);
        for (int j = 0; j < sums.length; j++) {
          sums[j] = (float) (sums[j] * factor);
        }
      }
    }
  }
}
