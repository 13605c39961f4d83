package dev.eosin.recipe.stored;

import dev.eosin.checkpoint.JoinedTensors;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.spec.Preprocessing;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.eval.training.EmbeddingEvaluation;
import dev.eosin.export.ExportedPairs;
import dev.eosin.file.FileContent;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.recipe.AlbefRecipe;
import dev.eosin.recipe.ClipRecipe;
import dev.eosin.recipe.LanguageRecipe;
import dev.eosin.recipe.QFormerAlignRecipe;
import dev.eosin.recipe.QFormerInstructRecipe;
import dev.eosin.recipe.Training;
import dev.eosin.recipe.VisionLanguageRecipe;
import dev.eosin.recipe.models.StoredRun;
import dev.eosin.text.TokenizerExport;
import dev.eosin.train.TrainingCheckpoint;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A run of a model that draws images and texts together and judges pairs, of kind qformer-align or
/// albef. Close it.
///
/// @param run its folder and checkpoint
/// @param family what graphs are made of
/// @param data that it was trained on
/// @param evaluations that its recipe asks for
public record StoredPairs(
    StoredRun run,
    ExportedPairs family,
    DataSettings data,
    List<EmbeddingEvaluation> evaluations,
    Runnable closing)
    implements AutoCloseable {
  public StoredPairs {
    evaluations = List.copyOf(evaluations);
  }

  /// The run, or the checkpoint of one, at a path.
  ///
  /// @param part which weights of it
  /// @return empty where there is none of these kinds
  /// @throws DataException when it has no sound checkpoint, its recipe cannot be used any more, or
  ///   its tower is not what it was trained behind
  public static Optional<StoredPairs> at(Path path, WeightsPart part) throws IOException {
    Optional<StoredRun> found = StoredRun.find(path);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Path recipe = found.get().run().resolve(StoredRun.RECIPE);
    try {
      return switch (Training.read(recipe, List.of())) {
        case QFormerAlignRecipe align -> {
          var family = ExportedAlignment.of(path, found.get(), align, part);
          yield Optional.of(
              new StoredPairs(
                  found.get(),
                  family,
                  align.data(),
                  align.evaluate(),
                  () -> family.models().close()));
        }
        case AlbefRecipe albef -> {
          var family = ExportedAlbef.of(path, found.get(), albef, part);
          yield Optional.of(
              new StoredPairs(
                  found.get(),
                  family,
                  albef.data(),
                  albef.evaluate(),
                  () -> family.models().close()));
        }
        case ClipRecipe _, LanguageRecipe _, QFormerInstructRecipe _, VisionLanguageRecipe _ ->
            Optional.empty();
      };
    } catch (RecipeException e) {
      throw new DataException(
          "%s: the stored recipe cannot be used: %s"
              .formatted(recipe, e.problems().getFirst().message()),
          e);
    }
  }

  /// Weights of a checkpoint; the caller closes them.
  ///
  /// @throws DataException when it has none of the kind
  static StoredTensors weights(StoredRun run, WeightsPart part) throws DataException {
    Path average = run.checkpoint().file(TrainingCheckpoint.AVERAGE);
    return switch (part) {
      case WEIGHTS -> run.checkpoint().model();
      case AVERAGE -> {
        if (!Files.exists(average)) {
          throw new DataException(run.run() + ": that run kept no average; take its weights");
        }
        // What was locked has no average.
        yield new JoinedTensors(List.of(SafetensorsFile.open(average), run.checkpoint().model()));
      }
    };
  }

  /// The tokenizer and how images are prepared, as both lie beside graphs.
  static Map<String, FileContent> companions(DataSettings data) throws IOException {
    Map<String, FileContent> files = new LinkedHashMap<>();
    TokenizerExport.files(data.text().tokenizer(), data.text().length())
        .forEach((name, text) -> files.put(name, FileContent.text(text)));
    files.put(Preprocessing.HUGGING_FACE, preparation(data.image()));
    return files;
  }

  /// `preprocessor_config.json` of images as a recipe prepares them.
  static FileContent preparation(ImageSettings images) {
    InputSize size = images.size();
    return FileContent.text(
        Preprocessing.of(images)
                .huggingFace(size.height().value(), size.width().value())
                .toPrettyString()
            + "\n");
  }

  @Override
  public void close() {
    closing.run();
  }
}
