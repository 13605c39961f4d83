package dev.eosin.recipe.trained;

import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipLearner;
import dev.eosin.clip.stored.AdapterExport;
import dev.eosin.clip.stored.ClipExport;
import dev.eosin.data.opened.DataSets;
import dev.eosin.eval.RankShare;
import dev.eosin.eval.training.EmbeddingEvaluations;
import dev.eosin.experiment.Extent;
import dev.eosin.experiment.Opened;
import dev.eosin.file.FileContent;
import dev.eosin.group.Group;
import dev.eosin.model.LayerDecay;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.models.ClipModels;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// A CLIP recipe's model on an engine.
record OpenedClip(ClipRecipe recipe, DataSets data, ClipLearner learner, Group group)
    implements Opened {
  @Override
  public Map<String, Double> rateScales() {
    double decay = recipe.optimizer().layerDecay();
    return LayerDecay.scales(Clip.parts(learner.clip().spec()), decay);
  }

  @Override
  public List<String> begin() throws IOException {
    return ClipModels.firstWeights(recipe, learner.clip());
  }

  @Override
  public List<Scheduled> evaluations(Extent extent, BooleanSupplier stop) throws IOException {
    return new EmbeddingEvaluations(
            recipe.evaluate(),
            recipe.schedule().length(),
            recipe.batch().global(),
            recipe.data(),
            data,
            learner.encoder(),
            new RandomKey(recipe.seed()),
            extent.evaluatedSamples(),
            stop,
            new RankShare(group, learner.clip().engine()))
        .scheduled();
  }

  @Override
  public List<String> export(Path model, Path adapters) throws IOException {
    Clip clip = learner.clip();
    List<String> notes = new ArrayList<>();
    if (recipe.lora().isPresent()) {
      AdapterExport.write(adapters, clip)
          .ifPresent(none -> notes.add("there is no adapter/ for peft: " + none));
    }
    Map<String, FileContent> tokenizer = new LinkedHashMap<>();
    ClipModels.tokenizerFiles(recipe)
        .forEach((name, text) -> tokenizer.put(name, FileContent.text(text)));
    ClipExport.write(model, clip, recipe.data().image(), tokenizer)
        .ifPresent(refusal -> notes.add("final/ has no Hugging Face model: " + refusal));
    return notes;
  }

  @Override
  public void close() {
    learner.close();
  }
}
