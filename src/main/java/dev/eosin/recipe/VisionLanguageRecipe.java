package dev.eosin.recipe;

import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.data.opened.TextDataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.eval.vqa.AnswerEvaluation;
import dev.eosin.language.stored.AdapterSettings;
import dev.eosin.revise.ReviseSettings;
import dev.eosin.train.BestSettings;
import dev.eosin.train.EmaSettings;
import dev.eosin.train.OutputSettings;
import dev.eosin.train.ScheduleSettings;
import dev.eosin.train.StopEarlySettings;
import dev.eosin.train.logs.LoggingSettings;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.optimisers.OptimizerSettings;
import dev.eosin.vllm.ConversationSettings;
import dev.eosin.vllm.FirstStageSettings;
import dev.eosin.vllm.Template;
import dev.eosin.vllm.TrainedSettings;
import dev.eosin.vllm.VisionLanguageSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `kind: vllm`: a model of images and text in LLaVA's manner.
@Named("vllm")
@Doc(
    "Training of a model that reads images among text, in LLaVA's manner: an image tower, a projector, and a language model that answers. Each stage is a recipe of its own.")
public record VisionLanguageRecipe(
    @Doc("Root of all randomness: the same seed gives the same run.") long seed,
    @Doc("The device and its threads.") @OrElse("{}") ComputeSettings compute,
    @Doc("Image tower, projector and language model.") VisionLanguageSettings model,
    @Doc("The earlier stage whose projector and adapters training starts from.")
        Optional<FirstStageSettings> initialiseFrom,
    @Doc("Which parts of the model are trained, besides the adapters of lora.") @OrElse("{}")
        TrainedSettings trains,
    @Doc("Low-rank adapters of the language model, which stays as it is then.")
        Optional<AdapterSettings> lora,
    @Doc("The samples.") TextDataSettings data,
    @Doc(
            "How conversations are put into words: v1 (Vicuna's, of LLaVA-1.5), plain (an image and its caption, the question left out: LLaVA's first stage), llama-3, chatml, or own, the chat_template of the tokenizer's files.")
        Template template,
    @Doc("How conversations become rows of ids.") ConversationSettings text,
    @Doc("Makes captions into questions for a revision; without it samples are as they are.")
        Optional<ReviseSettings> revise,
    @Doc("How many rows make one step.") BatchSettings batch,
    @Doc("How gradients change the weights.") OptimizerSettings optimizer,
    @Doc("The learning rate over the run, and the run's length.") ScheduleSettings schedule,
    @Doc("A moving average of the weights; without it none is kept.") Optional<EmaSettings> ema,
    @Doc(
            "The number format of the weights that are trained, and of the image tower; on a CPU a language model's activations are fp32.")
        Precision precision,
    @Doc("What is measured while training.") @OrElse("[]") List<AnswerEvaluation> evaluate,
    @Doc("Which weights are the best; the families' own choice without it.")
        Optional<BestSettings> best,
    @Doc("Whether the run may end before schedule.length.") Optional<StopEarlySettings> stopEarly,
    @Doc("Where the run writes to.") OutputSettings output,
    @Doc("What is shown of the run.") @OrElse("{}") LoggingSettings logging)
    implements Training, Checked {
  public VisionLanguageRecipe {
    evaluate = List.copyOf(evaluate);
  }

  @Override
  public String rowsAre() {
    return "rows";
  }

  @Override
  public VisionLanguageRecipe withBatch(BatchSettings other) {
    return new VisionLanguageRecipe(
        seed,
        compute,
        model,
        initialiseFrom,
        trains,
        lora,
        data,
        template,
        text,
        revise,
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
  public VisionLanguageRecipe withCompute(ComputeSettings other) {
    return new VisionLanguageRecipe(
        seed,
        other,
        model,
        initialiseFrom,
        trains,
        lora,
        data,
        template,
        text,
        revise,
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
    checkEvaluations(findings);
    Schedules.check(schedule, optimizer, findings);
    Schedules.checkRanking(this, findings);
    if (batch.atOnce() > batch.global()) {
      findings.add(
          "batch.micro",
          "%d rows at once are more than the %d of a step; leave it out"
              .formatted(batch.atOnce(), batch.global()));
    }
    if (trains.decoder() && lora.isPresent()) {
      findings.add(
          "lora", "adapts a language model that trains.decoder trains whole; leave one out");
    }
    if (!trains.projector() && !trains.decoder() && trains.towerBlocks() == 0 && lora.isEmpty()) {
      findings.add("trains", "names nothing that is trained, and there is no lora");
    }
    checkFirstStage(findings);
  }

  private void checkEvaluations(Findings findings) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < evaluate.size(); i++) {
      String key = "evaluate." + i;
      String name = evaluate.get(i).name();
      if (!names.add(name)) {
        findings.add(key + ".name", "'%s' is taken by another one".formatted(name));
      }
      if (data.validation().isEmpty()) {
        findings.add(key, "needs data.validation, which the recipe lacks");
      }
    }
  }

  /// A recipe that extends its first stage inherits its folder.
  private void checkFirstStage(Findings findings) {
    boolean itself =
        initialiseFrom
            .map(FirstStageSettings::run)
            .filter(run -> ClipRecipe.sameFolder(run, output.dir()))
            .isPresent();
    if (itself) {
      findings.add(
          "initialise-from",
          "is output.dir, where this run would write; choose another output.dir, or, to go on with that run, start its own recipe again");
    }
  }
}
