package dev.eosin.tiling;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.image.Filter;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.PreparationContract;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps.Answer;
import dev.eosin.prepare.RowSteps.Service;
import dev.eosin.slide.TilingSettings;
import dev.eosin.tiling.SlideTilesSettings.Format;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Whatever happens on the way, crops have the same bytes.
class PathGenCropsContractTest extends PreparationContract {
  private static final CropsSettings SETTINGS =
      new CropsSettings(
          Path.of("src/test/resources/pathgen/records.json"),
          Path.of("src/test/resources/slide"),
          new Pixels(64),
          Optional.of(new Pixels(48)),
          Filter.BICUBIC,
          TilingSettings.Icc.IGNORE,
          Format.PNG,
          90,
          1);

  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    try {
      return new AskingPreparation(
          PathGenCrops.open(SETTINGS, SlideCodecs.find()),
          outside.apply(request -> new Answer(request, Cost.ofCall(0, 0))));
    } catch (DataException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected String firstTooLarge() {
    return "shards/[A-Za-z0-9_-]+\\.tar|" + super.firstTooLarge();
  }
}
