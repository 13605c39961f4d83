package dev.eosin.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.data.SampleContent.Conversation;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.LlavaJsonSettings;
import dev.eosin.data.settings.LlavaJsonSettings.Says;
import dev.eosin.data.settings.LlavaJsonSettings.WithoutImage;
import dev.eosin.data.tables.QuestionRowsTest;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole conversations out of LLaVA's files.
class ConversationRowsTest {
  @TempDir Path folder;

  @BeforeEach
  void makeImages() throws IOException {
    for (String name : List.of("a.png", "b.png")) {
      Files.writeString(folder.resolve(name), name);
    }
  }

  @Test
  void everyTurnAndMarkIsKept() throws IOException {
    Source source =
        open(
            """
            {"image": "a.png", "conversations": [{"from": "human", "value": "What is <image> this?"}, {"from": "gpt", "value": "Fat."}, {"from": "user", "value": "Sure?"}, {"from": "assistant", "value": "Yes."}]}
            {"image": ["a.png", "b.png"], "conversations": [{"from": "human", "value": "<image>"}, {"from": "gpt", "value": "Unlike <image> it."}]}
            {"image": "b.png", "conversations": [{"from": "human", "value": "What?"}, {"from": "gpt", "value": "Fat."}]}
            {"image": null, "conversations": [{"from": "human", "value": "Hello?"}, {"from": "gpt", "value": "Hello."}]}
            """,
            WithoutImage.KEEP);
    assertThat(turns(source, 0))
        .containsExactly(
            new Turn(true, "What is <image> this?"),
            new Turn(false, "Fat."),
            new Turn(true, "Sure?"),
            new Turn(false, "Yes."));
    Sample both = source.get(1);
    assertThat(both.images()).hasSize(2);
    assertThat(both.images().get(1).encoded()).contains("b.png".getBytes());
    assertThat(both.key()).isEqualTo("a.png");
    assertThat(source.get(3).images()).isEmpty();
    assertThat(source.get(3).key()).isEqualTo("records.json record 4");
    assertThat(List.of(source.place(0), source.place(1), source.place(2), source.place(3)))
        .doesNotHaveDuplicates();
    assertThat(source.badSamples().flawed()).isEqualTo(FlawedRows.NONE);
  }

  @Test
  void textAloneIsRefusedSkippedOrKept() throws IOException {
    String text =
        """
        {"image": "a.png", "conversations": [{"from": "human", "value": "What?"}, {"from": "gpt", "value": "Fat."}]}
        {"conversations": [{"from": "human", "value": "Hello?"}, {"from": "gpt", "value": "Hello."}]}
        """;
    assertThatThrownBy(() -> open(text, WithoutImage.REFUSE))
        .hasMessageContaining(
            "1 row without an image (without-image: keep takes them as text, skip leaves them out)"
                + " (line 2)");
    assertThat(open(text, WithoutImage.SKIP).size()).isEqualTo(1);
    assertThat(open(text, WithoutImage.KEEP).size()).isEqualTo(2);
  }

  @Test
  void conversationsThatAreNoneAreBadRows() throws IOException {
    String good =
        "{\"image\": \"a.png\", \"conversations\": [{\"from\": \"human\", \"value\": \"What?\"},"
            + " {\"from\": \"gpt\", \"value\": \"Fat.\"}]}\n";
    Source source =
        open(
            good
                + """
                {"image": "a.png", "conversations": [{"from": "gpt", "value": "Fat."}]}
                {"image": "a.png", "conversations": [{"from": "human", "value": "What?"}]}
                {"image": "a.png", "conversations": [{"from": "human", "value": "A"}, {"from": "human", "value": "B"}]}
                {"image": "a.png", "conversations": [{"from": "human", "value": "A"}, {"from": "gpt", "value": " "}]}
                {"image": "a.png", "conversations": [{"from": "system", "value": "A"}]}
                {"image": "a.png", "conversations": []}
                {"image": "a.png", "conversations": [{"from": "human", "value": "<image> <image>"}, {"from": "gpt", "value": "B"}]}
                {"conversations": [{"from": "human", "value": "<image>"}, {"from": "gpt", "value": "B"}]}
                """,
            WithoutImage.KEEP);
    assertThat(source.badSamples().flawed().count()).isEqualTo(8);
    String mend = "; correct the record, or leave it out with where or without";
    assertRefuses(source, 1, "line 2: conversations[0].from is 'gpt'; expected human and gpt in");
    assertRefuses(source, 2, "line 3: conversations[0] is a question; expected human and gpt");
    assertRefuses(source, 3, "line 4: conversations[1].from is 'human'; expected");
    assertRefuses(source, 4, "line 5: conversations[1].value is empty; expected");
    assertRefuses(source, 5, "line 6: conversations[0].from is 'system'; expected");
    assertRefuses(source, 6, "line 7: conversations is empty; expected");
    assertRefuses(
        source,
        7,
        "line 8: conversations is marked with 2 <image>; expected 1, one for each of the record's"
            + " images, or none"
            + mend);
    assertRefuses(source, 8, "line 9: conversations is marked with 1 <image>; expected 0,");
    assertThat(turns(source, 0)).hasSize(2);
  }

  @Test
  void severalImagesAreLookedForEach() throws IOException {
    String text =
        "{\"image\": [\"a.png\", \"z.png\"], \"conversations\": [{\"from\": \"human\", \"value\":"
            + " \"What?\"}, {\"from\": \"gpt\", \"value\": \"Fat.\"}]}\n";
    assertThat(open(text + text, WithoutImage.REFUSE).badSamples().missing())
        .isEqualTo(new MissingFiles(2, List.of("z.png", "z.png")));
    assertThatThrownBy(() -> open(text.replace("a.png", "y.png"), WithoutImage.REFUSE))
        .hasMessageContaining("none of the 2 images exists");
    assertThatThrownBy(() -> open(text.replace("z.png", ""), WithoutImage.REFUSE))
        .hasMessageContaining("1 row with an empty path among several images (line 1)");
  }

  @Test
  void settingsOfCaptionsAndConversationsDoNotMix() {
    assertThatThrownBy(() -> settings(Path.of("x"), Says.CAPTION, "gpt", WithoutImage.KEEP))
        .hasMessageContaining("without-image: keep is for says: conversation");
    assertThatThrownBy(() -> settings(Path.of("x"), Says.CONVERSATION, "h", WithoutImage.KEEP))
        .hasMessageContaining("speaker and turn choose a caption; remove them");
  }

  private static void assertRefuses(Source source, long index, String reason) {
    QuestionRowsTest.assertRefuses(source, index, reason);
  }

  private Source open(String text, WithoutImage without) throws IOException {
    Path file = Files.writeString(folder.resolve("records.json"), text);
    return Sources.open(settings(file, Says.CONVERSATION, "gpt", without), new ImageDecoder());
  }

  private static LlavaJsonSettings settings(
      Path file, Says says, String speaker, WithoutImage without) {
    return new LlavaJsonSettings(
        file,
        Optional.empty(),
        says,
        speaker,
        1,
        without,
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static List<Turn> turns(Source source, long index) {
    assertThat(source.get(index).content()).isInstanceOf(Conversation.class);
    return ((Conversation) source.get(index).content()).turns();
  }
}
