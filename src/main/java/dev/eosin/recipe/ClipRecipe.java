package dev.eosin.recipe;

import dev.eosin.clip.DistillationSettings;
import dev.eosin.clip.InitialiseFromSettings;
import dev.eosin.clip.LockSettings;
import dev.eosin.clip.LoraSettings;
import dev.eosin.clip.LossSettings;
import dev.eosin.clip.ModelSettings;
import dev.eosin.clip.WeightsSettings;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.InsteadOf;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.eval.training.EmbeddingEvaluation;
import dev.eosin.eval.training.TileTasksSettings;
import dev.eosin.eval.training.ValidationSettings;
import dev.eosin.eval.training.ZeroShotSettings;
import dev.eosin.nn.LowRank;
import dev.eosin.train.BestSettings;
import dev.eosin.train.EmaSettings;
import dev.eosin.train.OutputSettings;
import dev.eosin.train.ScheduleSettings;
import dev.eosin.train.StopEarlySettings;
import dev.eosin.train.WeightsPart;
import dev.eosin.train.logs.LoggingSettings;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.optimisers.OptimizerSettings;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `kind: clip`: contrastive training of an image tower and a text tower.
@Named("clip")
@Doc("Contrastive training of an image tower and a text tower on image-caption pairs.")
public record ClipRecipe(
    @Doc("Root of all randomness: the same seed gives the same run.") long seed,
    @Doc("The device and its threads.") @OrElse("{}") ComputeSettings compute,
    @Doc("The architecture and its first weights.") ModelSettings model,
    @Doc("The run whose weights training starts from; one of this and model.weights is needed.")
        @InsteadOf("model.weights")
        Optional<InitialiseFromSettings> initialiseFrom,
    @Doc("Towers whose lower part stays as it begins.") @OrElse("{}") LockSettings lock,
    @Doc("Low-rank adapters, trained instead of the model; the whole model without it.")
        Optional<LoraSettings> lora,
    @Doc("The samples and how they become inputs.") DataSettings data,
    @Doc("How many pairs make one step.") BatchSettings batch,
    @Doc("What a batch of pairs is trained for.") @OrElse("{ type: contrastive }")
        LossSettings loss,
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
  public ClipRecipe {
    evaluate = List.copyOf(evaluate);
    // One spelling from here on, so that a run resumes and compares whichever its recipe has.
    if (model.weights().orElse(null) instanceof WeightsSettings.Run(Path run, WeightsPart part)) {
      initialiseFrom = Optional.of(new InitialiseFromSettings(run, part));
      model = model.withWeights(Optional.empty());
    }
  }

  /// The model with the weights that training starts from.
  public ModelSettings firstModel() {
    return initialiseFrom.isPresent()
        ? model.withWeights(initialiseFrom.map(InitialiseFromSettings::weights))
        : model;
  }

  @Override
  public ClipRecipe withBatch(BatchSettings other) {
    return new ClipRecipe(
        seed,
        compute,
        model,
        initialiseFrom,
        lock,
        lora,
        data,
        other,
        loss,
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
  public ClipRecipe withCompute(ComputeSettings other) {
    return new ClipRecipe(
        seed,
        other,
        model,
        initialiseFrom,
        lock,
        lora,
        data,
        batch,
        loss,
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

  /// Low-rank adapters by tower.
  public Map<String, LowRank> adapters() {
    return lora.map(LoraSettings::adapters).orElse(Map.of());
  }

  /// The names of the weights that stay as they begin.
  public Set<String> locked(ClipSpec spec) {
    return lora.map(adapters -> adapters.locked(spec)).orElseGet(() -> lock.locked(spec));
  }

  @Override
  public void check(Findings findings) {
    if (lora.isPresent() && (lock.imageTower().isPresent() || lock.textTower().isPresent())) {
      findings.add("lora", "locks the whole model already; leave lock out");
    }
    checkEvaluations(evaluate, data, findings);
    Schedules.check(schedule, optimizer, findings);
    Schedules.checkRanking(this, findings);
    checkFirstStage(findings);
    checkTeacher(findings);
    checkBatch(batch, findings);
  }

  static void checkEvaluations(
      List<EmbeddingEvaluation> evaluate, DataSettings data, Findings findings) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < evaluate.size(); i++) {
      EmbeddingEvaluation evaluation = evaluate.get(i);
      String key = "evaluate." + i;
      if (!names.add(evaluation.name())) {
        findings.add(key + ".name", "'%s' is taken by another one".formatted(evaluation.name()));
      }
      if (needsValidation(evaluation) && data.validation().isEmpty()) {
        findings.add(key, "needs data.validation, which the recipe lacks");
      }
    }
  }

  /// A recipe that extends its first stage inherits its folder.
  private void checkFirstStage(Findings findings) {
    if (initialiseFrom.isPresent() && sameFolder(initialiseFrom.get().run(), output.dir())) {
      findings.add(
          "initialise-from",
          "is output.dir, where this run would write; choose another output.dir, or, to go on with that run, start its own recipe again");
    }
  }

  static boolean sameFolder(Path one, Path other) {
    return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
  }

  private void checkTeacher(Findings findings) {
    String key = "loss.distillation.teacher.weights";
    Optional<ModelSettings> teacher = loss.teaching().map(DistillationSettings::teacher);
    if (teacher.isPresent() && teacher.get().weights().isEmpty()) {
      findings.add(key, "missing key; name a trained model's file");
    } else if (teacher.flatMap(ModelSettings::weights).orElse(null)
        instanceof WeightsSettings.Random) {
      findings.add(key, "random weights teach nothing; name a trained model's file");
    }
  }

  static void checkBatch(BatchSettings batch, Findings findings) {
    if (batch.global() < 2) {
      findings.add("batch.global", "one pair has nothing to be told apart from; at least 2");
    }
    if (batch.atOnce() > batch.global()) {
      findings.add(
          "batch.micro",
          "%d pairs at once are more than the %d of a step; leave it out"
              .formatted(batch.atOnce(), batch.global()));
    }
  }

  private static boolean needsValidation(EmbeddingEvaluation evaluation) {
    return switch (evaluation) {
      case ValidationSettings pairs -> true;
      case TileTasksSettings tiles -> false;
      case ZeroShotSettings tiles -> tiles.data() == ZeroShotSettings.Part.VALIDATION;
    };
  }
}
