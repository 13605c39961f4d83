package dev.eosin.recipe;

import dev.eosin.config.Checked;
import dev.eosin.config.Doc;
import dev.eosin.config.MachineException;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.data.settings.MixtureSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.SplitSettings;
import dev.eosin.eval.answers.Control;
import dev.eosin.eval.asking.AskingSettings;
import dev.eosin.recipe.found.AnswersFrom;
import dev.eosin.revise.ReviseSettings;
import dev.eosin.train.machine.ComputeSettings;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;

/// `kind: revise-evaluation`: what a model makes of captions that may be wrong.
@Named("revise-evaluation")
@Doc(
    "Scores of revised captions, run by `eosin evaluate`: of degraded ones how many were noticed"
        + " and set right, of good ones how many were changed; by operation, with intervals over"
        + " images, beside whoever copies, whoever always edits, another image, none, and a twin"
        + " without sight. Writes answers.jsonl and evaluation.json.")
public record ReviseEvaluationRecipe(
    @Doc("Root of all randomness: the same seed gives the same controls and intervals.")
        @OrElse("42")
        long seed,
    @Doc("The device and its threads.") @OrElse("{}") ComputeSettings compute,
    @Doc("Whose revisions are scored: a language-model of this machine, or a file of them.")
        AnswersFrom answers,
    @Doc(
            "The run of its twin, trained with the same steps on the same captions with blank"
                + " images (revise: { images: blank }).")
        Optional<Path> twin,
    @Doc(
            "A run that describes images without being asked (kind: vllm, trained on captions); what"
                + " it says of each goes into described.jsonl, to be compared with revised captions.")
        Optional<Path> describer,
    @Doc(
            "What is revised, where it is not there yet: drawn tiles that say findings, or"
                + " degraded rows.")
        Optional<SourceSettings> captions,
    @Doc("How captions are degraded, asked and answered; as in the model's training.") @OrElse("{}")
        ReviseSettings revise,
    @Doc("How it is asked, where revisions are not there yet.")
        @OrElse("{ controls: [other-image, no-image], most-tokens: 128 }")
        AskingSettings asking,
    @Doc("Resamples of images for the 95 % intervals; 0 for none.")
        @OrElse("1_000")
        @Range(min = 0, max = 1e6)
        int bootstrap,
    @Doc("Where the results go.") OutputFolder output)
    implements Evaluation, Checked {
  /// What the evaluation is called in its results.
  public static final String NAME = "revise";

  @Override
  public boolean asks() {
    return !(answers instanceof AnswersFrom.File);
  }

  @Override
  public void check(Findings findings) {
    if (answers instanceof AnswersFrom.Service) {
      findings.add("answers.type", "a service is asked by agents; name a language-model or a file");
    }
    if (asks() && captions.isEmpty()) {
      findings.add("captions", "missing key; name a source of captions to be revised");
    }
    if (!asks() && captions.isPresent()) {
      findings.add("captions", "a file of revisions has them already; leave it out");
    }
    if (!asks() && describer.isPresent()) {
      findings.add("describer", "a file of revisions has no images to describe; leave it out");
    }
    if (!asks() && twin.isPresent()) {
      findings.add("twin", "a file of revisions has the twin's already; leave it out");
    }
    if (captions.isPresent()
        && (captions.get() instanceof SplitSettings || captions.get() instanceof MixtureSettings)) {
      findings.add("captions.type", "a part of training data or a mixture; name one source");
    }
    if (revise.images() != ReviseSettings.Images.OWN) {
      findings.add("revise.images", "a model is asked about its images; the twin is named by twin");
    }
    var known = EnumSet.of(Control.NONE, Control.OTHER_IMAGE, Control.NO_IMAGE);
    if (!known.containsAll(asking.controls())) {
      findings.add("asking.controls", "revisions know other-image and no-image; leave others out");
    }
  }

  /// @throws MachineException where revisions are there already
  @Override
  public ComputeSettings ofRanks() {
    if (!asks()) {
      throw new MachineException(
          "answers.path: revisions that are there are only scored, in one process; leave --ranks and mpirun out");
    }
    return compute;
  }
}
