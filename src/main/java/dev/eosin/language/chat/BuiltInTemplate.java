package dev.eosin.language.chat;

import dev.eosin.config.DataException;
import java.util.ArrayList;
import java.util.List;

/// The templates that are built in.
///
/// Sources: LLaVA's `conversation.py`; Llama 3's and Qwen2's `chat_template`. An empty answer is
/// supervised by its end alone, where LLaVA writes none.
///
/// @param style whose words it has
/// @param end what ends an answer where the style leaves it to the tokenizer, such as `</s>`
public record BuiltInTemplate(Style style, String end) implements ChatTemplate {
  private static final String IMAGE = "<image>";
  static final String V1_SYSTEM =
      "A chat between a curious user and an artificial intelligence assistant. The assistant gives"
          + " helpful, detailed, and polite answers to the user's questions.";
  static final String QWEN_SYSTEM = "You are a helpful assistant.";

  /// Whose words a template has.
  public enum Style {
    /// Vicuna's, of LLaVA 1.5.
    V1,
    /// An image and its caption, of LLaVA's first stage: the question is left out.
    PLAIN,
    /// Llama 3's.
    LLAMA_3,
    /// ChatML, with Qwen2's system message where there is none.
    CHATML
  }

  /// A conversation while it is put into words.
  private static final class Words {
    private final StringBuilder text = new StringBuilder();
    private final List<Rendering.Span> spans = new ArrayList<>();

    void add(String words) {
      text.append(words);
    }

    void supervise(String words) {
      int from = text.length();
      text.append(words);
      spans.add(new Rendering.Span(from, text.length()));
    }

    Rendering rendering() {
      return new Rendering(text.toString(), spans);
    }
  }

  @Override
  public String name() {
    return switch (style) {
      case V1 -> "v1";
      case PLAIN -> "plain";
      case LLAMA_3 -> "llama-3";
      case CHATML -> "chatml";
    };
  }

  @Override
  public boolean begins() {
    return style != Style.CHATML;
  }

  @Override
  public List<String> written() {
    return switch (style) {
      case V1 -> List.of(end);
      case PLAIN -> List.of();
      case LLAMA_3 -> List.of("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
      case CHATML -> List.of("<|im_start|>", "<|im_end|>");
    };
  }

  @Override
  public String jinja() {
    return BuiltInJinja.of(this);
  }

  @Override
  public Rendering conversation(List<Message> messages) throws DataException {
    Turns.require(messages, false);
    return words(messages).rendering();
  }

  @Override
  public String prompt(List<Message> messages) throws DataException {
    Turns.require(messages, true);
    String before = words(messages).text.toString();
    return switch (style) {
      case V1 -> before + "ASSISTANT:";
      case PLAIN -> before;
      case LLAMA_3 -> before + header(Message.Role.ASSISTANT);
      case CHATML -> before + "<|im_start|>assistant\n";
    };
  }

  private Words words(List<Message> messages) throws DataException {
    Words words = new Words();
    switch (style) {
      case V1 -> v1(messages, words);
      case PLAIN -> plain(messages, words);
      case LLAMA_3 -> llama3(messages, words);
      case CHATML -> chatml(messages, words);
    }
    return words;
  }

  private void v1(List<Message> messages, Words words) {
    boolean named = messages.getFirst().role() == Message.Role.SYSTEM;
    words.add((named ? messages.getFirst().content() : V1_SYSTEM) + " ");
    for (Message message : messages.subList(named ? 1 : 0, messages.size())) {
      if (message.answers()) {
        words.add("ASSISTANT: ");
        words.supervise(message.content() + end);
      } else {
        words.add("USER: " + message.content() + " ");
      }
    }
  }

  private void plain(List<Message> messages, Words words) throws DataException {
    long images = messages.stream().mapToLong(message -> count(message.content())).sum();
    boolean one = messages.getFirst().role() == Message.Role.USER && messages.size() <= 2;
    if (!one || images != 1) {
      throw new DataException(
          "the template plain is for one question with one %s and one answer, found %d messages with %d; take the template v1 or the model's own"
              .formatted(IMAGE, messages.size(), images));
    }
    words.add(IMAGE);
    if (messages.size() == 2) {
      words.supervise(messages.getLast().content() + "\n");
    }
  }

  private static int count(String text) {
    return text.split(IMAGE, -1).length - 1;
  }

  private static String header(Message.Role role) {
    return "<|start_header_id|>" + role.word() + "<|end_header_id|>\n\n";
  }

  private static void llama3(List<Message> messages, Words words) {
    for (Message message : messages) {
      words.add(header(message.role()));
      String content = PythonText.strip(message.content()) + "<|eot_id|>";
      if (message.answers()) {
        words.supervise(content);
      } else {
        words.add(content);
      }
    }
  }

  private static void chatml(List<Message> messages, Words words) {
    if (messages.getFirst().role() != Message.Role.SYSTEM) {
      words.add("<|im_start|>system\n" + QWEN_SYSTEM + "<|im_end|>\n");
    }
    for (Message message : messages) {
      words.add("<|im_start|>" + message.role().word() + "\n");
      if (message.answers()) {
        words.supervise(message.content() + "<|im_end|>");
        words.add("\n");
      } else {
        words.add(message.content() + "<|im_end|>\n");
      }
    }
  }
}
