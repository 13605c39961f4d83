package dev.eosin.recipe.evaluated;

import dev.eosin.checkpoint.TensorsDigest;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipEncoder;
import dev.eosin.clip.ClipInputs;
import dev.eosin.clip.PairLoss;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.clip.stored.StartingWeights;
import dev.eosin.config.DataException;
import dev.eosin.config.Problem;
import dev.eosin.config.RecipeException;
import dev.eosin.config.Steps;
import dev.eosin.data.Source;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.quality.GuardedData;
import dev.eosin.eval.RankShare;
import dev.eosin.eval.training.EmbeddingEvaluations;
import dev.eosin.experiment.Extent;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.ClipEvaluationRecipe;
import dev.eosin.recipe.found.Measured;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.recipe.models.ClipModels;
import dev.eosin.recipe.models.LocatedWeights;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.text.Tokenizer;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A stored CLIP model on an engine, with the data that it is measured on.
///
/// @param digest of the weights, under the names of their file
/// @param group of ranks that share the work
record OpenedClipEvaluation(
    ClipEvaluationRecipe recipe,
    DataSets data,
    Clip clip,
    ClipInputs inputTensors,
    String digest,
    Group group,
    List<String> notes)
    implements OpenedEvaluation {
  OpenedClipEvaluation {
    notes = List.copyOf(notes);
  }

  /// Weights are looked at before the long work on the data.
  static OpenedClipEvaluation open(ClipEvaluationRecipe recipe, Engine engine, Group group)
      throws IOException {
    ClipSpec spec = spec(recipe, recipe.data().text().tokenizer().open());
    try (StartingWeights weights =
        LocatedWeights.open(recipe.model(), spec, "model.weights").orElseThrow()) {
      LocatedWeights.check(spec, weights, "model.weights");
      DataSets data = GuardedData.open(recipe.data());
      List<String> notes = new ArrayList<>(weights.notes());
      notes.addAll(data.notes());
      DType compute = recipe.precision().compute(engine.device());
      notes.add(recipe.precision().explain(engine.device()));
      String digest = TensorsDigest.sha256(weights.file());
      Clip clip = Clip.allocate(engine, spec, compute, false, Clip.fastest(engine.device()));
      try {
        ClipWeights.load(clip, weights.layout(), weights.file());
        var inputs = new ClipInputs(engine, compute, recipe.data().image().normalisation());
        return new OpenedClipEvaluation(recipe, data, clip, inputs, digest, group, notes);
      } catch (DataException | RuntimeException | Error e) {
        clip.close();
        throw e;
      }
    }
  }

  private static ClipSpec spec(ClipEvaluationRecipe recipe, Tokenizer tokenizer)
      throws DataException {
    ClipSpec spec = recipe.model().spec();
    List<Problem> problems =
        ClipModels.inputProblems(recipe.model(), recipe.data(), spec, tokenizer);
    if (!problems.isEmpty()) {
      throw new RecipeException(Path.of("the recipe"), problems);
    }
    return ClipModels.sized(recipe.data(), recipe.loss(), spec);
  }

  @Override
  public SequencedMap<String, String> inputs() {
    SequencedMap<String, String> inputs = new LinkedHashMap<>();
    inputs.put("model.sha256", digest);
    inputs.put("data.train.fingerprint", data.train().fingerprint());
    Optional<Source> validation = data.validation();
    validation.ifPresent(source -> inputs.put("data.validation.fingerprint", source.fingerprint()));
    return inputs;
  }

  @Override
  public List<Measure> evaluations() throws IOException {
    PairLoss loss = new PairLoss(recipe.loss()).forValidation();
    var encoder =
        new ClipEncoder(clip, inputTensors, data.tokenizer(), loss, recipe.batch().atOnce());
    var evaluations =
        new EmbeddingEvaluations(
            recipe.evaluate(),
            new Steps(1),
            recipe.batch().global(),
            recipe.data(),
            data,
            encoder,
            new RandomKey(recipe.seed()),
            Extent.WHOLE.evaluatedSamples(),
            () -> false,
            new RankShare(group, clip.engine()));
    return evaluations.scheduled().stream().map(OpenedClipEvaluation::measure).toList();
  }

  /// Its cadence means nothing here, and nobody stops it.
  private static Measure measure(Scheduled scheduled) {
    return watch -> Optional.of(Measured.of(scheduled.evaluation().run(0).orElseThrow()));
  }

  @Override
  public void close() {
    inputTensors.close();
    clip.close();
  }
}
