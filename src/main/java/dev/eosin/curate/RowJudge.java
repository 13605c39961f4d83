package dev.eosin.curate;

import dev.eosin.caption.Agent;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.curate.rules.Prepared;
import dev.eosin.curate.rules.WordRule;
import dev.eosin.curate.steps.ClassifierStep;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.curate.steps.CurationStep;
import dev.eosin.curate.steps.CurationStep.Clean;
import dev.eosin.curate.steps.CurationStep.FieldValue;
import dev.eosin.curate.steps.CurationStep.Images;
import dev.eosin.curate.steps.CurationStep.Keywords;
import dev.eosin.curate.steps.CurationStep.Language;
import dev.eosin.curate.steps.CurationStep.Questions;
import dev.eosin.curate.steps.CurationStep.Words;
import dev.eosin.curate.steps.FiguresStep;
import dev.eosin.curate.steps.JudgedStep;
import dev.eosin.curate.steps.NearestStep;
import dev.eosin.curate.steps.SimilarImagesStep;
import dev.eosin.data.Sample;
import dev.eosin.data.quality.PerceptualHash;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.prepare.Fields;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowSteps;
import dev.eosin.text.LanguageDetection;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Takes one row through the steps that look at it alone. Thread safe.
final class RowJudge {
  /// Of an image that cannot be read: the reason ends with what mends it.
  private static final int LONGEST_REASON = 500;

  private final CurationSettings settings;
  private final RowPictures pictures;
  private final @Nullable LanguageDetection languages;
  private final List<Rule> rules;

  /// Whether a step looks at images once they are open.
  private final boolean looks;

  /// What becomes of a row in a step.
  private sealed interface Verdict {
    record Passed(String caption) implements Verdict {}

    record LeftOut(String detail) implements Verdict {}
  }

  /// One step.
  @FunctionalInterface
  private interface Rule {
    Verdict judge(Row row, String caption, Found found)
        throws RowFailedException, IOException, InterruptedException;
  }

  /// What a row's image was found to be.
  private static final class Found {
    private final Optional<RowSteps> steps;
    private Optional<Prepared.Image> image = Optional.empty();
    private Optional<RgbImage> shown = Optional.empty();

    private Found(Optional<RowSteps> steps) {
      this.steps = steps;
    }
  }

  /// @param languages where a step asks for them
  /// @param agents of the steps that ask, by their numbers
  RowJudge(
      CurationSettings settings,
      RowPictures pictures,
      Optional<LanguageDetection> languages,
      Map<Integer, Agent> agents) {
    this.settings = settings;
    this.pictures = pictures;
    this.languages = languages.orElse(null);
    looks =
        settings.steps().stream()
            .anyMatch(step -> step instanceof FiguresStep || step instanceof JudgedStep);
    List<Rule> all = new ArrayList<>();
    for (int step = 0; step < settings.steps().size(); step++) {
      all.add(
          settings.steps().get(step) instanceof JudgedStep judged
              ? judged(judged, Objects.requireNonNull(agents.get(step)), step)
              : rule(settings.steps().get(step)));
    }
    rules = List.copyOf(all);
  }

  /// @param steps of the run, where a model is asked
  /// @throws DataException when the row lacks a field, which is another table than the recipe
  ///   describes
  Prepared judge(Row row, Optional<RowSteps> steps)
      throws RowFailedException, IOException, InterruptedException {
    NavigableMap<Integer, String> captions = new TreeMap<>();
    Found found = new Found(steps);
    String caption = Fields.text(row, settings.columns().caption(), "curate.columns.caption");
    for (int step = 0; step < rules.size(); step++) {
      switch (rules.get(step).judge(row, caption, found)) {
        case Verdict.LeftOut(String detail) -> {
          return new Prepared(captions, Optional.of(new Prepared.Left(step, detail)), found.image);
        }
        case Verdict.Passed(String after) -> {
          if (!after.equals(caption)) {
            captions.put(step + 1, after);
            caption = after;
          }
        }
      }
    }
    return new Prepared(captions, Optional.empty(), found.image);
  }

  private Rule rule(CurationStep step) {
    return switch (step) {
      case Clean clean -> (row, caption, _) -> clean(caption, clean);
      case Questions questions -> (row, caption, _) -> questions(row, caption, questions);
      case FieldValue field -> (row, caption, _) -> field(row, caption, field);
      case Language language -> {
        Set<String> wanted = Set.copyOf(language.keep());
        yield (row, caption, _) -> language(caption, language, wanted);
      }
      case Words words -> (row, caption, _) -> words(caption, words);
      case Keywords keywords -> {
        WordRule need = WordRule.of(keywords.need());
        WordRule drop = WordRule.of(keywords.drop());
        yield (row, caption, _) -> keywords(caption, need, drop);
      }
      case Images images -> (row, caption, found) -> image(row, caption, images, found);
      case FiguresStep figures -> (_, caption, found) -> figures(caption, figures, found);
      case JudgedStep judged -> throw new IllegalStateException(judged.title());
      case CurationStep.MostLiked _,
          CurationStep.Duplicates _,
          CurationStep.SimilarCaptions _,
          CurationStep.Groups _,
          CurationStep.Leaks _,
          ClassifierStep _,
          NearestStep _,
          SimilarImagesStep _ ->
          (row, caption, _) -> new Verdict.Passed(caption);
    };
  }

  private static Rule judged(JudgedStep step, Agent agent, int number) {
    var rule = new JudgedRule(step, agent, "judge " + number);
    return (row, caption, found) -> {
      Optional<RgbImage> image = step.looks() ? found.shown : Optional.empty();
      Optional<String> out = rule.judge(row, caption, image, found.steps.orElseThrow());
      return out.<Verdict>map(Verdict.LeftOut::new).orElse(new Verdict.Passed(caption));
    };
  }

  private static Verdict figures(String caption, FiguresStep step, Found found) {
    return FigureMarks.of(found.shown.orElseThrow())
        .told(step)
        .<Verdict>map(Verdict.LeftOut::new)
        .orElse(new Verdict.Passed(caption));
  }

  private static Verdict clean(String caption, Clean rules) {
    String cleaned = CaptionMarks.cleaned(caption, rules);
    return cleaned.isBlank()
        ? left("nothing is left of " + Quote.of(caption))
        : new Verdict.Passed(cleaned);
  }

  private static Verdict questions(Row row, String caption, Questions rules) throws DataException {
    if (caption.indexOf('?') < 0 && caption.indexOf('？') < 0) {
      return new Verdict.Passed(caption);
    }
    if (rules.source().isPresent()) {
      String source = Fields.text(row, rules.source().get(), "curate.steps: source of questions");
      if (rules.except().stream().anyMatch(source.strip()::equalsIgnoreCase)) {
        return new Verdict.Passed(caption);
      }
    }
    return left("a question: " + Quote.line(caption));
  }

  private static Verdict field(Row row, String caption, FieldValue rules) throws DataException {
    String value = Fields.text(row, rules.field(), "curate.steps: field").strip();
    boolean dropped = rules.drop().stream().anyMatch(value::equalsIgnoreCase);
    boolean kept =
        rules.keep().isEmpty() || rules.keep().stream().anyMatch(value::equalsIgnoreCase);
    return dropped || !kept
        ? left("%s is %s".formatted(Quote.line(rules.field()), Quote.of(value)))
        : new Verdict.Passed(caption);
  }

  private Verdict language(String caption, Language rules, Set<String> wanted) {
    if (languages == null || Fields.words(caption) < rules.fromWords()) {
      return new Verdict.Passed(caption);
    }
    LanguageDetection.Found found = languages.of(caption, wanted);
    return found.times() > rules.margin()
        ? left("%s: %s".formatted(found, Quote.line(caption)))
        : new Verdict.Passed(caption);
  }

  private static Verdict words(String caption, Words rules) {
    int words = Fields.words(caption);
    int letters = caption.length();
    boolean few = words < rules.min() || letters < rules.minCharacters();
    return few || words > rules.max() || letters > rules.maxCharacters()
        ? left("%d words, %d characters: %s".formatted(words, letters, Quote.line(caption)))
        : new Verdict.Passed(caption);
  }

  private static Verdict keywords(String caption, WordRule need, WordRule drop) {
    Optional<String> dropped = drop.find(caption);
    if (dropped.isPresent()) {
      return left("has '%s': %s".formatted(dropped.get(), Quote.line(caption)));
    }
    return need.any().isPresent() && need.find(caption).isEmpty()
        ? left("has none of the words: " + Quote.line(caption))
        : new Verdict.Passed(caption);
  }

  private Verdict image(Row row, String caption, Images rules, Found found) {
    try {
      Optional<Sample.ImageReader> reader = pictures.of(row);
      if (reader.isEmpty()) {
        return left("the row names no image");
      }
      Raster raster = reader.get().read();
      long pixels = (long) raster.width() * raster.height();
      if (Math.min(raster.width(), raster.height()) < rules.minSide().value()
          || pixels > rules.maxPixels()) {
        return left("%d x %d pixels".formatted(raster.width(), raster.height()));
      }
      found.image = Optional.of(marks(reader.get(), raster));
      found.shown = looks ? Optional.of(raster.toRgb()) : Optional.empty();
      return new Verdict.Passed(caption);
    } catch (IOException | IllegalArgumentException e) {
      return left(Quote.line(AtomicFile.reason(e), LONGEST_REASON));
    }
  }

  private Prepared.Image marks(Sample.ImageReader reader, Raster raster) throws IOException {
    Optional<byte[]> encoded = reader.encoded();
    List<Long> bits =
        settings.pictures()
            ? PerceptualHash.of(raster)
                .map(hash -> LongStream.of(hash.orientations()).boxed().toList())
                .orElse(List.of())
            : List.of();
    return new Prepared.Image(encoded.map(RowJudge::digest).orElse(""), bits);
  }

  /// Half of the SHA-256 of a file.
  static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static Verdict left(String detail) {
    return new Verdict.LeftOut(detail);
  }
}
