package dev.eosin.run;

import dev.eosin.clip.Clip;
import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipExport;
import dev.eosin.config.Pixels;
import dev.eosin.image.ImageSettings;
import dev.eosin.image.InputSize;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A CLIP model of random weights in a folder, whose image tower others stand on.
public final class TinyTower {
  private static final String MODEL =
      """
      {"embed_dim": 16,
       "vision_cfg": {"image_size": 32, "layers": 3, "width": %d, "head_width": 16, "patch_size": 16},
       "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 1, "layers": 1}}
      """;

  private TinyTower() {}

  /// Writes it as a run leaves its `final/`.
  ///
  /// @param width of its image tower
  public static Path in(Path home, int width) throws IOException {
    Path folder = home.resolve("tower-%d".formatted(width));
    if (Files.exists(folder)) {
      return folder;
    }
    Path config = Files.writeString(home.resolve("tower.json"), MODEL.formatted(width));
    ClipSpec spec = ClipConfigFile.read(config).spec();
    Engine engine = Engine.start(Device.CPU, 1);
    try (Clip clip =
        Clip.allocate(engine, spec, DType.FLOAT32, false, Clip.fastest(engine.device()))) {
      clip.initialise(new RandomKey(3), Optional.empty());
      var images = ImageSettings.openClip(new InputSize(new Pixels(32), new Pixels(32)));
      ClipExport.write(folder, clip, images, Map.of());
    }
    return folder;
  }
}
