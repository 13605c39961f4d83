package dev.eosin.run;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TorchSave;
import dev.eosin.clip.Clip;
import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipExport;
import dev.eosin.config.Pixels;
import dev.eosin.features.ImageFeatures;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Initialiser;
import dev.eosin.qformer.EvaNames;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

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

  /// Writes EVA's tower alone, as `eva_vit_g.pth` names it: one head of 88, blocks of random
  /// weights, the last norm.
  ///
  /// @param blocks all of them; BLIP-2 leaves out the last
  public static Path eva(Path home, int blocks) throws IOException {
    Path file = home.resolve("eva_vit_g.pth");
    ImageFeatures tower = evaFeatures(blocks);
    List<ParameterSet.Spec> specs =
        tower.weights().stream().map(weight -> weight.spec(false)).toList();
    Engine engine = Engine.start(Device.CPU, 1);
    try (ParameterSet parameters = ParameterSet.allocate(engine, specs, DType.FLOAT32)) {
      new Initialiser(new RandomKey(5)).fill(parameters, tower.weights());
      Map<String, TensorData> weights = new LinkedHashMap<>();
      parameters.all().forEach(each -> weights.put(each.name(), TensorData.of(each.data())));
      Path foreign = home.resolve("eva.safetensors");
      EvaNames.file(tower, blocks).write(weights, Map.of()).write(foreign);
      Map<String, TensorData> renamed = new LinkedHashMap<>();
      try (StoredTensors written = StoredTensors.open(foreign)) {
        for (String name : written.names()) {
          renamed.put(name, written.entry(name));
        }
        TorchSave.write(file, renamed);
      }
      Files.delete(foreign);
    }
    return file;
  }

  /// All blocks of that tower.
  public static ImageFeatures evaFeatures(int blocks) {
    var trunk =
        new TimmImage.Trunk(32, 32, 16, 88, blocks, 1, 24, false, OptionalDouble.empty(), 0, false);
    var image =
        new TimmImage(
            "eva_giant_patch14_224", trunk, TimmImage.Pool.CLASS_TOKEN, Projection.NONE, false);
    return new ImageFeatures(ImageTower.of("image", image, 1, Activation.GELU), blocks, true);
  }
}
