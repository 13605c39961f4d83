package dev.eosin.eval.vqa;

import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// `sacrebleu/1`: BLEU of all open answers together on the texts as they are, in percent, as
/// sacrebleu 2 computes it by default: tokens of mteval-v13a, exponential smoothing, case kept.
final class SacrebleuScorer implements Scorer {
  private static final Pattern SIGN = Pattern.compile("([{-~\\[-` -&(-+:-@/])");
  private static final Pattern AFTER_NO_DIGIT = Pattern.compile("([^0-9])([.,])");
  private static final Pattern BEFORE_NO_DIGIT = Pattern.compile("([.,])([^0-9])");
  private static final Pattern DASH_AFTER_DIGIT = Pattern.compile("([0-9])(-)");

  @Override
  public String name() {
    return "sacrebleu/1";
  }

  @Override
  public boolean judges(Kind type) {
    return type == Kind.OPEN;
  }

  @Override
  public List<String> metrics() {
    return List.of("sacrebleu");
  }

  @Override
  public int width() {
    return Ngrams.WIDTH + 1;
  }

  @Override
  public void add(List<AnswerRow> rotations, double[] sums) {
    for (AnswerRow row : rotations) {
      Ngrams.add(tokens(row.gold()), tokens(row.answer()), 0, sums, 0);
      sums[Ngrams.WIDTH]++;
    }
  }

  @Override
  public double value(int metric, double[] sums) {
    return sums[Ngrams.WIDTH] == 0 ? Double.NaN : Ngrams.smoothed(sums, 0);
  }

  @Override
  public Optional<String> unread(AnswerRow row) {
    return Optional.empty();
  }

  private static List<String> tokens(String text) {
    String line =
        text.replace("<skipped>", "")
            .replace("-\n", "")
            .replace("\n", " ")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
    line = SIGN.matcher(" " + line + " ").replaceAll(" $1 ");
    line = AFTER_NO_DIGIT.matcher(line).replaceAll("$1 $2 ");
    line = BEFORE_NO_DIGIT.matcher(line).replaceAll(" $1 $2");
    return NormalisedWords.split(DASH_AFTER_DIGIT.matcher(line).replaceAll("$1 $2 "));
  }
}
