package dev.eosin.language.stored;

import dev.eosin.config.DataException;
import dev.eosin.language.Decoder;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.ParameterSet;
import java.util.List;

/// A decoder with its weights, frozen.
///
/// @param decoder how it computes
/// @param parameters its weights; closed with the model
public record LanguageModel(Decoder decoder, ParameterSet parameters) implements AutoCloseable {
  /// Opens a folder's model.
  ///
  /// @throws DataException when its files do not hold what its description says
  public static LanguageModel open(Engine engine, LanguageFolder folder, Base base)
      throws DataException {
    Decoder decoder = folder.decoder("decoder");
    List<ParameterSet.Spec> specs =
        decoder.weights().stream().map(weight -> weight.spec(false)).toList();
    MappedTensors tensors = folder.frozen(engine, decoder, LanguageFolder.shapes(decoder), base);
    try {
      return new LanguageModel(
          decoder, ParameterSet.allocate(engine, specs, DType.FLOAT32, List.of(tensors)));
    } catch (RuntimeException | Error e) {
      tensors.close();
      throw e;
    }
  }

  /// A pass that keeps nothing for a backward.
  public Pass pass(Graph graph) {
    return new Pass(graph, parameters, BlockExecution.PLAIN);
  }

  @Override
  public void close() {
    parameters.close();
  }
}
