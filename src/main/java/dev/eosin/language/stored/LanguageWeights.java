package dev.eosin.language.stored;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.config.DataException;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Decoder;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.TokenPart;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The weights of a language model of a folder, on an engine; the caller closes them.
///
/// @param part of it that answers, with the adapters
/// @param adapters that belong to it, opened
/// @param base what becomes of the folder's weights
record LanguageWeights(
    LanguageFolder folder, TokenPart part, Optional<PeftFolder> adapters, Base base) {
  /// The files' weights.
  static List<Weight> of(TokenPart part) {
    return switch (part) {
      case Decoder decoder -> decoder.weights();
      case T5Decoder decoder -> decoder.model().weights();
    };
  }

  /// As they are to be used.
  ///
  /// @throws DataException when the files cannot be read
  ParameterSet load(Engine engine) throws DataException {
    ParameterSet parameters = frozen(engine);
    try {
      if (adapters.isPresent()) {
        adapters.get().assign(parameters);
      }
      return parameters;
    } catch (DataException | RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
  }

  /// Every one in fp32; files of fp32 are used in place.
  ///
  /// @throws DataException when the files cannot be read
  ParameterSet wide(Engine engine) throws DataException {
    List<Weight> own = of(part);
    try (StoredTensors file = folder.weights()) {
      Map<String, List<Long>> shapes = LanguageFolder.shapes(own);
      if (base == Base.MAPPED
          && LanguageNames.ofAny(part).read(file, shapes).allOf(StoredType.F32, shapes.keySet())) {
        return load(engine);
      }
    }
    List<Weight> all = new ArrayList<>(own);
    adapters.ifPresent(some -> all.addAll(some.adapted().decoder().adapterWeights()));
    ParameterSet parameters =
        ParameterSet.allocate(
            engine, all.stream().map(weight -> weight.spec(false)).toList(), DType.FLOAT32);
    try (StoredTensors file = folder.weights()) {
      StoredTensors read = LanguageNames.ofAny(part).read(file, LanguageFolder.shapes(own));
      for (Weight weight : own) {
        try (Tensor values = engine.of(read.floats(weight.name()), weight.shape())) {
          parameters.assign(weight.name(), values);
        }
      }
      if (adapters.isPresent()) {
        adapters.get().assign(parameters);
      }
      return parameters;
    } catch (DataException | RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
  }

  private ParameterSet frozen(Engine engine) throws DataException {
    List<Weight> all = new ArrayList<>(of(part));
    Map<String, List<Long>> shapes = LanguageFolder.shapes(all);
    Set<String> replaced = new HashSet<>();
    if (adapters.isPresent()) {
      AdaptedDecoder adapted = adapters.get().adapted();
      all.addAll(adapted.decoder().adapterWeights());
      replaced.addAll(adapted.whole());
      shapes.keySet().removeAll(replaced);
    }
    List<ParameterSet.Spec> specs = all.stream().map(weight -> weight.spec(false)).toList();
    List<String> linears = part instanceof Decoder decoder ? decoder.linears() : List.of();
    MappedTensors tensors =
        folder.frozen(engine, LanguageNames.ofAny(part).without(replaced), shapes, base, linears);
    try {
      return ParameterSet.allocate(engine, specs, DType.FLOAT32, List.of(tensors));
    } catch (RuntimeException | Error e) {
      tensors.close();
      throw e;
    }
  }
}
