package dev.eosin.caption;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Pixels;
import dev.eosin.config.Range;
import dev.eosin.config.Seconds;
import dev.eosin.fetch.Patience;
import dev.eosin.prepare.PreparationSettings.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a service is asked for, and how patiently.
@Doc(
    "A language model behind an OpenAI-compatible service. Its address and key come from the"
        + " environment: EOSIN_LLM_BASE_URL and EOSIN_LLM_API_KEY, or OPENAI_BASE_URL and"
        + " OPENAI_API_KEY.")
public record LlmSettings(
    @Doc("The model's name at the service.") String model,
    @Doc("What the model is told before every question.") Optional<String> system,
    @Doc("Questions with their answers that it is shown before every question.") @OrElse("[]")
        List<Example> examples,
    @Doc("How freely words are drawn; 0 takes the likeliest.") @OrElse("0") @Range(min = 0, max = 2)
        double temperature,
    @Doc("Words are drawn among the likeliest of this probability together.")
        @OrElse("1")
        @Range(min = 0, max = 1)
        double topP,
    @Doc("The seed that the service draws with, where it knows such a thing.") Optional<Long> seed,
    @Doc("Tokens of an answer at most; a question may ask for fewer.")
        @OrElse("512")
        @Range(min = 1)
        int maxTokens,
    @Doc("The field that carries max-tokens; newer models of OpenAI want max-completion-tokens.")
        @OrElse("max-tokens")
        LimitField limitField,
    @Doc("How pictures are sent.") @OrElse("{}") Picture picture,
    @Doc("Requests that are open at once.") @OrElse("6") @Range(min = 1, max = 1_000) int parallel,
    @Doc("How often a request is sent before its row has no answer.")
        @OrElse("6")
        @Range(min = 1, max = 100)
        int attempts,
    @Doc("How long one answer may take.") @OrElse("120 s") Seconds timeout,
    @Doc("What the service charges; without it money is not counted.") Optional<Prices> prices,
    @Doc(
            "A folder of answers that other preparations share: what was asked of this model before,"
                + " to the letter and the pixel, is not asked again, and counts as a call of no"
                + " tokens.")
        Optional<Path> cache) {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);

  public LlmSettings {
    examples = List.copyOf(examples);
  }

  /// A question with the answer that is wanted.
  @Doc("A question with the answer that is wanted.")
  public record Example(
      @Doc("What is asked.") String question, @Doc("The answer to it.") String answer) {}

  /// The field that carries the limit of an answer.
  public enum LimitField {
    MAX_TOKENS("max_tokens"),
    MAX_COMPLETION_TOKENS("max_completion_tokens");

    private final String field;

    LimitField(String field) {
      this.field = field;
    }

    String field() {
      return field;
    }
  }

  /// How pictures are sent: as JPEG, whatever their files are.
  @Doc("How pictures are sent: as JPEG of this size and quality, whatever their files are.")
  public record Picture(
      @Doc("The longer side at most; smaller pictures are not enlarged.") @OrElse("256 px")
          Pixels side,
      @Doc("JPEG's quality.") @OrElse("30") @Range(min = 1, max = 100) int quality) {}

  /// A price list.
  @Doc("Prices for a million tokens, in one currency.")
  public record Prices(
      @Doc("Of what is sent.") @Range(min = 0) double sent,
      @Doc("Of what is received.") @Range(min = 0) double received) {
    private static final double MILLION = 1e6;

    double of(long tokensSent, long tokensReceived) {
      return (tokensSent * sent + tokensReceived * received) / MILLION;
    }
  }

  /// What answers depend on, by key, for the pins of a preparation. Limits, patience and prices are
  /// none of it.
  public Map<String, String> pins() {
    Map<String, String> pins = new TreeMap<>();
    pins.put("llm.model", model);
    pins.put("llm.temperature", String.valueOf(temperature));
    pins.put("llm.top-p", String.valueOf(topP));
    pins.put("llm.max-tokens", String.valueOf(maxTokens));
    pins.put("llm.picture", "%s, quality %d".formatted(picture.side(), picture.quality()));
    system.ifPresent(text -> pins.put("llm.system", text));
    seed.ifPresent(number -> pins.put("llm.seed", number.toString()));
    if (!examples.isEmpty()) {
      pins.put("llm.examples", examples.toString());
    }
    return pins;
  }

  /// These settings with what the model is told and shown before every question.
  public LlmSettings told(String told, List<Example> shown) {
    return new LlmSettings(
        model,
        Optional.of(told),
        shown,
        temperature,
        topP,
        seed,
        maxTokens,
        limitField,
        picture,
        parallel,
        attempts,
        timeout,
        prices,
        cache);
  }

  /// @throws IllegalArgumentException for a limit of money where nothing says what is charged
  public void checkBudget(Limits budget) {
    if (budget.money().isPresent() && prices.isEmpty()) {
      throw new IllegalArgumentException(
          "budget.money: %s cannot be kept without prices; give llm.prices, or limit tokens"
              .formatted(budget.money().get()));
    }
  }

  Patience patience() {
    Duration silence = Duration.ofMillis(Math.max(1, Math.round(1000 * timeout.value())));
    Duration total = silence.plus(LONGEST_PAUSE).multipliedBy(attempts);
    return new Patience(attempts, FIRST_PAUSE, LONGEST_PAUSE, silence, total);
  }
}
