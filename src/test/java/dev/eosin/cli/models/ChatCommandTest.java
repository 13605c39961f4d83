package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.CommandRun;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.vllm.TinyVisionLanguage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Conversations, piped.
class ChatCommandTest {
  @TempDir private Path home;

  private static CommandRun chat(Path model, String said, Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("chat", "--device", "cpu", "--threads", "1"));
    all.addAll(List.of("--model", model, "--max-new-tokens", 8));
    all.addAll(Arrays.asList(arguments));
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(said.getBytes(StandardCharsets.UTF_8)));
    try {
      return CommandRun.of(all.toArray());
    } finally {
      System.setIn(before);
    }
  }

  private Path picture(String name, int colour) throws IOException {
    var image = new BufferedImage(30, 24, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 24; i++) {
      image.setRGB(i, i, colour);
    }
    Path file = home.resolve(name);
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  @Test
  void aModelThatSeesRemembersWhatWasSaidAndShown() throws IOException {
    Path model = TinyVisionLanguage.in(home.resolve("model"));
    Path first = picture("first.png", 0xff0000);
    Path second = picture("second.png", 0x00ffff);
    String script =
        "what is it\n/image %s\nand this\n\n/reset\n/image %s\nwhat is it\n/help\n/no\n/image\n"
            .formatted(second, first);
    CommandRun run = chat(model, script, "--image", first);
    assertThat(run.code()).as(run.err()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(run.err())
        .contains("has no chat_template; conversations are put as Vicuna's (v1)")
        .contains("/reset       forgets")
        .contains("/no is no command; /help names them")
        .contains("/image needs the name of a file");
    assertThat(run.out()).doesNotContain("\u001b");
    String alone = chat(model, "what is it\n", "--image", first).out();
    String other = chat(model, "and this\n", "--image", second).out();
    assertThat(run.out()).startsWith(alone).endsWith(alone).doesNotContain(other);
    assertThat(lines).isNotEmpty();
  }

  @Test
  void aModelOfTextAloneChatsToo() throws IOException {
    Path model =
        TinyLanguage.llama(
            home.resolve("model"), Optional.of(new DialogueFormat("{text} =", " {text}")));
    Path picture = picture("a.png", 1);
    CommandRun run = chat(model, "is the stain dark?\n/image %s\n/quit\nno\n".formatted(picture));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("is a model of text alone and cannot see " + picture);
    CommandRun twice = chat(model, "is the stain dark?\nis the stain dark?\n");
    assertThat(twice.out()).startsWith(run.out()).isNotEqualTo(run.out() + run.out());
  }

  @Test
  void aModelThatIsNotThereIsNamed() {
    CommandRun run = chat(home.resolve("none"), "");
    assertThat(run.code()).isNotZero();
    assertThat(run.err()).contains(home.resolve("none").toString());
  }
}
