package dev.eosin.run;

import dev.eosin.config.ByteSize;
import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.opened.OpenedSources;
import dev.eosin.data.opened.SampleSheet;
import dev.eosin.data.opened.SplitExport;
import dev.eosin.data.webdataset.ShardPack;
import dev.eosin.eval.training.ZeroShotSettings;
import dev.eosin.eval.training.ZeroShotSettings.Part;
import dev.eosin.experiment.RunSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes a part of a recipe's data with the prompts that its zero-shot evaluation asks, so that
/// anyone can check a score with another tool.
public final class SplitExports {
  /// Where no zero-shot evaluation names templates, the class text itself.
  private static final List<String> CLASS_TEXT = List.of("{}");

  private SplitExports() {}

  /// @param part of `data`
  /// @param folder must not exist
  /// @throws DataException when the recipe lacks the part, its data is faulty, or `folder` exists
  public static SplitExport.Summary write(RunSettings recipe, Part part, Path folder)
      throws DataException {
    Source source = open(recipe, part);
    Optional<ZeroShotSettings> evaluation =
        recipe.evaluate().stream()
            .filter(ZeroShotSettings.class::isInstance)
            .map(ZeroShotSettings.class::cast)
            .filter(tiles -> tiles.data() == part)
            .findFirst();
    return SplitExport.write(
        new RenamedClasses(source, evaluation.map(ZeroShotSettings::classNames).orElse(Map.of())),
        evaluation.map(ZeroShotSettings::prompts).orElse(CLASS_TEXT),
        folder);
  }

  /// Writes a part of a recipe's data as tar shards.
  ///
  /// @param shardSize what a shard may have
  /// @param folder may hold a pack of the same data that was interrupted
  /// @throws DataException when the recipe lacks the part, its data is faulty, or `folder` holds
  ///   something else
  public static ShardPack.Summary pack(
      RunSettings recipe, Part part, ByteSize shardSize, Path folder) throws DataException {
    return ShardPack.write(open(recipe, part), shardSize, folder);
  }

  /// Draws the first tiles of a part of a recipe's data, each with what is said about it.
  ///
  /// @param tiles at most so many
  /// @throws DataException when the recipe lacks the part, its data is faulty, or more images than
  ///   `data.bad-rows.limit` cannot be read
  public static SampleSheet.Drawn sheet(RunSettings recipe, Part part, int tiles)
      throws IOException {
    String side =
        switch (part) {
          case TRAIN -> DataSets.TRAIN;
          case VALIDATION -> DataSets.VALIDATION;
        };
    return SampleSheet.draw(side, open(recipe, part), tiles, recipe.data().badRows());
  }

  private static Source open(RunSettings recipe, Part part) throws DataException {
    DataSettings settings = pairs(recipe);
    OpenedSources opened = OpenedSources.open(settings, settings.image().decoder().exact());
    return switch (part) {
      case TRAIN -> opened.train();
      case VALIDATION ->
          opened
              .validation()
              .orElseThrow(() -> new DataException("the recipe has no data.validation to export"));
    };
  }

  /// The data of a recipe of images and captions.
  ///
  /// @throws DataException for another recipe
  static DataSettings pairs(RunSettings recipe) throws DataException {
    if (recipe.data() instanceof DataSettings settings) {
      return settings;
    }
    throw new DataException("this is for recipes of images with captions, which this one is not");
  }

  /// A source whose classes are called as an evaluation calls them.
  private record RenamedClasses(Source source, Map<String, String> names) implements Source {
    @Override
    public long size() {
      return source.size();
    }

    @Override
    public Sample get(long index) {
      return source.get(index);
    }

    @Override
    public String fingerprint() {
      return source.fingerprint();
    }

    @Override
    public Map<String, String> classTexts() {
      Map<String, String> texts = new LinkedHashMap<>(source.classTexts());
      texts.replaceAll(names::getOrDefault);
      return texts;
    }
  }
}
