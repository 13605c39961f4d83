package dev.eosin.recipe.stored;

import dev.eosin.checkpoint.JoinedTensors;
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
import dev.eosin.qformer.AlignmentGraph;
import dev.eosin.qformer.AlignmentVectors;
import dev.eosin.recipe.QFormerAlignRecipe;
import dev.eosin.recipe.models.FrozenTower;
import dev.eosin.recipe.models.QFormerAlignModels;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.Tokenizer;
import dev.eosin.train.StoredWeights;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A run of a first stage, of which graphs are made: its Q-Former and heads from a checkpoint, the
/// frozen tower from where its recipe names it.
///
/// @param path as it was named
/// @param models as its recipe describes them
/// @param part which weights of the run
record ExportedAlignment(
    Path path, StoredRun run, QFormerAlignModels models, CaptionEncoder captions, WeightsPart part)
    implements ExportedPairs {
  private static final String TOWER = "tower.sha256";
  private static final int AT_ONCE = 16;

  /// @throws DataException when the tower is not what the run was trained behind
  static ExportedAlignment of(Path path, StoredRun run, QFormerAlignRecipe recipe, WeightsPart part)
      throws IOException {
    Tokenizer tokenizer = recipe.data().text().tokenizer().open();
    QFormerAlignModels models = QFormerAlignModels.of(recipe, tokenizer);
    try {
      String expected = run.checkpoint().state().more().get(TOWER);
      String found = models.tower().digest();
      if (expected != null && !expected.equals(found)) {
        throw new DataException(
            "%s: was trained behind other weights than tower of its recipe names now: their sha256 was %s and is %s; put the old ones back"
                .formatted(path, expected, found));
      }
      var captions = new CaptionEncoder(tokenizer, recipe.data().text());
      return new ExportedAlignment(path, run, models, captions, part);
    } catch (IOException | RuntimeException | Error e) {
      models.close();
      throw e;
    }
  }

  @Override
  public String title() {
    return "Q-Former that draws images and texts together";
  }

  @Override
  public List<String> notes() {
    return models.tower().notes();
  }

  @Override
  public Normalisation normalisation() {
    return models.recipe().data().image().normalisation();
  }

  private FrozenTower tower() throws IOException {
    QFormerAlignRecipe recipe = models.recipe();
    return FrozenTower.open("tower", recipe.tower(), recipe.data().image(), true);
  }

  @Override
  public StoredTensors weights() throws IOException {
    List<StoredTensors> parts = new ArrayList<>();
    try {
      parts.add(StoredPairs.weights(run, part));
      parts.add(tower().own());
      return new JoinedTensors(parts);
    } catch (IOException | RuntimeException | Error e) {
      parts.forEach(StoredTensors::close);
      throw e;
    }
  }

  @Override
  public Map<String, OnnxModel> graphs(StoredTensors weights, Opset opset, GraphPrecision precision)
      throws DataException {
    var graph =
        new AlignmentGraph(models.tower().features(), models.model(), weights, opset, precision);
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
    ParameterSet parameters =
        ParameterSet.allocate(
            engine,
            models.weights().stream().map(weight -> weight.spec(false)).toList(),
            DType.FLOAT32);
    try (StoredTensors file = StoredPairs.weights(run, part)) {
      List<String> names = models.weights().stream().map(Weight::name).toList();
      StoredWeights.fill(parameters, Layout.own(names), file, Set.of());
      return new Model(
          new AlignmentVectors(models.model(), parameters, tower().wide(engine, AT_ONCE)));
    } catch (IOException | RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
  }

  /// With its weights.
  private record Model(AlignmentVectors vectors) implements Opened {
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
