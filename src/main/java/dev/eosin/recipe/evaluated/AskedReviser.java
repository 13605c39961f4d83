package dev.eosin.recipe.evaluated;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.eval.asking.Asking;
import dev.eosin.eval.revision.RevisionFile;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.group.Group;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.ReviseEvaluationRecipe;
import dev.eosin.recipe.found.AnswersFrom;
import dev.eosin.recipe.found.Measured;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.revise.RevisionEvaluation;
import dev.eosin.revise.RevisionEvaluation.Revised;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.vllm.ConversationRows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;

/// A stored model that revises captions, and its twin.
///
/// @param source of the captions
/// @param models the model, then its twin and a model that describes where there are some
/// @param group of ranks that share what is asked
record AskedReviser(
    ReviseEvaluationRecipe recipe,
    Source source,
    RevisionEvaluation evaluation,
    List<Asked> models,
    Group group)
    implements OpenedEvaluation {
  /// Every revision, as it is scored.
  private static final String REVISIONS = "answers.jsonl";

  private static final String DESCRIPTIONS = "described.jsonl";
  private static final String MODEL = "model";
  private static final String TWIN = "twin";
  private static final String DESCRIBER = "describer";

  /// A model that is asked.
  ///
  /// @param name of its files and inputs
  /// @param pins what its answers depend on
  private record Asked(
      String name,
      StoredAnswerer model,
      GenerationSettings generation,
      SortedMap<String, String> pins) {
    static Asked open(
        ReviseEvaluationRecipe recipe, String name, AnswersFrom.LanguageModel settings)
        throws IOException {
      StoredAnswerer model = StoredAnswerers.open(settings.wanted());
      try {
        int most = recipe.asking().mostTokens();
        GenerationSettings generation =
            settings.generation().orElseGet(() -> model.defaults().settings(most)).limited(most);
        return new Asked(name, model, generation, model.pins(generation));
      } catch (DataException | RuntimeException | Error e) {
        model.close();
        throw e;
      }
    }

    boolean twin() {
      return name.equals(TWIN);
    }

    boolean describes() {
      return name.equals(DESCRIBER);
    }

    /// What it wrote, before it is applied to captions.
    Path file(Path folder) {
      return folder.resolve(name + "-answers.jsonl");
    }
  }

  AskedReviser {
    models = List.copyOf(models);
  }

  static AskedReviser open(
      ReviseEvaluationRecipe recipe, AnswersFrom.LanguageModel settings, Group group)
      throws IOException {
    ReviserRuns.check(recipe, settings.path());
    List<Asked> models = new ArrayList<>();
    try {
      models.add(Asked.open(recipe, MODEL, settings));
      if (recipe.twin().isPresent()) {
        models.add(Asked.open(recipe, TWIN, settings.of(recipe.twin().get())));
      }
      if (recipe.describer().isPresent()) {
        models.add(Asked.open(recipe, DESCRIBER, settings.of(recipe.describer().get())));
      }
      Source source = Sources.open(recipe.captions().orElseThrow(), new ImageDecoder());
      var key = new RandomKey(recipe.seed());
      RevisionEvaluation evaluation =
          RevisionEvaluation.of(recipe.revise(), source, recipe.asking(), key);
      return new AskedReviser(recipe, source, evaluation, models, group);
    } catch (IOException | RuntimeException | Error e) {
      models.forEach(asked -> asked.model().close());
      throw e;
    }
  }

  @Override
  public SequencedMap<String, String> inputs() {
    SequencedMap<String, String> inputs = new LinkedHashMap<>();
    for (Asked asked : models) {
      asked
          .pins()
          .forEach(
              (name, value) -> {
                if (name.endsWith(".sha256")) {
                  inputs.put(asked.name().equals(MODEL) ? name : asked.name() + "." + name, value);
                }
              });
    }
    inputs.put("captions.fingerprint", source.fingerprint());
    return inputs;
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    models.forEach(asked -> notes.addAll(asked.model().notes()));
    notes.addAll(source.notes());
    notes.addAll(evaluation.plan().notes());
    notes.add(evaluation.summary());
    return notes;
  }

  @Override
  public List<Measure> evaluations() {
    return List.of(this::measured);
  }

  private Optional<Measured> measured(Watch watch) throws IOException {
    Optional<Revised> all = Optional.of(new Revised(List.of(), 0));
    for (Asked asked : models) {
      if (asked.describes()) {
        if (!describe(asked, watch)) {
          return Optional.empty();
        }
        continue;
      }
      evaluation.plan().requireRoom(asked.model()::requireRoom);
      Optional<Revised> more = revised(asked, watch);
      all = all.flatMap(before -> more.map(before::and));
      if (all.isEmpty()) {
        return Optional.empty();
      }
    }
    if (group.isFirst()) {
      RevisionFile.write(recipe.folder().resolve(REVISIONS), all.get().rows());
    }
    Measured measured =
        OpenedRevisions.measured(
            evaluation.scores(all.get().rows(), recipe.bootstrap()),
            recipe.seed(),
            recipe.bootstrap());
    List<String> lines = new ArrayList<>(measured.lines());
    if (all.get().unread() > 0) {
      lines.add(
          "%d of %d answers are no edits that fit their caption, which stays as it was"
              .formatted(all.get().unread(), all.get().rows().size()));
    }
    return Optional.of(
        new Measured(measured.report(), lines, List.of(), measured.details(), measured.samples()));
  }

  /// @return whether it came to its end
  private boolean describe(Asked asked, Watch watch) throws IOException {
    try (StoredAnswerer.Loaded loaded = asked.model().load(engine(), asked.generation())) {
      Optional<SequencedMap<String, String>> described =
          evaluation.described(loaded.answerer(), ConversationRows.MARK, watch.stop(), group);
      if (described.isEmpty() || !group.isFirst()) {
        return described.isPresent();
      }
      var lines = new StringBuilder();
      for (Map.Entry<String, String> one : described.get().entrySet()) {
        ObjectNode line = JsonNodeFactory.instance.objectNode().put("id", one.getKey());
        lines.append(line.put("caption", one.getValue())).append('\n');
      }
      Path file = recipe.folder().resolve(DESCRIPTIONS);
      AtomicFile.write(file, FileContent.text(lines.toString()));
      return true;
    }
  }

  private Optional<Revised> revised(Asked asked, Watch watch) throws IOException {
    try (StoredAnswerer.Loaded loaded = asked.model().load(engine(), asked.generation())) {
      return evaluation.revised(
          loaded.answerer(),
          asked.twin(),
          asked.file(recipe.folder()),
          asked.pins(),
          new Asking.Listener(
              watch.progress(), progress -> watch.progress().accept(progress.text())),
          watch.stop(),
          group);
    }
  }

  private Engine engine() {
    return recipe.compute().start(KernelListener.NONE, group);
  }

  @Override
  public void close() {
    models.forEach(asked -> asked.model().close());
  }
}
