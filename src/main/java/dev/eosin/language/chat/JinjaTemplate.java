package dev.eosin.language.chat;

import dev.eosin.config.DataException;
import dev.eosin.language.chat.Message.Role;
import dev.eosin.language.chat.Rendering.Span;
import dev.eosin.language.chat.TurnLiterals.Part;
import dev.eosin.text.LanguageTokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/// A model's own `chat_template`, written in Jinja for transformers.
///
/// What is supervised is found turn by turn: between what the template makes of all that precedes
/// an answer, with its prompt for one, and what it makes of that with the answer. A template whose
/// text of some turns is not the beginning of its text of more of them is refused, since a model
/// would be trained on other prompts than it is asked with.
public final class JinjaTemplate implements ChatTemplate {
  private static final List<Message> PROBE = List.of(new Message(Role.USER, "a"));

  private static final String IMAGE = "<image>";

  /// What a template looks at to tell text from images.
  private static final Pattern PARTS = Pattern.compile("['\"]type['\"]");

  private final String name;
  private final String source;
  private final JinjaEngine engine;
  private final Map<String, String> tokens;
  private final Set<String> special;
  private final Optional<String> begin;
  private final boolean takesApart;
  private final Map<List<Role>, Optional<TurnLiterals>> forms = new ConcurrentHashMap<>();

  /// @param name for messages
  /// @param source in Jinja
  /// @param tokens the spellings of `bos_token`, `eos_token` and others that the template may write
  /// @param special every special token's spelling
  /// @throws DataException when the template uses what the library does not have or does otherwise
  public JinjaTemplate(String name, String source, Map<String, String> tokens, Set<String> special)
      throws DataException {
    this.name = name;
    this.source = source;
    this.tokens = Map.copyOf(tokens);
    this.special = Set.copyOf(special);
    takesApart = PARTS.matcher(source).find();
    engine = new JinjaEngine(name, source);
    String probe = rendered(PROBE, true);
    begin = Optional.ofNullable(tokens.get("bos_token")).filter(probe::startsWith);
  }

  /// @throws DataException when the tokenizer's files have no template, or one that cannot be used
  public static JinjaTemplate of(LanguageTokenizer tokenizer) throws DataException {
    String source =
        tokenizer
            .chatTemplate()
            .orElseThrow(
                () ->
                    new DataException(
                        tokenizer.file()
                            + ": its files have no chat_template; name a built-in one: v1, plain, llama-3 or chatml"));
    var special = tokenizer.specialTokens();
    Map<String, String> tokens = new HashMap<>();
    special.bos().ifPresent(id -> tokens.put("bos_token", tokenizer.token(id).orElseThrow()));
    special.eos().ifPresent(id -> tokens.put("eos_token", tokenizer.token(id).orElseThrow()));
    special.pad().ifPresent(id -> tokens.put("pad_token", tokenizer.token(id).orElseThrow()));
    special.unk().ifPresent(id -> tokens.put("unk_token", tokenizer.token(id).orElseThrow()));
    return new JinjaTemplate(
        tokenizer.file().toString(), source, tokens, tokenizer.specialSpellings());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean begins() {
    return begin.isPresent();
  }

  @Override
  public List<String> written() {
    return List.of();
  }

  @Override
  public String jinja() {
    return source;
  }

  @Override
  public Rendering conversation(List<Message> messages) throws DataException {
    Turns.require(messages, false);
    String all = text(messages, false);
    Optional<List<Part>> found = known(messages, all);
    List<Part> parts = found.isPresent() ? found.get() : parts(messages, all);
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).answers()) {
        spans.add(said(all, parts.get(i).from(), parts.get(i).to(), messages.get(i).content()));
      }
    }
    return new Rendering(all, spans);
  }

  /// The answers' parts by the literals of a form of which every beginning was rendered, where text
  /// and last prompt are the messages between them; empty where they are not.
  private Optional<List<Part>> known(List<Message> messages, String all) throws DataException {
    Optional<TurnLiterals> form = form(messages);
    Optional<List<Part>> parts = form.flatMap(literals -> literals.parts(messages, all));
    if (parts.isPresent()) {
      int last = messages.size() - 1;
      String prompt = text(messages.subList(0, last), true);
      if (messages.get(last).answers()
          && all.startsWith(prompt)
          && prompt.length() == parts.get().get(last).from()) {
        return parts;
      }
    }
    return Optional.empty();
  }

  private Optional<TurnLiterals> form(List<Message> messages) throws DataException {
    List<Role> roles = messages.stream().map(Message::role).toList();
    Optional<TurnLiterals> known = forms.get(roles);
    if (known == null) {
      List<Message> standIns = TurnLiterals.standIns(messages);
      String text = text(standIns, false);
      known = TurnLiterals.of(standIns, text, parts(standIns, text));
      forms.put(roles, known);
    }
    return known;
  }

  /// The answers' parts of a text, each by rendering what comes before it and what ends with it.
  private List<Part> parts(List<Message> messages, String all) throws DataException {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      if (!messages.get(i).answers()) {
        parts.add(new Part(0, 0));
        continue;
      }
      String before = text(messages.subList(0, i), true);
      String after = text(messages.subList(0, i + 1), false);
      if (!after.startsWith(before) || !all.startsWith(after)) {
        throw new DataException(
            "%s: the chat template writes the first %d messages otherwise where more follow, so that what is learned would not be what is asked; name a built-in template (v1, plain, llama-3, chatml)"
                .formatted(name, after.startsWith(before) ? i + 1 : i));
      }
      parts.add(new Part(before.length(), after.length()));
    }
    return parts;
  }

  @Override
  public String text(List<Message> messages) throws DataException {
    Turns.require(messages, false);
    return text(messages, false);
  }

  /// Without blanks that the template puts before an answer, and without those that follow a
  /// special token at its end.
  private Span said(String text, int from, int to, String content) {
    String part = text.substring(from, to);
    String stripped = PythonText.strip(content);
    int start = stripped.isEmpty() ? -1 : part.indexOf(content);
    if (start < 0 && !stripped.isEmpty()) {
      start = part.indexOf(stripped);
    }
    if (start < 0 || !part.substring(0, start).isBlank()) {
      start = stripped.isEmpty() ? part.length() - part.stripLeading().length() : 0;
    }
    String end = part.stripTrailing();
    boolean ended = special.stream().anyMatch(end::endsWith);
    return new Span(from + start, ended ? from + end.length() : to);
  }

  @Override
  public String prompt(List<Message> messages) throws DataException {
    Turns.require(messages, true);
    return text(messages, true);
  }

  /// Without begin of text.
  private String text(List<Message> messages, boolean prompt) throws DataException {
    String text = rendered(messages, prompt);
    if (begin.isEmpty()) {
      return text;
    }
    String token = begin.get();
    if (!text.startsWith(token) || text.startsWith(token, token.length())) {
      throw new DataException(
          "%s: the chat template writes %s at the beginning of some conversations %s"
              .formatted(name, token, text.startsWith(token) ? "twice" : "and not of others"));
    }
    return text.substring(token.length());
  }

  private String rendered(List<Message> messages, boolean prompt) throws DataException {
    List<Map<String, Object>> listed =
        messages.stream()
            .map(message -> Map.of("role", message.role().word(), "content", content(message)))
            .toList();
    Map<String, Object> values = new HashMap<>(tokens);
    values.put("messages", Collections.unmodifiableList(listed));
    values.put("add_generation_prompt", prompt);
    return engine.render(values);
  }

  /// Templates of models that see take a message apart; others take its text.
  private Object content(Message message) {
    if (!takesApart) {
      return message.content();
    }
    List<Map<String, String>> parts = new ArrayList<>();
    String[] texts = message.content().split(IMAGE, -1);
    for (int i = 0; i < texts.length; i++) {
      if (i > 0) {
        parts.add(Map.of("type", "image"));
      }
      String text = i > 0 && texts[i].startsWith("\n") ? texts[i].substring(1) : texts[i];
      if (!text.isEmpty()) {
        parts.add(Map.of("type", "text", "text", text));
      }
    }
    return Collections.unmodifiableList(parts);
  }
}
