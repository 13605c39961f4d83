package dev.eosin.qformer;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.MappedSource;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.file.UserCache;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.T5Gelu;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MappedTensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The frozen language model that a second stage's recipe names, in the folder that it came in.
///
/// @param folder that it is in
/// @param answers as computation
/// @param base what becomes of its weights
public record FrozenAnswers(LanguageFolder folder, Answers answers, Base base) {
  /// Reads the description alone.
  ///
  /// @param path a folder of Hugging Face's, or of a run of kind language
  /// @param gelu of a T5, where it is to be another than the folder says
  /// @throws DataException naming the folder or file and what is wrong with it
  public static FrozenAnswers open(Path path, Base base, Optional<T5Gelu> gelu)
      throws DataException {
    LanguageFolder folder = LanguageFolder.open(LanguageFolder.of(path));
    if (gelu.isPresent()) {
      folder = folder.with(gelu.get());
    }
    Answers answers = QFormerModel.answers(folder.config());
    if (base == Base.INT8 && !(answers instanceof DecoderAnswers)) {
      throw new DataException(
          "%s: is a T5; base: int8 is for models that are a decoder alone, leave it out"
              .formatted(folder.path()));
    }
    return new FrozenAnswers(folder, answers, base);
  }

  /// What a user should know of the weights, one line each; reads no contents.
  ///
  /// @throws DataException as [#check]
  public List<String> notes() throws DataException {
    try (StoredTensors file = folder.weights()) {
      return base.note(file, names(), shapes(), linears()).stream().toList();
    }
  }

  private List<String> linears() {
    return answers instanceof DecoderAnswers decoder ? decoder.decoder().linears() : List.of();
  }

  /// In the order of the forward pass.
  public List<Weight> weights() {
    return answers.parts().stream().flatMap(part -> part.weights().stream()).toList();
  }

  private Map<String, List<Long>> shapes() {
    return LanguageFolder.shapes(weights());
  }

  private Layout names() {
    return QFormerModel.names(answers, "");
  }

  /// Compares the files' names and shapes with the description, reading no weight.
  ///
  /// @throws DataException naming every tensor that is missing, too many or of another shape, or a
  ///   shard that is not there
  public void check() throws DataException {
    try (StoredTensors file = folder.weights()) {
      names().read(file, shapes());
    }
  }

  /// The weights under Eosin's names; the caller closes them.
  ///
  /// @throws DataException as [#check]
  public StoredTensors tensors() throws DataException {
    StoredTensors file = folder.weights();
    try {
      return names().read(file, shapes());
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /// Bytes of each weight where it is used, by name; reads no contents.
  ///
  /// @throws DataException as [#check]
  public Map<String, Long> bytes() throws DataException {
    try (StoredTensors file = folder.weights()) {
      return base.bytes(file, names(), shapes(), linears());
    }
  }

  /// Opens the weights.
  ///
  /// @throws DataException as [#check], and where a type is none that kernels compute with
  public MappedTensors open(Engine engine) throws DataException {
    return base.open(engine, folder.weights(), names(), shapes(), linears());
  }

  /// By which a run knows the weights again; reads them once, which is remembered.
  ///
  /// @throws DataException when they cannot be read
  public String digest() throws DataException {
    try (StoredTensors file = folder.weights()) {
      return MappedSource.of(file, UserCache.folder()).sha256();
    }
  }
}
