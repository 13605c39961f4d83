package dev.eosin.recipe.trained;

import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.data.opened.DataSets;
import dev.eosin.eval.RankShare;
import dev.eosin.eval.training.EmbeddingEvaluations;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.file.FileContent;
import dev.eosin.group.Group;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.qformer.AlignmentEmbedder;
import dev.eosin.qformer.AlignmentLearner;
import dev.eosin.qformer.FrozenPart;
import dev.eosin.qformer.QFormerConfig;
import dev.eosin.qformer.QFormerExport;
import dev.eosin.qformer.QFormerKind;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.QFormerAlignRecipe;
import dev.eosin.recipe.models.QFormerAlignModels;
import dev.eosin.tensor.Parameter;
import dev.eosin.text.TokenizerExport;
import dev.eosin.train.Learner;
import dev.eosin.train.Scheduled;
import dev.eosin.train.StoredWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/// A first stage's model on an engine.
record OpenedQFormerAlign(
    QFormerAlignRecipe recipe,
    QFormerAlignModels models,
    DataSets data,
    AlignmentLearner model,
    Group group)
    implements Opened {
  @Override
  public Learner learner() {
    return model;
  }

  @Override
  public List<String> begin() throws IOException {
    return models.begin(model.parameters());
  }

  @Override
  public List<Scheduled> evaluations(Extent extent, BooleanSupplier stop) throws IOException {
    InputSize size = recipe.data().image().size();
    var embedder =
        new AlignmentEmbedder(
            model,
            data.tokenizer(),
            recipe.data().text().length(),
            size.height().value(),
            size.width().value());
    return new EmbeddingEvaluations(
            recipe.evaluate(),
            recipe.schedule().length(),
            recipe.batch().global(),
            recipe.data(),
            data,
            embedder,
            new RandomKey(recipe.seed()),
            extent.evaluatedSamples(),
            stop,
            new RankShare(group, model.parameters().engine()))
        .scheduled();
  }

  /// What was trained; the tower stays where it is, and the folder says where.
  @Override
  public List<String> export(Path folder, Path adapters) throws IOException {
    Map<String, PendingTensor> weights = new LinkedHashMap<>();
    for (Parameter parameter : model.parameters().all()) {
      weights.put(
          parameter.name(),
          new PendingTensor(
              StoredType.F32,
              StoredWeights.boxed(parameter.data().shape()),
              () -> TensorData.of(parameter.master())));
    }
    var config =
        new QFormerConfig(
            QFormerKind.ALIGNMENT,
            Optional.empty(),
            models.model().qformer().spec(),
            OptionalInt.of(models.model().heads().embedSize()),
            models.model().norm().epsilon(),
            Optional.empty(),
            OptionalInt.empty());
    FrozenPart tower = models.tower().part();
    Map<String, FileContent> files = new LinkedHashMap<>();
    TokenizerExport.files(recipe.data().text().tokenizer(), recipe.data().text().length())
        .forEach((name, text) -> files.put(name, FileContent.text(text)));
    new QFormerExport(config, Optional.of(tower), Optional.empty(), "float32")
        .write(folder, weights, files);
    return List.of(
        "%s holds what was trained; the frozen image tower stays in %s"
            .formatted(folder.getFileName(), tower.path()));
  }

  @Override
  public void close() {
    model.close();
  }
}
