package dev.eosin.language.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import dev.eosin.language.chat.Message.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models' own templates against jinja2 as transformers sets it up; see
/// `src/test/resources/chat/README.md`.
@Tag("parity")
class JinjaTemplateTest {
  private static final Path RECORDED = Path.of("src/test/resources/chat/model-templates.json");
  private static final List<Message> TALK =
      List.of(
          new Message(Role.USER, "Is it malignant?"),
          new Message(Role.ASSISTANT, "Yes."),
          new Message(Role.USER, "Why?"),
          new Message(Role.ASSISTANT, "Mitoses."));

  private final ParityCase parity = ParityCase.open("chat-templates");

  private static JinjaTemplate template(String source) throws DataException {
    Map<String, String> tokens = Map.of("bos_token", "<s>", "eos_token", "</s>");
    return new JinjaTemplate("test", source, tokens, Set.of("<s>", "</s>"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-3.1", "qwen2.5", "mistral", "vicuna"})
  void textsAreTheRecordedOnes(String name) throws IOException {
    JsonNode conversations = new ObjectMapper().readTree(parity.file("expected.json").toFile());
    JsonNode recorded = new ObjectMapper().readTree(RECORDED.toFile()).path("templates").path(name);
    Map<String, String> tokens = new HashMap<>();
    tokens.put("eos_token", recorded.path("eos").asText());
    String begin = recorded.path("bos").asText("");
    if (!recorded.path("bos").isNull()) {
      tokens.put("bos_token", begin);
    } else {
      begin = "";
    }
    String source = recorded.path("template").asText();
    var template = new JinjaTemplate(name, source, tokens, Set.copyOf(tokens.values()));
    assertThat(template.begins()).isEqualTo(!begin.isEmpty());
    int row = 0;
    for (JsonNode conversation : conversations.path("rows")) {
      JsonNode expected = recorded.path("rows").path(row++);
      assertThat(expected.path("id")).isEqualTo(conversation.path("id"));
      List<Message> messages = ChatTemplatesParityTest.messages(conversation);
      Rendering found = template.conversation(messages);
      String id = name + " " + conversation.path("id").asText();
      assertThat(begin + found.text()).as(id).isEqualTo(expected.path("text").asText());
      String prompt = template.prompt(messages.subList(0, messages.size() - 1));
      assertThat(begin + prompt).as(id).isEqualTo(expected.path("prompt").asText());
      assertSupervised(id, found, messages, Objects.requireNonNull(tokens.get("eos_token")));
    }
    assertThat(row).isEqualTo(recorded.path("rows").size()).isPositive();
  }

  private static void assertSupervised(
      String id, Rendering found, List<Message> messages, String end) {
    List<Message> answers = messages.stream().filter(Message::answers).toList();
    assertThat(found.supervised()).as(id).hasSameSizeAs(answers);
    for (int i = 0; i < answers.size(); i++) {
      Rendering.Span span = found.supervised().get(i);
      String said = found.text().substring(span.from(), span.to());
      assertThat(said).as(id).endsWith(end);
      assertThat(PythonText.strip(said.substring(0, said.length() - end.length())))
          .as(id)
          .isEqualTo(PythonText.strip(answers.get(i).content()));
    }
  }

  /// The recorded templates in Jinja give what the built-in ones do, turn by turn.
  @ParameterizedTest
  @CsvSource({"v1,V1", "llama-3,LLAMA_3", "qwen2,CHATML"})
  void theRecordedSourcesGiveTheRecordedTextsAndSpans(String name, BuiltInTemplate.Style style)
      throws IOException {
    try (var opened = ChatTemplatesParityTest.Case.open(parity, name)) {
      JsonNode said = opened.expected().path("templates").path(name);
      String end = said.path("end").asText();
      Map<String, String> tokens = Map.of("eos_token", end);
      var template = new JinjaTemplate(name, said.path("jinja").asText(), tokens, Set.of(end));
      var builtIn = new BuiltInTemplate(style, end);
      for (JsonNode row : opened.rows()) {
        List<Message> messages = ChatTemplatesParityTest.messages(row);
        Rendering found = template.conversation(messages);
        Rendering expected = builtIn.conversation(messages);
        assertThat(found.text()).isEqualTo(row.path(name).path("text").asText());
        assertThat(found).as(row.path("id").asText()).isEqualTo(expected);
      }
    }
  }

  @Test
  void beginOfTextIsNeverDoubled() throws DataException {
    assertThat(template("{{ bos_token }}{{ messages[0]['content'] }}").begins()).isTrue();
    assertThat(template("{{ messages[0]['content'] }}").begins()).isFalse();
    JinjaTemplate twice = template("{{ bos_token }}{{ bos_token }}{{ messages[0].content }}");
    assertThatThrownBy(() -> twice.prompt(TALK.subList(0, 1)))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "test: the chat template writes <s> at the beginning of some conversations twice");
  }

  @Test
  void aTemplateThatWritesEarlierTurnsOtherwiseIsRefused() throws DataException {
    JinjaTemplate last =
        template(
            "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}"
                + "{% if loop.last and not add_generation_prompt %}{{ eos_token }}{% endif %}{% endfor %}");
    assertThatThrownBy(() -> last.conversation(TALK))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("writes the first 2 messages otherwise where more follow")
        .hasMessageContaining("name a built-in template");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% if messages[0]['content'].startswith('a') %}x{% endif %}",
        "{{ messages[0]['content'].lstrip('a') }}",
        "{% for m in messages[::-1] %}{{ m['content'] }}{% endfor %}",
        "{{ messages[0]['content'].split('|')[0] }}",
        "{{ unheard_of(messages) }}",
        "{% unheard %}",
        "{% for m in messages %}{{ m['content'] }}",
      })
  void whatTheLibraryCannotRenderIsRefused(String source) {
    assertThatThrownBy(() -> template(source))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("test: the chat template ");
  }

  @Test
  void whatTheTemplateRefusesIsItsOwnWord() throws DataException {
    JinjaTemplate refusing =
        template(
            "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{{ messages[0]['content'] }}");
    List<Message> messages = List.of(new Message(Role.SYSTEM, "Be brief."), TALK.getFirst());
    assertThatThrownBy(() -> refusing.prompt(messages))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "test: the chat template cannot be rendered: line 1: it refuses the conversation: System role not supported");
  }

  @Test
  void conversationsOutOfTurnAreNamed() throws DataException {
    var v1 = new BuiltInTemplate(BuiltInTemplate.Style.V1, "</s>");
    assertThatThrownBy(() -> v1.conversation(TALK.subList(1, 2)))
        .hasMessageStartingWith("message 1 is the assistant's where the user's is due");
    assertThatThrownBy(() -> v1.conversation(TALK.subList(0, 3)))
        .hasMessageContaining("ends with a question; expected an answer");
    assertThatThrownBy(() -> v1.prompt(TALK)).hasMessageContaining("ends without one");
    assertThatThrownBy(() -> v1.conversation(List.of())).hasMessageContaining("of 0 messages");
  }
}
