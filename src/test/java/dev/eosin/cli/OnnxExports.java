package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/// Runs of `eosin export` to ONNX, what they are compared on, and how they refuse.
final class OnnxExports {
  static final String ENOUGH = "data.validation.samples=512";
  static final String AT_THE_END = "evaluate.0.every=12 steps";

  private OnnxExports() {}

  static CommandRun onnx(Path model, Path out, Object... more) {
    Stream<Object> first = Stream.of("export", model, "--to", "onnx", "--out", out);
    return CommandRun.of(Stream.concat(first, Stream.of(more)).toArray());
  }

  static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  /// Tiles of two classes, in folders.
  static Path tiles(Path tiles, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      Path of = Files.createDirectories(tiles.resolve(i % 2 == 0 ? "tumour" : "normal_mucosa"));
      var image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
      for (int at = 0; at < 256; at++) {
        image.setRGB(at % 16, at / 16, (i * 7919 + at * 104_729) * 31);
      }
      ImageIO.write(image, "png", of.resolve("%04d.png".formatted(i)).toFile());
    }
    return tiles;
  }

  /// Says why in one line, and leaves no bundle in a folder.
  static void assertRefused(Path folder, CommandRun refused, int code, String... words)
      throws IOException {
    assertThat(refused.code()).as(refused.out()).isEqualTo(code);
    List<String> lines = refused.err().lines().filter(line -> line.startsWith("eosin: ")).toList();
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst()).contains(words);
    assertThat(refused.err()).doesNotContain("\tat ");
    try (Stream<Path> left = Files.walk(folder)) {
      assertThat(left).noneMatch(file -> file.toString().contains("bundle"));
    }
  }
}
