package dev.eosin.recipe;

import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.eval.training.EmbeddingEvaluation;
import dev.eosin.eval.training.TileTasksSettings;
import dev.eosin.features.FeatureCacheSettings;
import dev.eosin.features.FeatureType;
import dev.eosin.features.TowerSettings;
import dev.eosin.qformer.AlignmentSettings;
import dev.eosin.qformer.StartSettings;
import dev.eosin.text.TokenizerSettings;
import dev.eosin.train.BestSettings;
import dev.eosin.train.EmaSettings;
import dev.eosin.train.OutputSettings;
import dev.eosin.train.ScheduleSettings;
import dev.eosin.train.StopEarlySettings;
import dev.eosin.train.logs.LoggingSettings;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.optimisers.OptimizerSettings;
import java.util.List;
import java.util.Optional;

/// `kind: qformer-align`: a Q-Former that is aligned with captions behind a frozen image tower.
@Named("qformer-align")
@Doc(
    "Training of a Q-Former behind a frozen image tower on image-caption pairs, by contrast (ITC), judgement of pairs (ITM) and captions told (ITG): the first stage of BLIP-2 and CLOVER.")
public record QFormerAlignRecipe(
    @Doc("Root of all randomness: the same seed gives the same run.") long seed,
    @Doc("The device and its threads.") @OrElse("{}") ComputeSettings compute,
    @Doc("The image tower; it stays as it is.") TowerSettings tower,
    @Doc("The Q-Former and its first weights.") StartSettings qformer,
    @Doc("What stands around the Q-Former, and its losses.") @OrElse("{}")
        AlignmentSettings alignment,
    @Doc("The samples and how they become inputs; captions are read by a tokenizer of BERT kind.")
        DataSettings data,
    @Doc("How many pairs make one step.") BatchSettings batch,
    @Doc("How gradients change the weights.") OptimizerSettings optimizer,
    @Doc("The learning rate over the run, and the run's length.") ScheduleSettings schedule,
    @Doc("A moving average of the weights; without it none is kept.") Optional<EmaSettings> ema,
    @Doc("The number format of weights and activations.") Precision precision,
    @Doc("What is measured while training.") @OrElse("[]") List<EmbeddingEvaluation> evaluate,
    @Doc("Which weights are the best; the families' own choice without it.")
        Optional<BestSettings> best,
    @Doc("Whether the run may end before schedule.length.") Optional<StopEarlySettings> stopEarly,
    @Doc("Where the run writes to.") OutputSettings output,
    @Doc("What is shown of the run.") @OrElse("{}") LoggingSettings logging)
    implements Training, Checked {
  /// Where the tower's features are kept, in the recipe.
  public static final String CACHE = "tower.cache";

  public QFormerAlignRecipe {
    evaluate = List.copyOf(evaluate);
  }

  @Override
  public QFormerAlignRecipe withBatch(BatchSettings other) {
    return new QFormerAlignRecipe(
        seed, compute, tower, qformer, alignment, data, other, optimizer, schedule, ema, precision,
        evaluate, best, stopEarly, output, logging);
  }

  @Override
  public QFormerAlignRecipe withCompute(ComputeSettings other) {
    return new QFormerAlignRecipe(
        seed, other, tower, qformer, alignment, data, batch, optimizer, schedule, ema, precision,
        evaluate, best, stopEarly, output, logging);
  }

  @Override
  public void check(Findings findings) {
    ClipRecipe.checkEvaluations(evaluate, data, findings);
    for (int i = 0; i < evaluate.size(); i++) {
      if (evaluate.get(i) instanceof TileTasksSettings) {
        findings.add(
            "evaluate." + i,
            "tile-tasks look at one vector of an image, and a Q-Former has one of each query; use zero-shot");
      }
    }
    Schedules.check(schedule, optimizer, findings);
    Schedules.checkRanking(this, findings);
    ClipRecipe.checkBatch(batch, findings);
    if (!(data.text().tokenizer() instanceof TokenizerSettings.Bert)) {
      findings.add(
          "data.text.tokenizer",
          "a Q-Former reads the WordPieces of a BERT; write { type: bert, path: FOLDER } with the tokenizer.json of the BERT that it starts from");
    }
    checkTower(findings);
  }

  private void checkTower(Findings findings) {
    if (!tower.frozen()) {
      boolean half = tower.precision().equals(Optional.of(FeatureType.FP16));
      findings.add(
          "tower.frozen",
          (half
                  ? "a tower in fp16 (tower.precision) cannot be trained, its steps would be rounded away; "
                  : "")
              + "this kind of training leaves the tower as it is: leave frozen out, or train the tower first (kind: clip)");
    }
    if (tower.cache().isPresent()) {
      FeatureCacheSettings.obstacle(CACHE, data.image(), tower.frozen())
          .ifPresent(why -> findings.add(CACHE, why));
    }
  }
}
