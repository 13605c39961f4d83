package dev.eosin.data.quality;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.FolderSettings;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Two folders of drawn tiles, in files, that share nothing until a test copies something.
record SplitFiles(Path train, Path validation) {
  private static final int TILES = 6;

  static SplitFiles in(Path home) throws IOException {
    Path train = home.resolve("train");
    Path validation = home.resolve("validation");
    write(SyntheticSettings.Split.TRAIN, train.resolve("tissue"));
    write(SyntheticSettings.Split.VALIDATION, validation.resolve("tissue"));
    return new SplitFiles(train, validation);
  }

  private static void write(SyntheticSettings.Split split, Path folder) throws IOException {
    Source source =
        Sources.open(new SyntheticSettings(TILES, split, new Pixels(64), 0), new ImageDecoder());
    Files.createDirectories(folder);
    for (int index = 0; index < TILES; index++) {
      RgbImage tile = source.get(index).image().read().toRgb();
      Files.write(folder.resolve("tile-" + index + ".png"), Png.encode(tile));
    }
  }

  static Source open(Path folder) throws DataException {
    var settings =
        new FolderSettings(
            folder, Map.of(), List.of("An H&E image of {}."), List.of("png", "jpg", "jpeg"));
    return Sources.open(settings, new ImageDecoder());
  }
}
