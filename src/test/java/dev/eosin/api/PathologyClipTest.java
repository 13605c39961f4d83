package dev.eosin.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.run.SmallRun;
import dev.eosin.train.machine.Processor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The interface as a Java program uses it.
class PathologyClipTest {
  private static final ClipOptions OPTIONS =
      ClipOptions.DEFAULT.withDevice(Processor.CPU).withThreads(1).withBatch(3);

  @TempDir private static Path shared;
  private static Path run;
  private static List<Path> tiles;

  @TempDir private Path home;

  @BeforeAll
  static void train() throws IOException {
    SmallRun small = SmallRun.in(shared.resolve("model"));
    small.train();
    run = small.folder();
    Path folder = Files.createDirectories(shared.resolve("tiles"));
    for (int i = 0; i < 7; i++) {
      byte[] pixels = new byte[3 * 40 * 36];
      for (int at = 0; at < pixels.length; at++) {
        pixels[at] = (byte) (at * (i + 1) + at / 50);
      }
      Files.write(folder.resolve("t%d.png".formatted(i)), Png.encode(new RgbImage(40, 36, pixels)));
    }
    try (Stream<Path> files = Files.list(folder)) {
      tiles = files.sorted().toList();
    }
  }

  @Test
  void theExampleOfTheDocumentationCompilesAndRuns() throws Exception {
    String page = Files.readString(Path.of("docs/api.md"));
    int from = page.indexOf("```java\n") + "```java\n".length();
    Path source =
        Files.writeString(
            home.resolve("Example.java"), page.substring(from, page.indexOf("```", from)));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var messages = new ByteArrayOutputStream();
    String path = System.getProperty("java.class.path");
    int code =
        compiler.run(
            null,
            messages,
            messages,
            "-cp",
            path,
            "-proc:none",
            "-d",
            home.toString(),
            source.toString());
    assertThat(code).as(messages.toString(StandardCharsets.UTF_8)).isZero();
    String printed = printed(home);
    assertThat(printed.lines())
        .hasSize(10)
        .startsWith("7 embeddings of 32 numbers")
        .last()
        .isEqualTo("nearest to the first tile: t0.png, cosine 1.000");
    assertThat(printed)
        .containsPattern("t6.png: (tumour|stroma)")
        .contains("nearest to the text: t");
  }

  private static String printed(Path classes) throws Exception {
    PrintStream before = System.out;
    var out = new ByteArrayOutputStream();
    try (var loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      Object arguments = new String[] {run.toString(), shared.resolve("tiles").toString()};
      loader.loadClass("Example").getMethod("main", String[].class).invoke(null, arguments);
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void imagesComeInTheirOrderWhereverTheyLie() throws IOException {
    try (PathologyClip clip = PathologyClip.open(run, OPTIONS)) {
      float[][] files = clip.encodeImages(tiles);
      List<Tile> others = new ArrayList<>();
      for (int i = tiles.size() - 1; i >= 0; i--) {
        byte[] bytes = Files.readAllBytes(tiles.get(i));
        BufferedImage image = ImageIO.read(tiles.get(i).toFile());
        others.add(i % 2 == 0 ? Tile.encoded(bytes, "t" + i) : Tile.of(image, "t" + i));
      }
      float[][] reversed = clip.encodeTiles(others);
      for (int i = 0; i < files.length; i++) {
        assertThat(files[i]).hasSize(clip.embeddingSize());
        assertThat(PathologyClip.cosine(files[i], files[i])).isCloseTo(1, within(1e-9));
        assertThat(reversed[files.length - 1 - i]).containsExactly(files[i], within(1e-5f));
      }
      assertThat(clip.encodeImages(List.of())).isEmpty();
      assertThat(clip.encodeTexts(List.of())).isEmpty();
      assertThat(clip.tokens("word ".repeat(30))).isGreaterThan(clip.contextLength());
    }
  }

  @Test
  void textsClassifyAndFind() throws IOException {
    try (PathologyClip clip = PathologyClip.open(run, OPTIONS)) {
      float[][] images = clip.encodeImages(tiles);
      List<String> texts = List.of("a tile of tumour", "a tile of stroma", "mucus");
      float[][] ofTexts = clip.encodeTexts(texts);
      List<String> names = tiles.stream().map(Path::toString).toList();
      Match first = clip.compare(images, names, texts).getFirst();
      double[] logits = new double[3];
      double sum = 0;
      for (int i = 0; i < 3; i++) {
        assertThat(first.cosines()[i])
            .isCloseTo(PathologyClip.cosine(images[0], ofTexts[i]), within(1e-6));
        logits[i] = Math.exp(clip.logitScale() * first.cosines()[i]);
        sum += logits[i];
      }
      for (int i = 0; i < 3; i++) {
        assertThat(first.probabilities()[i]).isCloseTo(logits[i] / sum, within(1e-6));
      }
      assertThat(first.text()).isEqualTo(texts.get(first.best()));
      Match twice = clip.compare(images, names, List.of("mucus", "stroma", "mucus")).getFirst();
      assertThat(twice.texts()).containsExactly("mucus", "stroma", "mucus");
      assertThat(twice.cosines()).hasSize(3);
      assertThat(twice.cosines()[2]).isCloseTo(twice.cosines()[0], within(1e-6));
      assertThat(Arrays.stream(twice.probabilities()).sum()).isCloseTo(1, within(1e-9));
      List<Match> single =
          clip.zeroShot(tiles, Map.of("one", List.of("mucus", "a tile of stroma")));
      assertThat(single).hasSize(7).allMatch(match -> match.text().equals("one"));
      List<Hit> found = clip.retrieve(ofTexts, images, 99).get(1);
      assertThat(found).hasSize(7);
      for (int i = 1; i < found.size(); i++) {
        assertThat(found.get(i).cosine()).isLessThanOrEqualTo(found.get(i - 1).cosine());
      }
      assertThat(clip.retrieve(ofTexts, images, 2).get(1)).isEqualTo(found.subList(0, 2));
    }
  }

  @Test
  void manyThreadsUseOneModel() throws Exception {
    try (PathologyClip clip = PathologyClip.open(run, OPTIONS);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      float[][] alone = clip.encodeImages(tiles);
      List<Callable<float[][]>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> clip.encodeImages(tiles));
      }
      for (Future<float[][]> call : threads.invokeAll(calls)) {
        for (int i = 0; i < alone.length; i++) {
          assertThat(call.get()[i]).containsExactly(alone[i], within(1e-5f));
        }
      }
    }
  }

  @Test
  void otherProgramsFoldersOpenToo() throws IOException {
    Path folder = Files.createDirectories(home.resolve("hf"));
    ParityCase of = ParityCase.own("hf-clip-plip");
    Files.copy(of.file("model.safetensors"), folder.resolve("model.safetensors"));
    Files.copy(of.file("config.json"), folder.resolve("config.json"));
    Path recorded = Path.of("src/test/resources/embeddings");
    Files.copy(recorded.resolve("hf-tokenizer.json"), folder.resolve("tokenizer.json"));
    try (PathologyClip clip = PathologyClip.open(folder, OPTIONS)) {
      assertThat(clip.notes()).anyMatch(note -> note.contains("does not say how images are prep"));
      assertThat(clip.encodeImages(tiles)).hasDimensions(7, 32);
    }
  }

  @Test
  void whatIsWrongIsSaid() throws IOException {
    Path broken = Files.writeString(home.resolve("broken.png"), "no image");
    assertThatThrownBy(() -> PathologyClip.open(home.resolve("nothing"), OPTIONS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nothing");
    assertThatThrownBy(() -> ClipOptions.DEFAULT.withBatch(0)).hasMessageContaining("batch is 0");
    PathologyClip clip = PathologyClip.open(run, OPTIONS);
    assertThatThrownBy(() -> clip.encodeImages(List.of(tiles.getFirst(), broken)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("broken.png");
    assertThatThrownBy(() -> clip.encodeImages(List.of(home.resolve("missing.png"))))
        .hasMessageContaining("missing.png: the file does not exist");
    assertThatThrownBy(() -> clip.zeroShot(tiles, Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> clip.retrieve(new float[1][3], new float[1][4], 1))
        .hasMessageContaining("embeddings of 3 and 4 numbers are not of one model");
    clip.close();
    clip.close();
    assertThatThrownBy(() -> clip.encodeTexts(List.of("a")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> clip.encodeImages(tiles)).isInstanceOf(IllegalStateException.class);
  }
}
