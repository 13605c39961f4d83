package dev.eosin.spark;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/// A table of captions and small images with copies and near copies of both.
final class MadeRows {
  private static final String[] WORDS = {
    "nests",
    "of",
    "atypical",
    "squamous",
    "cells",
    "in",
    "a",
    "fibrous",
    "stroma",
    "with",
    "lymphocytes",
    "and",
    "mucosa",
    "crypts",
    "dysplasia",
    "carcinoma",
    "adenoma",
    "glands"
  };

  private MadeRows() {}

  /// Writes `rows.jsonl` and its images.
  static Path write(Path folder, int rows) throws IOException {
    RandomStream random = new RandomKey(1).stream(Purpose.PREPARATION, 0, 0);
    Files.createDirectories(folder.resolve("images"));
    for (int i = 0; i < 60; i++) {
      image(folder.resolve("images").resolve(i + ".png"), i % 40);
    }
    List<String> captions = new ArrayList<>();
    for (int i = 0; i < rows / 10; i++) {
      captions.add(caption(random));
    }
    // Each is like the next and not like that behind it: a chain that no round decides at once.
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      String caption = i < 40 ? chained(i) : changed(captions, random);
      lines.add(
          "{\"id\":\"k%d\",\"image\":\"%d.png\",\"caption\":\"%s\",\"patient\":\"%s\",\"split\":\"%s\",\"parent\":\"%s\",\"likes\":%d,\"source\":\"tw\"}"
              .formatted(
                  i,
                  random.nextInt(62), // two of them are missing
                  caption,
                  random.nextInt(3) > 0 ? "unknown" : "P" + random.nextInt(rows / 4),
                  random.nextInt(4) == 0 ? "test" : "train",
                  random.nextInt(3) > 0 ? "" : "k" + random.nextInt(rows),
                  random.nextInt(9)));
    }
    return Files.write(folder.resolve("rows.jsonl"), lines);
  }

  private static String chained(int link) {
    StringBuilder caption = new StringBuilder();
    for (int word = 0; word < 12; word++) {
      caption.append("link").append(link * 2 + word).append(' ');
    }
    return caption.toString().strip();
  }

  private static String caption(RandomStream random) {
    StringBuilder caption = new StringBuilder();
    int length = 6 + random.nextInt(12);
    for (int word = 0; word < length; word++) {
      caption.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
    }
    return caption.toString().strip();
  }

  private static String changed(List<String> captions, RandomStream random) {
    String[] words = captions.get(random.nextInt(captions.size())).split(" ");
    if (random.nextInt(2) == 0) {
      words[random.nextInt(words.length)] = WORDS[random.nextInt(WORDS.length)];
    }
    return String.join(" ", words) + (random.nextInt(40) == 0 ? " \\ud800?" : "");
  }

  private static void image(Path file, int seed) throws IOException {
    RandomStream random = new RandomKey(2).stream(Purpose.PREPARATION, 0, seed);
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    Graphics2D drawing = image.createGraphics();
    for (int i = 0; i < 12; i++) {
      drawing.setColor(new Color(random.nextInt(256), random.nextInt(256), random.nextInt(256)));
      drawing.fillRect(random.nextInt(64), random.nextInt(64), 24, 24);
    }
    drawing.dispose();
    ImageIO.write(image, "png", file.toFile());
  }
}
