package dev.eosin.eval.vqa;

import dev.eosin.config.DataException;
import dev.eosin.config.Steps;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.Source;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.asking.Asking;
import dev.eosin.eval.asking.AskingPlan;
import dev.eosin.eval.asking.FrequentAnswers;
import dev.eosin.eval.asking.PlannedAnswer;
import dev.eosin.eval.asking.QuestionSet;
import dev.eosin.eval.asking.ToldFacts;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.train.Cadence;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.Scheduled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/// The evaluation `vqa` on the questions of a data set: asks whatever answers, then scores.
public final class VqaEvaluation {
  private final VqaSettings settings;
  private final QuestionSet questions;
  private final AskingPlan plan;
  private final List<Scorer> scorers;
  private final RandomKey key;

  private VqaEvaluation(
      VqaSettings settings,
      QuestionSet questions,
      AskingPlan plan,
      List<Scorer> scorers,
      RandomKey key) {
    this.settings = settings;
    this.questions = questions;
    this.plan = plan;
    this.scorers = List.copyOf(scorers);
    this.key = key;
  }

  /// Plans what is asked; every picture is read once, for its digest.
  ///
  /// @param source samples that are questions, such as `data.validation`
  /// @param training whose answers are counted for the control `frequent`; samples that are no
  ///   questions do not count
  /// @param told makes what the control `told` says, such as [ToldFacts#ofOpenQuestions]
  /// @param key of the recipe's seed
  /// @throws DataException when a sample is no question, no scorer judges any of them, or what is
  ///   right cannot be judged by
  public static VqaEvaluation of(
      VqaSettings settings,
      Source source,
      Optional<Source> training,
      Function<QuestionSet, ToldFacts> told,
      RandomKey key)
      throws DataException {
    String place = "evaluate." + settings.name();
    QuestionSet questions = QuestionSet.of(place, source);
    List<Scorer> scorers = new Scorers(settings.labels()).named(settings.scorers());
    if (scorers.stream().noneMatch(scorer -> judgesAny(scorer, questions))) {
      throw new DataException(
          "%s: no scorer of %s judges any of its questions; name one for their type"
              .formatted(place, settings.scorers()));
    }
    var plan =
        new AskingPlan(
            questions,
            settings.asking(),
            key,
            training.map(FrequentAnswers::of),
            told.apply(questions));
    VqaScores.requireGold(place, plan.answers().stream().map(PlannedAnswer::row).toList(), scorers);
    return new VqaEvaluation(settings, questions, plan, scorers, key);
  }

  private static boolean judgesAny(Scorer scorer, QuestionSet questions) {
    return Arrays.stream(Kind.values())
        .anyMatch(type -> scorer.judges(type) && questions.has(type));
  }

  /// What a user should know of questions and controls, one line each.
  public List<String> notes() {
    return plan.notes().stream().map(note -> settings.name() + ": " + note).toList();
  }

  /// What it asks, in a line.
  public String summary() {
    return "%s: %d questions, %d answers with the controls; scored by %s"
        .formatted(
            settings.name(), questions.size(), plan.size(), String.join(", ", settings.scorers()));
  }

  /// Asks and scores, with the answers in memory.
  ///
  /// @param stop asked before each batch
  /// @return empty when it was asked to stop
  /// @throws IOException when a question has no answer
  public Optional<VqaScores> scores(
      Answerer answerer, Asking.Listener listener, BooleanSupplier stop) throws IOException {
    return scores(answerer, listener, stop, Group.ALONE);
  }

  /// As above, on one of several ranks, which share what is asked and have the same scores.
  public Optional<VqaScores> scores(
      Answerer answerer, Asking.Listener listener, BooleanSupplier stop, Group group)
      throws IOException {
    return scored(new Asking(plan, answerer, listener, stop, group).inMemory());
  }

  /// Asks and scores, with the answers in a file, which a run that was killed goes on with.
  ///
  /// @param pins what answers depend on besides the questions, such as the digest of the model
  /// @param stop asked before each batch
  /// @return empty when it was asked to stop; the same call goes on
  /// @throws IOException when a question has no answer, or the file holds others
  public Optional<VqaScores> scores(
      Answerer answerer,
      Path answers,
      SortedMap<String, String> pins,
      Asking.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    return scores(answerer, answers, pins, listener, stop, Group.ALONE);
  }

  /// As above, on one of several ranks, which share what is asked; the first one has the file.
  public Optional<VqaScores> scores(
      Answerer answerer,
      Path answers,
      SortedMap<String, String> pins,
      Asking.Listener listener,
      BooleanSupplier stop,
      Group group)
      throws IOException {
    return scored(new Asking(plan, answerer, listener, stop, group).inFile(answers, pins));
  }

  private Optional<VqaScores> scored(Optional<List<AnswerRow>> rows) throws DataException {
    return rows.isEmpty() ? Optional.empty() : Optional.of(scores(rows.get()));
  }

  /// Scores answers to what is planned, from wherever they came.
  public VqaScores scores(List<AnswerRow> answers) throws DataException {
    String place = "evaluate." + settings.name();
    return VqaScores.of(place, answers, scorers, key, settings.bootstrap());
  }

  /// What is asked.
  public AskingPlan plan() {
    return plan;
  }

  /// As an entry of a training's evaluations; checkpoints may be ranked by its first figure.
  ///
  /// @param length of the run
  /// @param model as it stands when the evaluation runs
  /// @param stop asked before each batch
  /// @param group of ranks that share what is asked
  public Scheduled scheduled(
      Steps length, Supplier<Answerer> model, BooleanSupplier stop, Group group) {
    Scorer first =
        scorers.stream().filter(each -> judgesAny(each, questions)).findFirst().orElseThrow();
    return new Scheduled(
        step ->
            scores(model.get(), Asking.Listener.NONE, stop, group)
                .map(scores -> new EvaluationReport(step, settings.name(), scores.metrics())),
        new Cadence(settings.every(), length),
        Optional.of(first.metrics().getFirst()));
  }
}
