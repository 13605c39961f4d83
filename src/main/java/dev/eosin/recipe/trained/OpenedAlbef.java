package dev.eosin.recipe.trained;

import dev.eosin.albef.AlbefEmbedder;
import dev.eosin.albef.AlbefExport;
import dev.eosin.albef.AlbefLearner;
import dev.eosin.data.opened.DataSets;
import dev.eosin.eval.RankShare;
import dev.eosin.eval.training.EmbeddingEvaluations;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.file.FileContent;
import dev.eosin.group.Group;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.AlbefRecipe;
import dev.eosin.recipe.models.AlbefModels;
import dev.eosin.text.TokenizerExport;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// A model of kind albef on an engine.
record OpenedAlbef(
    AlbefRecipe recipe, AlbefModels models, DataSets data, AlbefLearner learner, Group group)
    implements Opened {
  @Override
  public List<String> begin() throws IOException {
    List<String> notes = models.begin(learner.parameters());
    learner.queue().begin(new RandomKey(recipe.seed()), models.model().weights().size());
    return notes;
  }

  @Override
  public List<Scheduled> evaluations(Extent extent, BooleanSupplier stop) throws IOException {
    InputSize size = recipe.data().image().size();
    var embedder =
        new AlbefEmbedder(
            learner,
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
            new RankShare(group, learner.parameters().engine()))
        .scheduled();
  }

  @Override
  public List<String> export(Path model, Path adapters) throws IOException {
    Map<String, FileContent> files = new LinkedHashMap<>();
    TokenizerExport.files(recipe.data().text().tokenizer(), recipe.data().text().length())
        .forEach((name, text) -> files.put(name, FileContent.text(text)));
    new AlbefExport(models.model()).write(model, learner.parameters(), files);
    return List.of(
        "%s has the names of PA-LLaVA's own files, without momentum encoders and queue"
            .formatted(model.getFileName()));
  }

  @Override
  public void close() {
    learner.close();
    models.close();
  }
}
