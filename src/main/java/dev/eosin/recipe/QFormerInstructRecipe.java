package dev.eosin.recipe;

import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.data.opened.ImageDataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.eval.vqa.AnswerEvaluation;
import dev.eosin.features.FeatureCacheSettings;
import dev.eosin.features.TowerSettings;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.qformer.AnswersSettings;
import dev.eosin.qformer.InstructTextSettings;
import dev.eosin.qformer.ReaderSettings;
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

/// `kind: qformer-instruct`: a Q-Former that learns to show images to a frozen language model.
@Named("qformer-instruct")
@Doc(
    "Training of a Q-Former, and of the norm and the projection around it, between a frozen image tower and a frozen language model that answers: the second stage of BLIP-2, InstructBLIP and CLOVER.")
public record QFormerInstructRecipe(
    @Doc("Root of all randomness: the same seed gives the same run.") long seed,
    @Doc("The device and its threads.") @OrElse("{}") ComputeSettings compute,
    @Doc("The image tower; it stays as it is.") TowerSettings tower,
    @Doc("The Q-Former and its first weights.") ReaderSettings qformer,
    @Doc("The language model that answers; it stays as it is.") AnswersSettings language,
    @Doc("The samples: questions with answers, or captions.") ImageDataSettings data,
    @Doc("How questions and answers are put into words and ids.") @OrElse("{}")
        InstructTextSettings text,
    @Doc(
            "How the model answers, up to the tokens that it is asked for; the likeliest token each time without it.")
        Optional<GenerationSettings> generation,
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
  /// Where the tower's features are kept, in the recipe.
  public static final String CACHE = "tower.cache";

  /// @throws IllegalArgumentException where a question would get several answers
  public QFormerInstructRecipe {
    evaluate = List.copyOf(evaluate);
    if (generation.isPresent() && generation.get().search().sequences() > 1) {
      throw new IllegalArgumentException(
          "generation.search.sequences: a question gets one answer here; leave it out");
    }
  }

  @Override
  public String rowsAre() {
    return "rows";
  }

  @Override
  public QFormerInstructRecipe withBatch(BatchSettings other) {
    return new QFormerInstructRecipe(
        seed,
        compute,
        tower,
        qformer,
        language,
        data,
        text,
        generation,
        other,
        optimizer,
        schedule,
        ema,
        precision,
        evaluate,
        best,
        stopEarly,
        output,
        logging);
  }

  @Override
  public QFormerInstructRecipe withCompute(ComputeSettings other) {
    return new QFormerInstructRecipe(
        seed,
        other,
        tower,
        qformer,
        language,
        data,
        text,
        generation,
        batch,
        optimizer,
        schedule,
        ema,
        precision,
        evaluate,
        best,
        stopEarly,
        output,
        logging);
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
    if (!tower.frozen()) {
      findings.add(
          "tower.frozen", "the tower stays as it is in this kind of training; leave it out");
    }
    if (tower.cache().isPresent()) {
      FeatureCacheSettings.obstacle(CACHE, data.image(), tower.frozen())
          .ifPresent(why -> findings.add(CACHE, why));
    }
    checkTokenizer(findings);
  }

  private void checkTokenizer(Findings findings) {
    if (qformer.instructed() && text.qformerTokenizer().isEmpty()) {
      findings.add(
          "text.qformer-tokenizer",
          "missing key; the Q-Former reads instructions (qformer.instructed), in ids of the tokenizer that it was trained with");
    }
    if (!qformer.instructed() && text.qformerTokenizer().isPresent()) {
      findings.add(
          "text.qformer-tokenizer",
          "this Q-Former reads no instructions (qformer.instructed: false); leave it out");
    }
  }
}
