package dev.eosin.recipe.stored;

import dev.eosin.checkpoint.JoinedTensors;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.config.DataException;
import dev.eosin.export.ExportedVisionLanguage;
import dev.eosin.file.FileContent;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.language.Adapters;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.language.stored.MergedAdapters;
import dev.eosin.nn.Weight;
import dev.eosin.recipe.models.LlavaFolder;
import dev.eosin.recipe.models.VisionLanguageModels;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tower.PixelInputs;
import dev.eosin.train.StoredWeights;
import dev.eosin.vllm.ConversationRows;
import dev.eosin.vllm.ImageInput;
import dev.eosin.vllm.StoredVisionLanguage;
import dev.eosin.vllm.VisionLanguageAnswerer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What graphs of a run of a model of images and text are made of: its newest checkpoint, and the
/// frozen parts where its recipe names them.
///
/// @param run opened; the caller's
record VisionLanguageRunExport(VisionLanguageRun run) implements ExportedVisionLanguage.Stored {
  private VisionLanguageModels models() {
    return run.models();
  }

  /// What was trained counts before what stayed.
  @Override
  public StoredTensors weights() throws IOException {
    List<StoredTensors> parts = new ArrayList<>();
    try {
      StoredTensors trained = run.run().checkpoint().model();
      parts.add(trained);
      parts.add(decoder(trained));
      parts.add(models().tower().open().own());
      return new JoinedTensors(parts);
    } catch (IOException | RuntimeException | Error e) {
      parts.forEach(StoredTensors::close);
      throw e;
    }
  }

  /// The language model's, adapters merged in fp32.
  private StoredTensors decoder(StoredTensors trained) throws DataException {
    var plain = models().model().decoder().with(Adapters.NONE);
    StoredTensors file = models().folder().weights();
    try {
      StoredTensors base = LanguageNames.of(plain).read(file, LanguageFolder.shapes(plain));
      return new MergedAdapters(
          base,
          models().model().decoder().adapters(),
          WholeVisionLanguage.beside(models(), trained),
          Optional.of(StoredType.F32));
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  @Override
  public Map<String, FileContent> companions() throws IOException {
    return new LlavaFolder(models()).companions();
  }

  @Override
  public StoredVisionLanguage.Loaded wide(Engine engine) throws IOException {
    List<ParameterSet.Spec> specs =
        models().weights().stream().map(weight -> weight.spec(false)).toList();
    ParameterSet parameters = ParameterSet.allocate(engine, specs, DType.FLOAT32);
    try (StoredTensors file = run.run().checkpoint().model()) {
      models().tower().load(parameters);
      models().folder().load(parameters, models().model().decoder());
      fill(parameters, file);
      var pixels = new PixelInputs(engine, DType.FLOAT32, models().tower().normalisation());
      var answerer =
          new VisionLanguageAnswerer(
              models().model(),
              parameters,
              run.rows(),
              new ImageInput.Pixels(pixels),
              run.ends(),
              GenerationSettings::greedy);
      return new StoredVisionLanguage.Loaded(answerer);
    } catch (IOException | RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
  }

  @Override
  public ConversationRows rows() {
    return run.rows();
  }

  @Override
  public Normalisation normalisation() {
    return models().tower().normalisation();
  }

  @Override
  public List<Integer> ends() {
    return run.ends();
  }

  private void fill(ParameterSet parameters, StoredTensors file) throws DataException {
    Set<String> saved = models().savedShapes().keySet();
    Set<String> others = new HashSet<>();
    for (Weight weight : models().weights()) {
      if (!saved.contains(weight.name())) {
        others.add(weight.name());
      }
    }
    StoredWeights.fill(parameters, Layout.own(List.copyOf(saved)), file, others);
  }
}
