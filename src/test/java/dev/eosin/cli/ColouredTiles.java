package dev.eosin.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.run.SmallRun;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/// Tiles of three colours, a small model that sees colours, and evaluations of one by the other.
public final class ColouredTiles {
  public static final List<String> CLASSES = List.of("red_tissue", "green_tissue", "blue_tissue");

  /// Tiles of each class.
  public static final int EACH = 16;

  private static final int SIDE = 32;

  private final Path model;
  private final Path folder;

  private ColouredTiles(Path model, Path folder) {
    this.model = model;
    this.folder = folder;
  }

  /// Trains and draws.
  public static ColouredTiles in(Path folder) throws IOException {
    SmallRun run = SmallRun.in(folder.resolve("small"));
    run.train();
    return new ColouredTiles(run.folder(), draw(folder.resolve("tiles")));
  }

  private static Path draw(Path folder) throws IOException {
    StringBuilder table = new StringBuilder("filepath,label,slide\n");
    for (int label = 0; label < CLASSES.size(); label++) {
      Path of = Files.createDirectories(folder.resolve(CLASSES.get(label)));
      for (int i = 0; i < EACH; i++) {
        RandomStream random = new RandomKey(5).stream(RandomKey.Purpose.SYNTHETIC_TILE, label, i);
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
          int colour = 0;
          for (int channel = 0; channel < 3; channel++) {
            int value = (channel == label ? 140 : 60) + random.nextInt(80);
            colour = colour << 8 | value;
          }
          image.setRGB(pixel % SIDE, pixel / SIDE, colour);
        }
        ImageIO.write(image, "png", of.resolve("t%02d.png".formatted(i)).toFile());
        table.append(
            "%s/t%02d.png,%s,slide%d\n"
                .formatted(CLASSES.get(label), i, CLASSES.get(label), i / 2));
      }
    }
    Files.writeString(folder.resolve("labels.csv"), table);
    return folder;
  }

  public Path model() {
    return model;
  }

  public Path resolve(String name) {
    return folder.resolve(name);
  }

  public String table() {
    return resolve("labels.csv").toString();
  }

  /// A folder of class folders alone.
  public Path folders(Path home) throws IOException {
    Path to = home.resolve("folders");
    for (String label : CLASSES) {
      Path of = Files.createDirectories(to.resolve(label));
      for (int i = 0; i < EACH; i++) {
        String name = "t%02d.png".formatted(i);
        Files.copy(resolve(label).resolve(name), of.resolve(name));
      }
    }
    return to;
  }

  /// Evaluates in a folder: its recipe and what was found, in `out`, lie there.
  public CommandRun evaluate(Path home, String data, String more, String... overrides)
      throws IOException {
    Path recipe = home.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        kind: tile-evaluation
        compute: { device: cpu, threads: 1 }
        features: { type: clip, path: "%s", remember: false }
        tiles: { path: "%s" }
        bootstrap: 40
        output: { dir: "%s" }
        %s
        """
            .formatted(model, data, home.resolve("out"), more));
    List<Object> all = new ArrayList<>(List.of("evaluate", recipe));
    all.addAll(List.of(overrides));
    return CommandRun.of(all.toArray());
  }

  /// What an evaluation in a folder found.
  public static JsonNode results(Path home) throws IOException {
    return new ObjectMapper().readTree(home.resolve("out/evaluation.json").toFile());
  }
}
