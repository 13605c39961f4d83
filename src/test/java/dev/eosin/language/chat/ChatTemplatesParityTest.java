package dev.eosin.language.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.language.chat.BuiltInTemplate.Style;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Texts, ids, supervised parts and prompts against transformers' `apply_chat_template`.
@Tag("parity")
class ChatTemplatesParityTest {
  static final Set<String> IMAGE = Set.of("<image>");
  private static final Map<String, Style> STYLES =
      Map.of("v1", Style.V1, "plain", Style.PLAIN, "llama-3", Style.LLAMA_3, "qwen2", Style.CHATML);

  private final ParityCase parity = ParityCase.open("chat-templates");

  /// One template of the case with its tokenizer.
  record Case(JsonNode expected, String name, LanguageTokenizer tokenizer, ChatEncoder encoder)
      implements AutoCloseable {
    static Case open(ParityCase parity, String name) throws IOException {
      JsonNode expected = new ObjectMapper().readTree(parity.file("expected.json").toFile());
      JsonNode said = expected.path("templates").path(name);
      var tokenizer = LanguageTokenizer.open(parity.file(said.path("tokenizer").asText()));
      OptionalInt begin =
          said.path("bos").isNull()
              ? OptionalInt.empty()
              : OptionalInt.of(tokenizer.id(said.path("bos").asText()).orElseThrow());
      var template =
          new BuiltInTemplate(Objects.requireNonNull(STYLES.get(name)), said.path("end").asText());
      assertThat(template.begins()).isEqualTo(begin.isPresent());
      var encoder = ChatEncoder.of(tokenizer, template, begin, IMAGE);
      return new Case(expected, name, tokenizer, encoder);
    }

    /// The rows that have this template.
    List<JsonNode> rows() {
      List<JsonNode> rows = new ArrayList<>();
      expected.path("rows").forEach(row -> rows.add(row));
      rows.removeIf(row -> !row.has(name));
      assertThat(rows).isNotEmpty();
      return rows;
    }

    /// Whether a special token is spelled out in a message.
    boolean spellsSpecial(List<Message> messages) throws IOException {
      for (Message message : messages) {
        if (!tokenizer.guard(message.content(), IMAGE).equals(message.content())) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void close() {
      tokenizer.close();
    }
  }

  static List<Message> messages(JsonNode row) {
    List<Message> messages = new ArrayList<>();
    for (JsonNode one : row.path("messages")) {
      var role = Message.Role.valueOf(one.path("role").asText().toUpperCase(Locale.ROOT));
      messages.add(new Message(role, one.path("content").asText()));
    }
    return messages;
  }

  private static int[] ints(JsonNode listed) {
    return listed.valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  private static List<List<Integer>> pairs(JsonNode listed) {
    return listed
        .valueStream()
        .map(pair -> List.of(pair.get(0).asInt(), pair.get(1).asInt()))
        .toList();
  }

  /// Code points, as recorded.
  static List<List<Integer>> counted(Rendering rendering) {
    String text = rendering.text();
    return rendering.supervised().stream()
        .map(
            span -> List.of(text.codePointCount(0, span.from()), text.codePointCount(0, span.to())))
        .toList();
  }

  private static List<List<Integer>> runs(boolean[] supervised) {
    List<List<Integer>> runs = new ArrayList<>();
    int from = -1;
    for (int i = 0; i <= supervised.length; i++) {
      boolean in = i < supervised.length && supervised[i];
      if (in && from < 0) {
        from = i;
      } else if (!in && from >= 0) {
        runs.add(List.of(from, i));
        from = -1;
      }
    }
    return runs;
  }

  /// Recorded with special tokens in messages that act, as transformers lets them.
  @ParameterizedTest
  @ValueSource(strings = {"v1", "plain", "llama-3", "qwen2"})
  void textsSpansAndIdsAreTheRecordedOnes(String name) throws IOException {
    try (Case opened = Case.open(parity, name)) {
      ChatEncoder encoder = opened.encoder();
      int acting = 0;
      for (JsonNode row : opened.rows()) {
        String id = row.path("id").asText();
        JsonNode expected = row.path(name);
        List<Message> messages = messages(row);
        Rendering rendering = encoder.template().conversation(messages);
        assertThat(rendering.text()).as(id).isEqualTo(expected.path("text").asText());
        assertThat(counted(rendering)).as(id).isEqualTo(pairs(expected.path("spans")));
        var all = opened.tokenizer().encodeWithParts(rendering.text(), false);
        assertRow(id, encoder.supervised(rendering, all), expected);
        if (opened.spellsSpecial(messages)) {
          acting++;
        } else {
          assertRow(id, encoder.conversation(messages), expected);
        }
      }
      assertThat(acting).isLessThan(opened.rows().size() / 4);
    }
  }

  private static void assertRow(String id, ChatRow row, JsonNode expected) {
    assertThat(row.ids()).as(id).isEqualTo(ints(expected.path("ids")));
    assertThat(runs(row.supervised())).as(id).isEqualTo(pairs(expected.path("supervised")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "llama-3", "qwen2"})
  void promptsAreTheRecordedOnes(String name) throws IOException {
    try (Case opened = Case.open(parity, name)) {
      for (JsonNode row : opened.rows()) {
        String id = row.path("id").asText();
        List<Message> messages = messages(row);
        List<Message> asked = messages.subList(0, messages.size() - 1);
        JsonNode expected = row.path(name);
        String text = expected.path("prompt_text").asText();
        assertThat(opened.encoder().promptText(asked)).as(id).isEqualTo(text);
        if (!opened.spellsSpecial(asked)) {
          int[] ids = ints(expected.path("prompt_ids"));
          assertThat(opened.encoder().prompt(asked)).as(id).isEqualTo(ids);
        }
      }
    }
  }

  /// What someone spells out never acts: such a row holds the special ids of the same row with
  /// harmless words, and reads the same.
  @ParameterizedTest
  @ValueSource(strings = {"v1", "llama-3", "qwen2"})
  void specialTokensInMessagesStayText(String name) throws IOException {
    try (Case opened = Case.open(parity, name)) {
      ChatEncoder encoder = opened.encoder();
      LanguageTokenizer tokenizer = opened.tokenizer();
      int spelled = 0;
      for (JsonNode row : opened.rows()) {
        List<Message> messages = messages(row);
        if (!opened.spellsSpecial(messages)) {
          continue;
        }
        spelled++;
        ChatRow found = encoder.conversation(messages);
        List<Message> harmless =
            messages.stream().map(message -> new Message(message.role(), "words")).toList();
        ChatRow other = encoder.conversation(harmless);
        assertThat(specials(tokenizer, found.ids())).isEqualTo(specials(tokenizer, other.ids()));
        assertThat(tokenizer.decode(found.ids(), false))
            .endsWith(found.text())
            .isNotEqualTo(tokenizer.decode(found.ids(), true));
        assertThat(runs(found.supervised())).hasSameSizeAs(runs(other.supervised()));
        assertThat(found.text()).isEqualTo(row.path(name).path("text").asText());
      }
      assertThat(spelled).isPositive();
    }
  }

  /// A base model's tokenizer lacks the mark of an image: added, it acts as if it were there.
  @Test
  void aTokenThatTheFilesLackIsAddedBehindAllOthers() throws IOException {
    Path folder = parity.beside("tokenizer-llama3").folder();
    try (LanguageTokenizer without = LanguageTokenizer.open(folder);
        LanguageTokenizer with = LanguageTokenizer.open(folder, List.of("<slide>"))) {
      assertThat(without.id("<slide>")).isEmpty();
      int id = with.id("<slide>").orElseThrow();
      assertThat(id).isEqualTo(without.largestId() + 1);
      int[] before = without.encode("Look at ", false);
      int[] after = without.encode(" now", false);
      int[] expected =
          Stream.of(before, new int[] {id}, after).flatMapToInt(Arrays::stream).toArray();
      assertThat(with.encode("Look at <slide> now", false)).isEqualTo(expected);
      assertThat(with.encodeText("Look at <slide> now"))
          .isEqualTo(without.encodeText("Look at <slide> now"));
    }
  }

  private static List<Integer> specials(LanguageTokenizer tokenizer, int[] ids) {
    return Arrays.stream(ids)
        .filter(id -> tokenizer.decode(new int[] {id}, true).isEmpty())
        .filter(id -> !tokenizer.decode(new int[] {id}, false).isEmpty())
        .boxed()
        .toList();
  }
}
