package dev.eosin.language;

import dev.eosin.checkpoint.AdapterPair;
import dev.eosin.checkpoint.MappedWeights;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A decoder with adapters, and what of it is trained besides them.
///
/// @param decoder with its adapters
/// @param whole names of its own weights that are trained, in model order
public record AdaptedDecoder(Decoder decoder, List<String> whole) {
  public AdaptedDecoder {
    whole = List.copyOf(whole);
  }

  /// Every parameter: the model's own, frozen but for those that are trained whole, then the
  /// adapters'.
  public List<ParameterSet.Spec> specs() {
    Set<String> trained = Set.copyOf(whole);
    List<ParameterSet.Spec> specs = new ArrayList<>();
    decoder.weights().forEach(weight -> specs.add(weight.spec(trained.contains(weight.name()))));
    decoder.adapterWeights().forEach(weight -> specs.add(weight.spec(true)));
    return specs;
  }

  /// What is trained, in the order of [#specs()].
  public List<Weight> trained() {
    Set<String> names = Set.copyOf(whole);
    List<Weight> trained = new ArrayList<>();
    decoder.weights().stream()
        .filter(weight -> names.contains(weight.name()))
        .forEach(trained::add);
    trained.addAll(decoder.adapterWeights());
    return trained;
  }

  /// The adapters by Eosin's names, in the order of the forward pass.
  public List<AdapterPair> pairs() {
    Adapters adapters = decoder.adapters();
    List<AdapterPair> pairs = new ArrayList<>();
    for (String linear : decoder.linears()) {
      Adapters.Pair pair = adapters.linears().get(linear);
      if (pair != null) {
        pairs.add(
            new AdapterPair(
                linear,
                Adapters.down(linear),
                Adapters.up(linear),
                pair.magnitude() ? Optional.of(Adapters.magnitude(linear)) : Optional.empty()));
      }
    }
    return pairs;
  }

  /// Gives trained rows of the token table the values with which a training starts: those that they
  /// have in the table. Without such rows nothing is done.
  ///
  /// @param parameters where the model's own weights are in place
  public void fillRows(ParameterSet parameters) {
    List<Integer> tokens = decoder.adapters().tokens();
    if (tokens.isEmpty()) {
      return;
    }
    Engine engine = parameters.engine();
    long[] ids = tokens.stream().mapToLong(Integer::longValue).toArray();
    try (Tensor places = engine.of(ids, ids.length);
        Tensor rows =
            engine
                .kernels()
                .list(
                    "token_embedding",
                    List.of(places),
                    List.of(parameters.get(decoder.table()).data()),
                    true)
                .getFirst()) {
      parameters.assign(Adapters.rows(decoder.table()), rows);
    }
  }

  /// Gives magnitudes the values with which a training starts: the lengths of the rows of each
  /// weight with its pair. Without magnitudes nothing is done.
  ///
  /// Source: `DoraLinearLayer.update_layer` of peft 0.21.0.
  ///
  /// @param parameters where the model's own weights and those of the pairs are in place
  public void fillMagnitudes(ParameterSet parameters) {
    Engine engine = parameters.engine();
    for (AdapterPair pair : pairs()) {
      if (pair.magnitude().isPresent()) {
        double scale = decoder.adapters().scale(pair.weight(), false);
        Tensor weight = parameters.get(pair.weight()).data();
        Optional<Tensor> wide =
            weight.dtype() == DType.INT8 ? Optional.of(wide(parameters, pair)) : Optional.empty();
        try (Tensor lengths =
            engine
                .kernels()
                .one(
                    "row_lengths",
                    wide.orElse(weight),
                    parameters.get(pair.down()).master(),
                    parameters.get(pair.up()).master(),
                    scale)) {
          parameters.assign(pair.magnitude().get(), lengths);
        } finally {
          wide.ifPresent(Tensor::close);
        }
      }
    }
  }

  /// An int8 weight in fp32.
  private static Tensor wide(ParameterSet parameters, AdapterPair pair) {
    Tensor scales = parameters.get(MappedWeights.scales(pair.weight())).data();
    Tensor weight = parameters.get(pair.weight()).data();
    return parameters.engine().kernels().one("int8_wide", weight, scales);
  }

  /// How many numbers are trained.
  public long trainedCount() {
    return count(trained());
  }

  private static long count(List<Weight> weights) {
    return weights.stream()
        .mapToLong(weight -> Arrays.stream(weight.shape()).reduce(1, Math::multiplyExact))
        .sum();
  }

  /// For a person: `28 linears of 4 kinds, rank 16, 1,234,567 weights`.
  public String describe() {
    Adapters adapters = decoder.adapters();
    Set<String> kinds =
        adapters.linears().keySet().stream()
            .map(name -> name.replaceAll("\\.\\d+\\.", ".*."))
            .collect(Collectors.toSet());
    IntSummaryStatistics ranks =
        adapters.linears().values().stream().mapToInt(Adapters.Pair::rank).summaryStatistics();
    long own = count(decoder.adapterWeights());
    String text =
        String.format(
            Locale.ROOT,
            "%,d %s of %d %s, rank %s, %,d weights",
            adapters.linears().size(),
            adapters.linears().size() == 1 ? "linear" : "linears",
            kinds.size(),
            kinds.size() == 1 ? "kind" : "kinds",
            ranks.getMin() == ranks.getMax()
                ? String.valueOf(ranks.getMin())
                : ranks.getMin() + " to " + ranks.getMax(),
            own);
    if (!adapters.tokens().isEmpty()) {
      text += String.format(Locale.ROOT, ", %,d token rows among them", adapters.tokens().size());
    }
    return whole.isEmpty()
        ? text
        : String.format(
            Locale.ROOT,
            "%s, besides %s whole, %,d weights",
            text,
            String.join(", ", whole),
            trainedCount() - own);
  }
}
