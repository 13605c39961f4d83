package dev.eosin.caption;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer;
import dev.eosin.fetch.Patience;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowSteps;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Asks a language model behind an OpenAI-compatible service. Thread safe.
///
/// A preparation asks through its steps, so that every answer is durable, with its request, before
/// anything is made of it:
///
/// ```
/// JsonNode answer = client.ask(steps, "describe", question);
/// String text = LlmClient.text(answer);
/// ```
public final class LlmClient implements Answerer, AutoCloseable {
  private final LlmSettings settings;
  private final ChatService service;
  private final Optional<AnswerCache> cache;

  /// With the settings' patience.
  public LlmClient(LlmSettings settings, LlmEndpoint endpoint) {
    this(settings, endpoint, settings.patience(), InstantSource.system());
  }

  /// @param clock tells how far a `Retry-After` that is a date is away
  LlmClient(LlmSettings settings, LlmEndpoint endpoint, Patience patience, InstantSource clock) {
    this.settings = settings;
    this.cache = settings.cache().map(AnswerCache::new);
    this.service = new ChatService(endpoint, settings.parallel(), patience, clock);
  }

  /// The whole text at once.
  ///
  /// @throws NoAnswerException when this question has none, naming it and the reason
  /// @throws DataException when no question has one, saying what to mend
  @Override
  public Answer answer(Question question, Consumer<String> pieces) throws IOException {
    try {
      ChatRequest request = ChatRequest.of(settings, question);
      String said = service.ask(question.id(), request.sent()).reply().text();
      String text = question.options().isEmpty() ? said : option(question, said);
      pieces.accept(text);
      return new Answer(text, List.of());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException)
          new InterruptedIOException("question %s: interrupted".formatted(question.id()))
              .initCause(e);
    }
  }

  /// Asks as a step of a preparation: an answer that an earlier run recorded is given again, and
  /// nothing is sent.
  ///
  /// @param step its name, each once a row
  /// @return the service's whole answer, for [#text]
  /// @throws RowFailedException when this row has no answer
  /// @throws DataException when no row has one, saying what to mend
  public JsonNode ask(RowSteps steps, String step, Question question)
      throws RowFailedException, IOException, InterruptedException {
    return ask(steps, step, question, service -> service);
  }

  /// @param outside stands before the service, to watch it
  JsonNode ask(
      RowSteps steps, String step, Question question, UnaryOperator<RowSteps.Service> outside)
      throws RowFailedException, IOException, InterruptedException {
    ChatRequest request = ChatRequest.of(settings, question);
    return steps.ask(
        step, request.recorded(), request.most(), outside.apply(recorded -> served(request)));
  }

  private RowSteps.Answer served(ChatRequest request)
      throws RowFailedException, IOException, InterruptedException {
    try {
      Optional<JsonNode> before =
          cache.isPresent() ? cache.get().answer(request.recorded()) : Optional.empty();
      if (before.isPresent()) {
        return new RowSteps.Answer(before.get(), Cost.ofCall(0, 0));
      }
      ChatService.Served served = service.ask(request.question().id(), request.sent());
      if (cache.isPresent()) {
        cache.get().keep(request.recorded(), served.reply().body());
      }
      return new RowSteps.Answer(served.reply().body(), cost(request, served));
    } catch (NoAnswerException e) {
      throw new RowFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  /// What the service counted; where it counts nothing, and for each attempt before it that it may
  /// have charged for, the most that it can be.
  private static Cost cost(ChatRequest request, ChatService.Served served) {
    Cost most = request.most();
    ChatReply.Answered reply = served.reply();
    long sent = reply.tokensSent(-1);
    long received = reply.tokensReceived(-1);
    Cost answer = sent < 0 || received < 0 ? most : request.cost(sent, received);
    return new Cost(
        1,
        answer.tokens() + served.charged() * most.tokens(),
        answer.money() + served.charged() * most.money());
  }

  /// What the model said in an answer that [#ask] gave; empty where it said nothing.
  public static String text(JsonNode answer) {
    return new ChatReply.Answered(answer).text();
  }

  /// Why the model stopped, as the service says: `stop`, `length`, `content_filter`, ...
  public static String finish(JsonNode answer) {
    return answer.path("choices").path(0).path("finish_reason").asText();
  }

  /// The option that a model chose by its letter or its words.
  private static String option(Question question, String said) throws NoAnswerException {
    List<String> options = question.options();
    String plain = plain(said);
    Optional<String> worded =
        options.stream().filter(option -> plain(option).equals(plain)).findFirst();
    return worded
        .or(
            () ->
                IntStream.range(0, options.size())
                    .filter(i -> isLetter(said, i))
                    .mapToObj(options::get)
                    .findFirst())
        .orElseThrow(
            () ->
                new NoAnswerException(
                    "question %s: answered %s, expected a letter from A to %s or one of %s"
                        .formatted(
                            question.id(),
                            Quote.of(said),
                            ChatRequest.letter(options.size() - 1),
                            Quote.some(options, options.size()))));
  }

  /// `B`, `B.`, `(B)`, `B: yes`.
  private static boolean isLetter(String said, int option) {
    return said.strip().matches("(?s)[(*]*" + ChatRequest.letter(option) + "([).:*].*)?");
  }

  private static String plain(String text) {
    return text.strip().toLowerCase(Locale.ROOT).replaceFirst("[.]$", "");
  }

  /// Drops open connections.
  @Override
  public void close() {
    service.close();
  }
}
