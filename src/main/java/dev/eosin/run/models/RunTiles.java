package dev.eosin.run.models;

import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.batches.EvaluationSet;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.eval.training.EmbeddingEvaluation;
import dev.eosin.eval.training.EmbeddingEvaluations;
import dev.eosin.eval.training.ZeroShotSettings;
import dev.eosin.export.HeldOut;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.TileTransform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Tiles on which graphs of a run are compared with it.
///
/// @param data of its recipe
/// @param evaluations of its recipe
/// @param tiles how many
record RunTiles(DataSettings data, List<? extends EmbeddingEvaluation> evaluations, int tiles) {
  /// Those of its validation, with the prompts of its classes where it has some.
  ///
  /// @param run for messages
  /// @throws DataException when it has none, or too few
  HeldOut heldOut(Path run) throws IOException {
    DataSets sets = DataSets.open(data, data.text().tokenizer().open());
    Source validation =
        sets.validation()
            .orElseThrow(
                () ->
                    new DataException(
                        "%s: its recipe has no data.validation; name tiles that it was not trained on with --verify"
                            .formatted(run)));
    TileTransform transform = transform();
    String name = "data.validation of " + run;
    Optional<ZeroShotSettings> asked =
        evaluations.stream()
            .filter(ZeroShotSettings.class::isInstance)
            .map(ZeroShotSettings.class::cast)
            .filter(settings -> settings.data() == ZeroShotSettings.Part.VALIDATION)
            .findFirst();
    if (asked.isPresent()) {
      EvaluationSet set = EmbeddingEvaluations.classes(asked.get(), sets);
      return HeldOut.classes(
          name, set.source(), set.labels(), asked.get().prompts(set), transform, tiles);
    }
    return HeldOut.captions(name, validation, transform, tiles);
  }

  /// Those of a folder or table.
  ///
  /// @param template around a class's name
  /// @throws DataException when there are too few
  HeldOut named(Path path, String template) throws IOException {
    return HeldOut.of(
        path.toString(),
        ListedImages.open(path, ListedImages.Columns.GUESSED, new ImageDecoder()),
        template,
        transform(),
        tiles);
  }

  private TileTransform transform() throws DataException {
    return data.image().transforms().evaluation();
  }
}
