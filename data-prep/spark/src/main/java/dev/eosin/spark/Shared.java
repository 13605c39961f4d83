package dev.eosin.spark;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.curate.Curation;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.curate.rules.SpreadSteps;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.recipe.CurateRecipe;
import dev.eosin.recipe.Recipe;
import java.io.Serial;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What every executor knows of the job: sent once to each, opened there when first asked for.
final class Shared implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final String recipe;
  private final ArrayList<String> overrides;
  private final String probe;
  private final int rows;
  private transient @Nullable SpreadSteps steps;
  private transient @Nullable Curation curation;

  /// @param recipe resolved
  /// @param overrides of it, so that its paths do not depend on a working folder
  /// @param probe an image that is there, or the folder of images; empty where there is none
  /// @param rows of the whole list
  Shared(String recipe, List<String> overrides, String probe, int rows) {
    this.overrides = new ArrayList<>(overrides);
    this.recipe = recipe;
    this.probe = probe;
    this.rows = rows;
  }

  synchronized SpreadSteps steps() {
    SpreadSteps open = steps;
    if (open == null) {
      open = new SpreadSteps(settings(), rows);
      steps = open;
    }
    return open;
  }

  private CurationSettings settings() {
    RecipeFile file = RecipeFile.parse(Path.of("recipe.yaml"), recipe, overrides, Map.of());
    return ((CurateRecipe) Binder.bind(file, Recipe.class)).curate();
  }

  /// What judges rows alone.
  ///
  /// @throws DataException when a machine does not see what the driver sees
  synchronized Curation curation() throws DataException {
    Curation open = curation;
    if (open == null) {
      if (!probe.isEmpty() && !Files.exists(Path.of(probe))) {
        throw new DataException(
            "worker %s does not see %s, which the driver sees; images have to be on a file system that all machines share, under one path"
                .formatted(Workers.host(), probe));
      }
      open = Curation.judging(settings());
      curation = open;
    }
    return open;
  }

  Candidate candidate(HeldRow row, int step) {
    return row.candidate(step, steps().settings().columns().caption());
  }
}
