package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.api.ClipOptions;
import dev.eosin.api.PathologyClip;
import dev.eosin.cli.CommandRun;
import dev.eosin.export.ExportedClip;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.train.machine.Processor;
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

  /// What is served of a bundle embeds as its run does.
  ///
  /// @param off that numbers may lie apart
  static void assertEmbedsAlike(Path run, Path bundle, Path tile, float off) throws IOException {
    assertThat(ExportedClip.at(bundle)).isTrue();
    List<String> texts = List.of("a tile of tumour", "normal mucosa");
    ClipOptions options = ClipOptions.DEFAULT.withDevice(Processor.CPU).withThreads(1);
    try (PathologyClip clip = PathologyClip.open(run, options);
        ExportedClip exported = ExportedClip.open(bundle, 1)) {
      float[][] wanted = clip.encodeTexts(texts);
      float[][] found = exported.embedTexts(texts);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(found[i]).containsExactly(wanted[i], within(off));
      }
      RgbImage input = exported.transform().apply(new ImageDecoder().decode(tile));
      byte[] planes = new byte[3 * input.width() * input.height()];
      input.writePlanar(planes, 0);
      assertThat(exported.embedImages(planes, 1)[0])
          .containsExactly(clip.encodeImages(List.of(tile))[0], within(off));
      assertThat(exported.logitScale()).isCloseTo(clip.logitScale(), withinPercentage(100.0 * off));
      assertThat(exported.logitBias().isPresent()).isEqualTo(clip.logitBias().isPresent());
      assertThat(exported.logitBias().orElse(0))
          .isCloseTo(clip.logitBias().orElse(0), within(10.0 * off));
    }
  }
}
