package dev.eosin.recipe;

import dev.eosin.clip.LossSettings;
import dev.eosin.clip.ModelSettings;
import dev.eosin.clip.WeightsSettings;
import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.eval.training.EmbeddingEvaluation;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import java.util.List;

/// `kind: clip-evaluation`: what a stored CLIP model can do.
@Named("clip-evaluation")
@Doc(
    "Evaluation of a stored CLIP model, run by `eosin evaluate`, with the numbers that a training would log for it. Writes evaluation.json.")
public record ClipEvaluationRecipe(
    @Doc("Root of all randomness: a training's seed gives the same intervals and losses.")
        long seed,
    @Doc("The device and its threads.") @OrElse("{}") ComputeSettings compute,
    @Doc("The architecture and the weights that are measured.") ModelSettings model,
    @Doc("The samples and how they become inputs; data.train, too, which data.leaks looks into.")
        DataSettings data,
    @Doc("How many pairs a validation's loss is computed over, and how many are embedded at once.")
        BatchSettings batch,
    @Doc(
            "The loss that a validation reports; siglip for a model that was trained with it, which has a logit bias.")
        @OrElse("{ type: contrastive }")
        LossSettings loss,
    @Doc("The number format of weights and activations.") Precision precision,
    @Doc(
            "What is measured, each once: the entries of a training's recipe as they are, their every means nothing here.")
        List<EmbeddingEvaluation> evaluate,
    @Doc("Where the results go.") OutputFolder output)
    implements Evaluation, Checked {
  public ClipEvaluationRecipe {
    evaluate = List.copyOf(evaluate);
  }

  @Override
  public ComputeSettings ofRanks() {
    return compute;
  }

  @Override
  public void check(Findings findings) {
    if (evaluate.isEmpty()) {
      findings.add("evaluate", "nothing is measured; list at least one evaluation");
    }
    ClipRecipe.checkEvaluations(evaluate, data, findings);
    ClipRecipe.checkBatch(batch, findings);
    if (batch.choosesAtOnce()) {
      findings.add("batch.micro", "auto is for trainings; write a number, or leave it out");
    }
    if (model.loadedTower().isPresent()) {
      findings.add(
          "model.image-tower",
          "makes a new model, which knows nothing yet; take the weights of a run that was trained with it");
    }
    if (model.weights().isEmpty()) {
      findings.add("model.weights", "missing key; name a stored model");
    } else if (model.weights().get() instanceof WeightsSettings.Random) {
      findings.add("model.weights", "random weights are no stored model; name one");
    }
    if (loss.teaching().isPresent()) {
      findings.add("loss.distillation", "a validation's loss has no teacher; leave it out");
    }
  }
}
