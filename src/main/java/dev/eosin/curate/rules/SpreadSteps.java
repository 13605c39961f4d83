package dev.eosin.curate.rules;

import dev.eosin.config.DataException;
import dev.eosin.curate.steps.ClassifierStep;
import dev.eosin.curate.steps.CurationModels;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.curate.steps.CurationStep;
import dev.eosin.curate.steps.CurationStep.Sameness;
import dev.eosin.curate.steps.FiguresStep;
import dev.eosin.curate.steps.JudgedStep;
import dev.eosin.curate.steps.NearestStep;
import dev.eosin.curate.steps.SimilarImagesStep;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;

/// The steps of a list as rules: for all rows in one process, or spread over machines.
///
/// @param settings the list
/// @param rows how many there are, those included that are left out already
public record SpreadSteps(CurationSettings settings, int rows) {
  /// How many steps there are.
  public int count() {
    return settings.steps().size();
  }

  /// The reasons of the steps, as rejects have them.
  public List<String> reasons() {
    return settings.reasons();
  }

  /// How a step is spread.
  public SpreadStep spread(int number) {
    CurationStep step = settings.steps().get(number);
    return switch (step) {
      case CurationStep.Clean _,
          CurationStep.Questions _,
          CurationStep.FieldValue _,
          CurationStep.Language _,
          CurationStep.Words _,
          CurationStep.Keywords _,
          CurationStep.Images _,
          FiguresStep _,
          JudgedStep _ ->
          new SpreadStep.Alone();
      case CurationStep.Duplicates same when same.by() == Sameness.PICTURE ->
          new PictureLikeness(same.distance());
      case CurationStep.SimilarCaptions alike -> new CaptionLikeness(alike, rows);
      case CurationStep.Groups groups -> new GroupKeys(groups, settings.columns());
      case CurationStep.MostLiked _, CurationStep.Duplicates _ ->
          new KeyedStep(own -> keyed(step, own), false);
      case CurationStep.Leaks _ -> new KeyedStep(own -> keyed(step, own), true);
      case ClassifierStep _, NearestStep _, SimilarImagesStep _ -> new SpreadStep.InOrder();
    };
  }

  private KeyedRule keyed(CurationStep step, LongPredicate own) {
    return switch (step) {
      case CurationStep.MostLiked replies -> new MostLikedRule(replies);
      case CurationStep.Duplicates same -> new SameRule(settings.columns(), same.by());
      case CurationStep.Leaks leaks -> new LeaksRule(leaks, settings.columns(), own);
      default -> throw new IllegalStateException(step.title());
    };
  }

  /// A step as the rule of all rows; empty for one that looks at a row alone.
  ///
  /// @param models what it computes with
  /// @throws DataException when a file that it needs cannot be read
  public Optional<CollectionRule> rule(int number, CurationModels models) throws IOException {
    String image = settings.columns().image();
    CurationStep step = settings.steps().get(number);
    return switch (step) {
      case ClassifierStep likely -> Optional.of(new ClassifierRule(likely, image));
      case NearestStep near -> Optional.of(new NearestRule(near, image, models));
      case SimilarImagesStep alike -> Optional.of(new SimilarImagesRule(alike, image));
      default ->
          switch (spread(number)) {
            case SpreadStep.Alone _ -> Optional.empty();
            case SpreadStep.InOrder _ -> throw new IllegalStateException(step.title());
            case KeyedStep keyed -> Optional.of(keyed.rule(_ -> true));
            case CaptionLikeness alike -> Optional.of(new SimilarCaptionsRule(alike));
            case PictureLikeness alike -> Optional.of(new SimilarPicturesRule(alike));
            case GroupKeys keys -> Optional.of(new GroupsRule(keys, rows));
          };
    };
  }
}
