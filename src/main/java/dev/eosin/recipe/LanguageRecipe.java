package dev.eosin.recipe;

import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.data.opened.TextDataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.eval.vqa.AnswerEvaluation;
import dev.eosin.language.rows.TextRowSettings;
import dev.eosin.language.stored.AdapterSettings;
import dev.eosin.language.stored.DecoderSettings;
import dev.eosin.train.BestSettings;
import dev.eosin.train.EmaSettings;
import dev.eosin.train.OutputSettings;
import dev.eosin.train.ScheduleSettings;
import dev.eosin.train.StopEarlySettings;
import dev.eosin.train.logs.LoggingSettings;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.optimisers.OptimizerSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `kind: language`: a decoder that learns from text.
@Named("language")
@Doc(
    "Training of a language model, whole or with low-rank adapters, on text or on questions with answers.")
public record LanguageRecipe(
    @Doc("Root of all randomness: the same seed gives the same run.") long seed,
    @Doc("The device and its threads.") @OrElse("{}") ComputeSettings compute,
    @Doc("The decoder and its first weights.") DecoderSettings model,
    @Doc("Low-rank adapters, trained instead of the model; the whole model without it.")
        Optional<AdapterSettings> lora,
    @Doc("The samples.") TextDataSettings data,
    @Doc("How samples become rows of ids.") TextRowSettings text,
    @Doc("How many rows make one step.") BatchSettings batch,
    @Doc("How gradients change the weights.") OptimizerSettings optimizer,
    @Doc("The learning rate over the run, and the run's length.") ScheduleSettings schedule,
    @Doc("A moving average of the weights; without it none is kept.") Optional<EmaSettings> ema,
    @Doc("The number format of the weights that are trained; on a CPU activations are fp32.")
        Precision precision,
    @Doc("What is measured while training.") @OrElse("[]") List<AnswerEvaluation> evaluate,
    @Doc("Which weights are the best; the families' own choice without it.")
        Optional<BestSettings> best,
    @Doc("Whether the run may end before schedule.length.") Optional<StopEarlySettings> stopEarly,
    @Doc("Where the run writes to.") OutputSettings output,
    @Doc("What is shown of the run.") @OrElse("{}") LoggingSettings logging)
    implements Training, Checked {
  public LanguageRecipe {
    evaluate = List.copyOf(evaluate);
  }

  @Override
  public String rowsAre() {
    return "rows";
  }

  @Override
  public LanguageRecipe withBatch(BatchSettings other) {
    return new LanguageRecipe(
        seed, compute, model, lora, data, text, other, optimizer, schedule, ema, precision,
        evaluate, best, stopEarly, output, logging);
  }

  @Override
  public LanguageRecipe withCompute(ComputeSettings other) {
    return new LanguageRecipe(
        seed, other, model, lora, data, text, batch, optimizer, schedule, ema, precision, evaluate,
        best, stopEarly, output, logging);
  }

  @Override
  public void check(Findings findings) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < evaluate.size(); i++) {
      String key = "evaluate." + i;
      if (!names.add(evaluate.get(i).name())) {
        findings.add(
            key + ".name", "'%s' is taken by another one".formatted(evaluate.get(i).name()));
      }
      if (data.validation().isEmpty()) {
        findings.add(key, "needs data.validation, which the recipe lacks");
      }
    }
    Schedules.check(schedule, optimizer, findings);
    Schedules.checkRanking(this, findings);
    if (batch.atOnce() > batch.global()) {
      findings.add(
          "batch.micro",
          "%d rows at once are more than the %d of a step; leave it out"
              .formatted(batch.atOnce(), batch.global()));
    }
    if (model instanceof DecoderSettings.Fresh && lora.isPresent()) {
      findings.add("lora", "adapts a model of random weights; leave it out to train the whole");
    }
  }
}
