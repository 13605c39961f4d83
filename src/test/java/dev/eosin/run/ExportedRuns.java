package dev.eosin.run;

import dev.eosin.experiment.RunSettings;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.folders.RunFolder;
import dev.eosin.run.rehearsals.QFormerInstructFamilyTest;
import dev.eosin.train.logs.RunLog;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/// Runs that are exported, and questions about tiles on which their graphs are proven.
public final class ExportedRuns {
  public static final int QUESTIONS = 512;
  private static final int TILES = 5;
  private static final int SIDE = 40;

  private ExportedRuns() {}

  /// Trains, and gives the run's folder.
  public static Path trained(Path recipe, List<String> overrides) throws IOException {
    RunSettings settings = TrainableRecipe.read(recipe, overrides);
    try (RunFolder folder = RunFolder.open(settings.output().dir(), false)) {
      folder.changes(recipe, settings.resolved());
      new Run(settings, folder, "test", () -> false)
          .run(
              (place, start, data) ->
                  RunLog.open(place.log(), start.step(), start.lastEvaluatedStep()));
    }
    return settings.output().dir();
  }

  /// A short run of kind qformer-align.
  public static Path alignment(Path home) throws IOException {
    return trained(
        QFormerAlignFamilyTest.file(home), List.of("schedule.length=2 steps", "evaluate=[]"));
  }

  /// A short run of kind albef.
  public static Path albef(Path home) throws IOException {
    return trained(AlbefFamilyTest.file(home), List.of("schedule.length=2 steps", "evaluate=[]"));
  }

  /// A short run of kind qformer-instruct.
  public static Path reader(Path home) throws IOException {
    return trained(
        QFormerInstructFamilyTest.file(home), List.of("schedule.length=2 steps", "evaluate=[]"));
  }

  /// A table of questions, each with one of a few tiles.
  public static Path questions(Path home) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < QUESTIONS; i++) {
      Path tile = home.resolve("tile-%d.png".formatted(i % TILES));
      if (i < TILES) {
        var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int at = 0; at < SIDE * SIDE; at++) {
          image.setRGB(at % SIDE, at / SIDE, (at * 7919 + i * 104_729) & 0xffffff);
        }
        ImageIO.write(image, "png", tile.toFile());
      }
      String words = i % 3 == 0 ? "is the stain dark?" : "the tissue is adipose %d?".formatted(i);
      rows.append("{\"question\": \"%s\", \"image\": \"%s\"}%n".formatted(words, tile));
    }
    return Files.writeString(home.resolve("questions.jsonl"), rows);
  }
}
