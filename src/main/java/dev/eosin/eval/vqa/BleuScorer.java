package dev.eosin.eval.vqa;

import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import java.util.List;
import java.util.Optional;

/// `bleu/1`: BLEU of open answers on words normalised as published, by nltk's rules without
/// smoothing: means over answers of the cumulative orders and of orders 2 and 3 alone (which
/// quilt_eval calls bleu_score_2 and _3), and order 4 of the whole set.
final class BleuScorer implements Scorer {
  private static final List<double[]> WEIGHTS =
      List.of(
          new double[] {1},
          new double[] {1 / 2.0, 1 / 2.0},
          new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0},
          new double[] {1 / 4.0, 1 / 4.0, 1 / 4.0, 1 / 4.0},
          new double[] {0, 1},
          new double[] {0, 0, 1});
  private static final int CORPUS_ORDER = 3;

  private final NormalisedWords words;

  BleuScorer(NormalisedWords words) {
    this.words = words;
  }

  @Override
  public String name() {
    return "bleu/1";
  }

  @Override
  public boolean judges(Kind type) {
    return type == Kind.OPEN;
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "bleu_1", "bleu_2", "bleu_3", "bleu_4", "bleu_only_2", "bleu_only_3", "corpus_bleu_4");
  }

  // A mean for each weighting, the number of answers, and the counts of all.
  @Override
  public int width() {
    return WEIGHTS.size() + 1 + Ngrams.WIDTH;
  }

  @Override
  public void add(List<AnswerRow> rotations, double[] sums) {
    int answers = WEIGHTS.size();
    for (AnswerRow row : rotations) {
      List<String> gold = NormalisedWords.split(words.asPublished(row.gold()));
      List<String> answer = NormalisedWords.split(words.asPublished(row.answer()));
      double[] counts = new double[Ngrams.WIDTH];
      Ngrams.add(gold, answer, 1, counts, 0);
      for (int i = 0; i < answers; i++) {
        sums[i] += Ngrams.bleu(counts, 0, WEIGHTS.get(i));
      }
      sums[answers]++;
      for (int i = 0; i < counts.length; i++) {
        sums[answers + 1 + i] += counts[i];
      }
    }
  }

  @Override
  public double value(int metric, double[] sums) {
    int answers = WEIGHTS.size();
    if (sums[answers] == 0) {
      return Double.NaN;
    }
    return metric < answers
        ? sums[metric] / sums[answers]
        : Ngrams.bleu(sums, answers + 1, WEIGHTS.get(CORPUS_ORDER));
  }

  @Override
  public Optional<String> unread(AnswerRow row) {
    return Optional.empty();
  }
}
