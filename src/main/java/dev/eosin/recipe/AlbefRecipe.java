package dev.eosin.recipe;

import dev.eosin.albef.ContrastSettings;
import dev.eosin.albef.ImageStart;
import dev.eosin.albef.TextStart;
import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.eval.training.EmbeddingEvaluation;
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

/// `kind: albef`: PA-LLaVA's own PLIP, in ALBEF's manner.
@Named("albef")
@Doc(
    "Training of an image tower and a text encoder on image-caption pairs as PA-LLaVA trains its own PLIP, in ALBEF's manner: contrast with momentum encoders, a queue and soft targets (ITA), and judgement of pairs by texts that look at images (ITM).")
public record AlbefRecipe(
    @Doc("Root of all randomness: the same seed gives the same run.") long seed,
    @Doc("The device and its threads.") @OrElse("{}") ComputeSettings compute,
    @Doc("The image tower and its first weights.") ImageStart image,
    @Doc("The text encoder and its first weights.") TextStart text,
    @Doc("How images and texts are drawn together.") @OrElse("{}") ContrastSettings contrast,
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
  public AlbefRecipe {
    evaluate = List.copyOf(evaluate);
  }

  @Override
  public AlbefRecipe withBatch(BatchSettings other) {
    return new AlbefRecipe(
        seed, compute, image, text, contrast, data, other, optimizer, schedule, ema, precision,
        evaluate, best, stopEarly, output, logging);
  }

  @Override
  public AlbefRecipe withCompute(ComputeSettings other) {
    return new AlbefRecipe(
        seed, other, image, text, contrast, data, batch, optimizer, schedule, ema, precision,
        evaluate, best, stopEarly, output, logging);
  }

  @Override
  public void check(Findings findings) {
    ClipRecipe.checkEvaluations(evaluate, data, findings);
    Schedules.check(schedule, optimizer, findings);
    Schedules.checkRanking(this, findings);
    ClipRecipe.checkBatch(batch, findings);
    if (!(data.text().tokenizer() instanceof TokenizerSettings.Bert)) {
      findings.add(
          "data.text.tokenizer",
          "the text encoder reads the WordPieces of a BERT; write { type: bert, path: FOLDER } with the tokenizer.json of the BERT that it starts from");
    }
    if (contrast.queue() % batch.global() != 0) {
      findings.add(
          "contrast.queue",
          "is %d, no multiple of the %d pairs of a step (batch.global), which overwrite the eldest entries together"
              .formatted(contrast.queue(), batch.global()));
    }
    if (image.preset().isPresent() && image.config().isPresent()) {
      findings.add("image.preset", "give either preset or config, not both");
    }
  }
}
