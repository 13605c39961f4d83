package dev.eosin.curate.steps;

import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Pixels;
import dev.eosin.config.Range;
import dev.eosin.config.Share;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// One of `curate.steps`: which rows it leaves out, or what it changes of them.
@Doc("A step of the list: which rows it leaves out, or what it changes of them.")
public sealed interface CurationStep
    permits CurationStep.Clean,
        CurationStep.Questions,
        CurationStep.FieldValue,
        CurationStep.MostLiked,
        CurationStep.Language,
        CurationStep.Words,
        CurationStep.Keywords,
        CurationStep.Images,
        CurationStep.Duplicates,
        CurationStep.SimilarCaptions,
        CurationStep.Groups,
        CurationStep.Leaks,
        FiguresStep,
        JudgedStep,
        ClassifierStep,
        NearestStep,
        SimilarImagesStep {
  /// What is in the caption of a tweet besides its words.
  enum Hashtags {
    KEEP,
    /// `#dermpath` becomes `dermpath`.
    WORD,
    REMOVE
  }

  /// What is compared.
  enum Sameness {
    /// Captions, without regard to case, white space and punctuation.
    CAPTION,
    /// The image's name and the caption, to the letter.
    PAIR,
    /// The bytes of image files.
    FILE,
    /// What images show, also resized, mirrored or turned by quarter turns.
    PICTURE
  }

  /// What rows of two splits must not share.
  enum Shared {
    GROUP,
    CAPTION,
    FILE,
    PICTURE
  }

  /// What becomes of a leak.
  enum Leak {
    /// The row of the split that stands later in the order is left out.
    DROP,
    /// The run is refused.
    REFUSE,
    /// It is counted.
    KEEP
  }

  /// The text repair of training, and what social media put into captions.
  @Named("clean")
  @Doc(
      "Cleans captions: text repair (mojibake, HTML entities, white space, control characters) and what social media put into them. Leaves out captions of which nothing is left.")
  record Clean(
      @Doc("Whether text is repaired, as a training does it, too.") @OrElse("true") boolean repair,
      @Doc("Whether web addresses are removed.") @OrElse("true") boolean urls,
      @Doc("What becomes of hashtags.") @OrElse("word") Hashtags hashtags,
      @Doc("Whether mentions such as @name are removed.") @OrElse("true") boolean mentions,
      @Doc("Whether emoji are removed.") @OrElse("true") boolean emoji)
      implements CurationStep {}

  /// PLIP's rule on questions.
  @Named("questions")
  @Doc("Leaves out captions with a question mark: who asks does not describe.")
  record Questions(
      @Doc("The field that names a row's source; needed by except.") Optional<String> source,
      @Doc("Sources whose questions are kept, as PLIP does for LAION.") @OrElse("[]")
          List<String> except)
      implements CurationStep {
    /// @throws IllegalArgumentException when sources are excepted, but no field names them
    public Questions {
      except = List.copyOf(except);
      if (source.isEmpty() != except.isEmpty()) {
        throw new IllegalArgumentException(
            "source: source and except belong together; give both or none");
      }
    }
  }

  /// A flag, such as that of sensitive content.
  @Named("field")
  @Doc("Leaves out rows by what a field of the table says, such as sensitive: \"true\".")
  record FieldValue(
      @Doc("The field.") String field,
      @Doc("Rows with one of these texts, without regard to case, are left out.") @OrElse("[]")
          List<String> drop,
      @Doc("Rows with none of these texts, without regard to case, are left out.") @OrElse("[]")
          List<String> keep)
      implements CurationStep {
    /// @throws IllegalArgumentException unless one of the lists has texts
    public FieldValue {
      drop = List.copyOf(drop);
      keep = List.copyOf(keep);
      if (drop.isEmpty() == keep.isEmpty()) {
        throw new IllegalArgumentException("drop: give either drop or keep");
      }
    }
  }

  /// PLIP's rule on replies.
  @Named("most-liked")
  @Doc(
      "Of the rows that answer the same parent keeps the one with the most likes, the first of equals, if its caption has a keyword. Rows that answer nobody pass.")
  record MostLiked(
      @Doc("The field that names what a row answers; empty for rows that answer nobody.")
          @OrElse("parent")
          String parent,
      @Doc("The field with the number of likes.") @OrElse("likes") String likes,
      @Doc(
              "Words or beginnings of words (carcinom*), without regard to case; a reply with none of them is left out. Without keywords all are asked for likes alone.")
          @OrElse("[]")
          List<String> keywords)
      implements CurationStep {
    public MostLiked {
      keywords = List.copyOf(keywords);
    }
  }

  /// The caption's language.
  @Named("language")
  @Doc("Leaves out captions in other languages, told by Apache OpenNLP.")
  record Language(
      @Doc("Languages that are kept, by ISO 639-3.") @OrElse("[eng]") List<String> keep,
      @Doc(
              "A caption is left out where another language is more than so many times likelier than those that are kept.")
          @OrElse("1.4")
          @Range(min = 1, max = 1000)
          double margin,
      @Doc("Captions of fewer words are kept unjudged: terms of medicine alone are Latin.")
          @OrElse("4")
          @Range(min = 1)
          int fromWords)
      implements CurationStep {
    /// @throws IllegalArgumentException without a language
    public Language {
      keep = List.copyOf(keep);
      if (keep.isEmpty()) {
        throw new IllegalArgumentException("keep: name at least one language, such as eng");
      }
    }
  }

  /// How long captions are.
  @Named("words")
  @Doc("Leaves out captions that are too short or too long; words are what blanks set apart.")
  record Words(
      @Doc("Fewest words.") @OrElse("1") @Range(min = 0) int min,
      @Doc("Most words.") @OrElse("1_000") @Range(min = 1) int max,
      @Doc("Fewest letters and other signs.") @OrElse("1") @Range(min = 0) int minCharacters,
      @Doc("Most letters and other signs.") @OrElse("10_000") @Range(min = 1) int maxCharacters)
      implements CurationStep {
    /// @throws IllegalArgumentException when no caption could be kept
    public Words {
      if (min > max || minCharacters > maxCharacters) {
        throw new IllegalArgumentException("min: is above max; no caption has both");
      }
    }
  }

  /// Words that captions have or must not have.
  @Named("keywords")
  @Doc("Leaves out captions by words; carcinom* is a beginning.")
  record Keywords(
      @Doc("A caption with none of them is left out.") @OrElse("[]") List<String> need,
      @Doc("A caption with one of them is left out.") @OrElse("[]") List<String> drop)
      implements CurationStep {
    /// @throws IllegalArgumentException without words
    public Keywords {
      need = List.copyOf(need);
      drop = List.copyOf(drop);
      if (need.isEmpty() && drop.isEmpty()) {
        throw new IllegalArgumentException("need: give words that captions need, or drop");
      }
    }
  }

  /// Whether images can be used.
  @Named("images")
  @Doc("Opens every image; leaves out rows whose image is missing, broken, too small or too large.")
  record Images(
      @Doc("The shorter side is at least so long.") @OrElse("1 px") Pixels minSide,
      @Doc("Width times height is at most so many; PA-LLaVA takes 16_777_216.")
          @OrElse("100_000_000")
          @Range(min = 1)
          long maxPixels)
      implements CurationStep {}

  /// Rows that are there already.
  @Named("duplicates")
  @Doc("Leaves out rows that are the same as an earlier one that is kept.")
  record Duplicates(
      @Doc("What is compared.") Sameness by,
      @Doc("by: picture: of 63 bits of a picture, how many may differ between copies.")
          @OrElse("4")
          @Range(min = 0, max = 16)
          int distance)
      implements CurationStep {}

  /// Captions that are nearly there already.
  @Named("similar-captions")
  @Doc(
      "Leaves out captions that have most of their runs of words in common with an earlier one that is kept: MinHash finds candidates, the exact share (Jaccard) decides.")
  record SimilarCaptions(
      @Doc("Share of common runs, of those in either caption, from which on they are alike.")
          @OrElse("80 %")
          Share atLeast,
      @Doc("Words of a run.") @OrElse("3") @Range(min = 1, max = 20) int run)
      implements CurationStep {
    /// @throws IllegalArgumentException for a share at which all captions are alike
    public SimilarCaptions {
      if (atLeast.value() < 0.3) {
        throw new IllegalArgumentException(
            "at-least: %s is too little to be alike; write 30 %% or more".formatted(atLeast));
      }
    }
  }

  /// What stays together in splits.
  @Named("groups")
  @Doc(
      "Assigns groups that stay on one side of a split: rows that share the value of any of the fields, or their image, directly or by others, are one group. It is written into the field that columns.group names.")
  record Groups(
      @Doc("Fields such as patient and slide; rows without any are groups of their own.")
          List<String> by,
      @Doc("Whether rows of one image, by its name, are one group.") @OrElse("true") boolean images,
      @Doc(
              "A regular expression, such as ^(.+)_image_ for frames of videos: what its first pair of brackets finds in the image's name is a value, too.")
          Optional<String> pattern,
      @Doc("Texts that stand for no value, without regard to case.")
          @OrElse("[\"\", na, n/a, none, unknown, nan]")
          List<String> unknown)
      implements CurationStep {
    /// @throws IllegalArgumentException for a pattern that is none, or has no brackets
    public Groups {
      pattern.ifPresent(CurationStep::checkPattern);
      by = List.copyOf(by);
      unknown = List.copyOf(unknown);
    }
  }

  /// What is on both sides of a split.
  @Named("leaks")
  @Doc("Finds rows of different splits that share a group, a caption or an image.")
  record Leaks(
      @Doc(
              "The splits, the most precious first: of two rows that share something, that of the later one leaks.")
          @OrElse("[test, validation, train]")
          List<String> order,
      @Doc("What must not be shared.") @OrElse("[group, caption]") List<Shared> by,
      @Doc("What becomes of a leak.") @OrElse("drop") Leak rule)
      implements CurationStep {
    /// @throws IllegalArgumentException without two splits, or nothing to compare
    public Leaks {
      order = List.copyOf(order);
      by = List.copyOf(by);
      if (order.size() < 2 || order.stream().distinct().count() < order.size() || by.isEmpty()) {
        throw new IllegalArgumentException(
            "order: give at least two splits, each once, and something that they must not share");
      }
    }
  }

  private static void checkPattern(String pattern) {
    try {
      if (Pattern.compile(pattern).matcher("").groupCount() == 0) {
        throw new IllegalArgumentException(
            "pattern: '%s' has no brackets around what it is to find".formatted(pattern));
      }
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "pattern: '%s' is no regular expression: %s".formatted(pattern, e.getDescription()), e);
    }
  }

  /// Whether it looks at one row alone.
  default boolean alone() {
    return switch (this) {
      case Clean _,
          Questions _,
          FieldValue _,
          Language _,
          Words _,
          Keywords _,
          Images _,
          FiguresStep _,
          JudgedStep _ ->
          true;
      case MostLiked _,
          Duplicates _,
          SimilarCaptions _,
          Groups _,
          Leaks _,
          ClassifierStep _,
          NearestStep _,
          SimilarImagesStep _ ->
          false;
    };
  }

  /// Whether it needs what pictures show.
  default boolean pictures() {
    return switch (this) {
      case Duplicates same -> same.by() == Sameness.PICTURE || same.by() == Sameness.FILE;
      case Leaks leaks -> leaks.by().contains(Shared.FILE) || leaks.by().contains(Shared.PICTURE);
      case Clean _,
          Questions _,
          FieldValue _,
          MostLiked _,
          Language _,
          Words _,
          Keywords _,
          Images _,
          SimilarCaptions _,
          Groups _,
          FiguresStep _,
          JudgedStep _,
          ClassifierStep _,
          NearestStep _,
          SimilarImagesStep _ ->
          false;
    };
  }

  /// The name that recipes, reasons and pages have for it.
  default String title() {
    return switch (this) {
      case Clean _ -> "clean";
      case Questions _ -> "questions";
      case FieldValue step -> "field-" + step.field().replaceAll("[^A-Za-z0-9]+", "-");
      case MostLiked _ -> "most-liked";
      case Language _ -> "language";
      case Words _ -> "words";
      case Keywords _ -> "keywords";
      case Images _ -> "images";
      case Duplicates step -> "duplicate-" + step.by().name().toLowerCase(Locale.ROOT);
      case SimilarCaptions _ -> "similar-captions";
      case Groups _ -> "groups";
      case Leaks _ -> "leaks";
      case FiguresStep _ -> "figures";
      case JudgedStep step -> "judged-" + step.at().name().toLowerCase(Locale.ROOT);
      case ClassifierStep _ -> "classifier";
      case NearestStep _ -> "nearest";
      case SimilarImagesStep _ -> "similar-images";
    };
  }
}
