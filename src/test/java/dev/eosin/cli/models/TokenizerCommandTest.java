package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.CommandRun;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerCommandTest {
  @TempDir private Path home;

  private Path lines;

  @BeforeEach
  void writeTexts() throws IOException {
    lines = Files.writeString(home.resolve("texts.txt"), "a tumor gland\n\n".repeat(20));
  }

  private CommandRun train(String... more) {
    String[] command = {"tokenizer", "train", "--vocabulary", "270"};
    String[] all = java.util.Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    return CommandRun.of(all);
  }

  @Test
  void aFolderOpensAndTheSameTextsGiveTheSameFile() throws IOException {
    Path out = home.resolve("out");
    CommandRun run = train("--special", "<image>", "--out", out.toString(), lines.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("20 texts of 60 words; 270 tokens, 10 of them learned, in " + out);
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(out)) {
      assertThat(tokenizer.id("<image>")).hasValue(3);
      assertThat(tokenizer.encode(" tumor", false)).hasSizeLessThan(6);
    }
    Path again = home.resolve("again.json");
    train("--special", "<image>", "--out", again.toString(), lines.toString());
    assertThat(again).hasSameBinaryContentAs(out.resolve("tokenizer.json"));
  }

  @Test
  void aFieldOfJsonLinesIsTheSameText() throws IOException {
    Path rows =
        Files.writeString(
            home.resolve("rows.jsonl"), "{\"caption\": \"a tumor gland\", \"n\": 1}\n".repeat(20));
    Path one = home.resolve("one.json");
    Path other = home.resolve("other.json");
    train("--out", one.toString(), lines.toString());
    CommandRun run = train("--field", "caption", "--out", other.toString(), rows.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(other).hasSameBinaryContentAs(one);
  }

  @Test
  void whatCannotBeReadIsNamed() throws IOException {
    String out = home.resolve("out.json").toString();
    Path rows =
        Files.writeString(
            home.resolve("rows.jsonl"), "{\"caption\": \"a\"}\n{\"text\": \"b\"}\n{\n");
    assertThat(train("--out", out, rows.toString()).err()).contains("name the field");
    CommandRun lacking = train("--field", "caption", "--out", out, rows.toString());
    assertThat(lacking.code()).isEqualTo(ExitCode.DATA);
    assertThat(lacking.err())
        .contains("rows.jsonl: line 2: has no text 'caption'; its fields are [text]");
    Path missing = home.resolve("missing.txt");
    assertThat(train("--out", out, missing.toString()).err()).contains(missing + ": no such file");
    Path blank = Files.writeString(home.resolve("blank.txt"), "\n \n");
    assertThat(train("--out", out, blank.toString()).err()).contains("no text to learn from");
    Path latin = Files.write(home.resolve("latin.txt"), new byte[] {'a', '\n', (byte) 0xE9, 'b'});
    assertThat(train("--out", out, latin.toString()).err()).contains("latin.txt: line 2, byte 2");
    assertThat(Path.of(out)).doesNotExist();
  }

  @Test
  void aVocabularyWithoutRoomIsWrongUsage() {
    CommandRun run =
        CommandRun.of(
            "tokenizer", "train", "--vocabulary", "100", "--out", "x.json", lines.toString());
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("a vocabulary of 100 has no room");
  }

  @Test
  void fewerTokensThanAskedForAreSaid() {
    CommandRun run =
        CommandRun.of(
            "tokenizer",
            "train",
            "--vocabulary",
            "5000",
            "--out",
            home.resolve("x.json").toString(),
            lines.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("fewer than the 5000 that were asked for");
  }
}
