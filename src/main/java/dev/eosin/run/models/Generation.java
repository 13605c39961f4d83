package dev.eosin.run.models;

import dev.eosin.config.DataException;
import dev.eosin.data.questions.QuestionRows;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.asking.Asking;
import dev.eosin.eval.asking.AskingPlan;
import dev.eosin.eval.asking.AskingSettings;
import dev.eosin.eval.asking.QuestionSet;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.language.generation.GenerationDefaults;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.rows.DialogueFormat;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Text of a stored model, of language alone or one that sees: one answer, or those of a table.
/// Everything is checked before the engine starts. Close it.
public final class Generation implements AutoCloseable {
  private static final int TOKENS = 256;
  private static final String ANSWERS = " {text}";

  private final StoredAnswerer model;
  private final ComputeSettings compute;
  private final SearchChoice choice;

  private Generation(StoredAnswerer model, ComputeSettings compute, SearchChoice choice) {
    this.model = model;
    this.compute = compute;
    this.choice = choice;
  }

  /// What is asked for.
  ///
  /// @param model a run that trained one that answers, or a folder of Hugging Face's
  /// @param adapter a folder of peft's, or a run's
  /// @param asks around what is asked, instead of what the model was trained with
  /// @param answers around what is answered
  /// @param raw whether prompts are put together already
  /// @param base what becomes of the weights; without it as a run's recipe says, of others used in
  ///   place
  /// @param search instead of what the folder says; where neither says how many tokens, as many as
  ///   there is room for, up to 256
  public record Wanted(
      Path model,
      Optional<Path> adapter,
      Optional<String> asks,
      Optional<String> answers,
      boolean raw,
      Optional<BaseChoice> base,
      SearchChoice search) {
    /// What is asked in conversations as the model was trained with.
    public Wanted(
        Path model, Optional<Path> adapter, Optional<BaseChoice> base, SearchChoice search) {
      this(model, adapter, Optional.empty(), Optional.empty(), false, base, search);
    }

    /// Refuses what is wrong by itself, before anything is opened.
    ///
    /// @throws IllegalArgumentException beginning with what is wrong
    public void check() {
      search.check();
      stored();
    }

    StoredLanguage.Wanted stored() {
      Optional<DialogueFormat> dialogue =
          asks.map(format -> new DialogueFormat(format, answers.orElse(ANSWERS)));
      return new StoredLanguage.Wanted(model, adapter, dialogue, raw, base.map(BaseChoice::base));
    }
  }

  /// Opens what is named.
  ///
  /// @throws DataException as [StoredAnswerers#open]
  public static Generation open(Wanted wanted, ComputeSettings compute) throws IOException {
    return new Generation(StoredAnswerers.open(wanted.stored()), compute, wanted.search());
  }

  /// What a user should know, one line each.
  public List<String> notes() {
    return model.notes();
  }

  /// Refuses pictures where the model sees none, and those that are not there.
  ///
  /// @throws DataException naming the model or the file
  public void requireSight(List<Path> images) throws IOException {
    if (model.seesImages()) {
      for (Path image : images) {
        ImageDecoder.bytes(image);
      }
    } else if (!images.isEmpty()) {
      throw new DataException(
          "%s: is a model of text alone and cannot see %s; leave --image out, or name a model that sees"
              .formatted(model.path(), images.getFirst()));
    }
  }

  /// What a user should know of a prompt without a picture, one line where the model would look at
  /// one.
  ///
  /// @param images that are shown
  public List<String> unseen(List<Path> images) {
    return model.seesImages() && images.isEmpty()
        ? List.of(
            model.path() + ": sees images, and none is shown; it answers from the words alone")
        : List.of();
  }

  /// Answers one prompt.
  ///
  /// @param images that it speaks of, in order
  /// @param pieces told parts of the text as they are made
  /// @throws DataException when the prompt leaves no room for an answer, or an image cannot be read
  public void answer(String prompt, List<Path> images, Consumer<String> pieces) throws IOException {
    var decoder = new ImageDecoder();
    List<RgbImage> shown = new ArrayList<>();
    for (Path image : images) {
      shown.add(decoder.decode(ImageDecoder.bytes(image), image.toString()).toRgb());
    }
    GenerationSettings settings = settings(model.length(prompt));
    model.requireRoom("the prompt", prompt, settings.maxNewTokens());
    try (StoredAnswerer.Loaded loaded = model.load(compute.start(), settings)) {
      var question = new Question("the prompt", shown, prompt, List.of(), settings.maxNewTokens());
      loaded.answerer().answer(question, pieces);
    }
  }

  /// Answers every row of a table into a file of answers; what is there already is not asked again.
  ///
  /// @param rows as [QuestionRows] reads them
  /// @param out the file of answers
  /// @param batch questions that are asked at once
  /// @return the answers; empty when it was asked to stop, and the same call goes on
  /// @throws IOException when a row cannot be asked, or the file holds other answers
  public Optional<List<AnswerRow>> answer(
      Path rows, Path out, int batch, Asking.Listener listener, BooleanSupplier stop)
      throws IOException {
    Optional<ImageDecoder> seen =
        model.seesImages() ? Optional.of(new ImageDecoder()) : Optional.empty();
    QuestionRows table = QuestionRows.open(rows, seen);
    table.notes().forEach(listener.note());
    QuestionSet questions = QuestionSet.unanswered(rows.toString(), table);
    AskingPlan first = plan(questions, 1, batch);
    int longest = first.texts().stream().mapToInt(model::length).max().orElse(0);
    GenerationSettings settings = settings(longest);
    AskingPlan plan = plan(questions, settings.maxNewTokens(), batch);
    plan.requireRoom(model::requireRoom);
    var pins = model.pins(settings);
    try (StoredAnswerer.Loaded loaded = model.load(compute.start(), settings)) {
      return new Asking(plan, loaded.answerer(), listener, stop).inFile(out, pins);
    }
  }

  private static AskingPlan plan(QuestionSet questions, int tokens, int batch) {
    var settings =
        new AskingSettings("{}", List.of(), 1, AskingSettings.Choices.LETTERS, tokens, batch);
    return new AskingPlan(
        questions, settings, new RandomKey(0), Optional.empty(), id -> Optional.empty());
  }

  /// What nobody chose is limited to the room that the longest prompt leaves.
  private GenerationSettings settings(int longest) {
    GenerationDefaults defaults = model.defaults();
    int most = choice.tokens().orElse(defaults.maxNewTokens(longest).orElse(TOKENS));
    if (choice.tokens().isEmpty() && model.context().isPresent()) {
      most = Math.min(most, model.context().getAsInt() - longest);
    }
    return choice.applied(defaults.settings(Math.max(1, most)));
  }

  @Override
  public void close() {
    model.close();
  }
}
