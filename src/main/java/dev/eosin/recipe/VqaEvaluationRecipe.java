package dev.eosin.recipe;

import dev.eosin.config.Checked;
import dev.eosin.config.CountOrAuto;
import dev.eosin.config.Doc;
import dev.eosin.config.MachineException;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Steps;
import dev.eosin.data.settings.MixtureSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.SplitSettings;
import dev.eosin.eval.asking.AskingSettings;
import dev.eosin.eval.vqa.AnswerLabel;
import dev.eosin.eval.vqa.VqaSettings;
import dev.eosin.recipe.found.AboutData;
import dev.eosin.recipe.found.AnswersFrom;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Processor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `kind: vqa-evaluation`: what answers to questions about pictures are worth.
@Named("vqa-evaluation")
@Doc(
    "Scores of answers to questions about pictures, run by `eosin evaluate`: by type, fact and"
        + " group, with intervals over pictures, each beside its controls. Writes evaluation.json.")
public record VqaEvaluationRecipe(
    @Doc("Root of all randomness: the same seed gives the same controls and intervals.")
        @OrElse("42")
        long seed,
    @Doc("The device and its threads, for a model of this machine.") @OrElse("{}")
        ComputeSettings compute,
    @Doc("Whose answers are scored.") AnswersFrom answers,
    @Doc("What is asked, where answers are not there yet: samples that are questions.")
        Optional<SourceSettings> questions,
    @Doc("Whose answers are counted for the control frequent.") Optional<SourceSettings> training,
    @Doc("How it is asked, where answers are not there yet.") @OrElse("{}") AskingSettings asking,
    @Doc("Rules that judge the answers, each with its version; docs/formats.md says what they do.")
        @OrElse("[open/1, closed/1, letters/1]")
        List<String> scorers,
    @Doc(VqaSettings.LABELS_DOC) @OrElse("[]") List<AnswerLabel> labels,
    @Doc("Resamples of pictures for the 95 % intervals; 0 for none.")
        @OrElse("1_000")
        @Range(min = 0, max = 1e6)
        int bootstrap,
    @Doc("Where the questions are from, under which licence, and in which layout.")
        Optional<AboutData> about,
    @Doc("Where the results go.") OutputFolder output)
    implements Evaluation, Checked {
  /// What the evaluation is called in its results.
  public static final String NAME = "vqa";

  private static final long SEED = 42;
  private static final int RESAMPLES = 1_000;

  /// @throws IllegalArgumentException for a scorer that there is not, and labels that it cannot
  ///   tell apart
  public VqaEvaluationRecipe {
    labels = List.copyOf(labels);
    scorers = VqaSettings.checked(scorers, labels);
  }

  /// The recipe that scores a file of answers without one.
  ///
  /// @param labels that answers are read for; none where nothing is classified
  /// @param out where the results go
  /// @throws IllegalArgumentException for a scorer that there is not, and labels that it cannot
  ///   tell apart
  public static VqaEvaluationRecipe ofFile(
      Path answers, List<String> scorers, List<AnswerLabel> labels, Path out) {
    return new VqaEvaluationRecipe(
        SEED,
        new ComputeSettings(Processor.AUTO, new CountOrAuto.Auto()),
        new AnswersFrom.File(answers),
        Optional.empty(),
        Optional.empty(),
        AskingSettings.standard(),
        scorers,
        labels,
        RESAMPLES,
        Optional.empty(),
        new OutputFolder(out));
  }

  /// As an entry of a training's evaluations.
  public VqaSettings settings() {
    return new VqaSettings(NAME, new Steps(1), asking, scorers, labels, bootstrap);
  }

  @Override
  public boolean asks() {
    return !(answers instanceof AnswersFrom.File);
  }

  @Override
  public void check(Findings findings) {
    if (!asks()) {
      if (questions.isPresent()) {
        findings.add("questions", "a file of answers has them already; leave it out");
      }
      if (training.isPresent()) {
        findings.add("training", "a file of answers has its controls already; leave it out");
      }
    } else if (questions.isEmpty()) {
      findings.add("questions", "missing key; name a source of questions to be asked");
    }
    questions.ifPresent(source -> checkSource("questions", source, findings));
    training.ifPresent(source -> checkSource("training", source, findings));
    if (answers instanceof AnswersFrom.Service
        && asking.choices() != AskingSettings.Choices.LETTERS) {
      findings.add("asking.choices", "a service tells no likelihoods of options; write letters");
    }
  }

  private static void checkSource(String key, SourceSettings source, Findings findings) {
    if (source instanceof SplitSettings || source instanceof MixtureSettings) {
      findings.add(key + ".type", "a part of training data or a mixture; name one source");
    }
  }

  /// @throws MachineException where nothing is computed that could be shared
  @Override
  public ComputeSettings ofRanks() {
    return switch (answers) {
      case AnswersFrom.LanguageModel _ -> compute;
      case AnswersFrom.File _ ->
          throw new MachineException(
              "answers.path: answers that are there are only scored, in one process; leave --ranks and mpirun out");
      case AnswersFrom.Service _ ->
          throw new MachineException(
              "answers: a service is asked, whose pace and price one process watches, about as many questions at once as answers.work.parallel says; leave --ranks and mpirun out");
    };
  }
}
