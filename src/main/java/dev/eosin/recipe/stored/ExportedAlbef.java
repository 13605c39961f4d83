package dev.eosin.recipe.stored;

import dev.eosin.albef.AlbefGraph;
import dev.eosin.albef.AlbefVectors;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.export.ExportedPairs;
import dev.eosin.file.FileContent;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Weight;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.recipe.AlbefRecipe;
import dev.eosin.recipe.models.AlbefModels;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.Tokenizer;
import dev.eosin.tower.PixelInputs;
import dev.eosin.train.StoredWeights;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A run of kind albef, of which graphs are made: its trained encoder and judgement, without what
/// follows it.
///
/// @param path as it was named
/// @param models as its recipe describes them
/// @param part which weights of the run
record ExportedAlbef(
    Path path, StoredRun run, AlbefModels models, CaptionEncoder captions, WeightsPart part)
    implements ExportedPairs {
  /// @throws DataException when a file that describes a part is missing
  static ExportedAlbef of(Path path, StoredRun run, AlbefRecipe recipe, WeightsPart part)
      throws IOException {
    Tokenizer tokenizer = recipe.data().text().tokenizer().open();
    return new ExportedAlbef(
        path,
        run,
        AlbefModels.of(recipe, tokenizer),
        new CaptionEncoder(tokenizer, recipe.data().text()),
        part);
  }

  @Override
  public String title() {
    return "Model in ALBEF's manner that draws images and texts together";
  }

  @Override
  public List<String> notes() {
    return List.of();
  }

  @Override
  public Normalisation normalisation() {
    return models.recipe().data().image().normalisation();
  }

  @Override
  public StoredTensors weights() throws DataException {
    return StoredPairs.weights(run, part);
  }

  @Override
  public Map<String, OnnxModel> graphs(StoredTensors weights, Opset opset, GraphPrecision precision)
      throws DataException {
    var graph = new AlbefGraph(models.model(), weights, opset, precision);
    Map<String, OnnxModel> graphs = new LinkedHashMap<>();
    graphs.put(WHOLE, graph.whole());
    graphs.put(IMAGE, graph.image());
    graphs.put(TEXT, graph.text());
    graphs.put(MATCH, graph.match());
    return graphs;
  }

  @Override
  public Map<String, FileContent> companions() throws IOException {
    return StoredPairs.companions(models.recipe().data());
  }

  @Override
  public Opened opened(Engine engine) throws IOException {
    List<Weight> weights = models.model().trainedWeights();
    ParameterSet parameters =
        ParameterSet.allocate(
            engine, weights.stream().map(weight -> weight.spec(false)).toList(), DType.FLOAT32);
    try (StoredTensors file = weights()) {
      List<String> followers = new ArrayList<>(file.names());
      weights.forEach(weight -> followers.remove(weight.name()));
      Layout layout = Layout.own(List.copyOf(file.names())).without(followers);
      StoredWeights.fill(parameters, layout, file, Set.of());
      var inputs = new PixelInputs(engine, DType.FLOAT32, normalisation());
      return new Model(new AlbefVectors(models.model(), parameters, inputs));
    } catch (IOException | RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
  }

  /// With its weights.
  private record Model(AlbefVectors vectors) implements Opened {
    @Override
    public TensorData images(BatchImages images) {
      return vectors.images(images);
    }

    @Override
    public TensorData texts(CaptionRows texts) {
      return vectors.texts(texts);
    }

    @Override
    public TensorData judged(BatchImages images, CaptionRows texts) {
      return vectors.judged(images, texts);
    }

    @Override
    public void close() {
      vectors.close();
    }
  }
}
