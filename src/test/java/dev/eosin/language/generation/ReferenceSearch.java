package dev.eosin.language.generation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The rules of a search again, one row at a time on lists of numbers, word for word as the golden
/// cases' READMEs have them: what the kernels are compared with.
///
/// @param ends ids that end a row
record ReferenceSearch(
    GenerationSettings settings, List<Integer> ends, ToySequences.Scorer scorer) {
  record Beam(List<Integer> ids, double sum) {}

  record Finished(List<Integer> ids, double score) {}

  private static final Comparator<Beam> BEST = Comparator.comparingDouble(beam -> -beam.sum());

  static double[] logProbabilities(float[] scores) {
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score);
    }
    double[] result = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      result[i] = scores[i] - Math.log(sum);
    }
    return result;
  }

  private static List<Integer> joined(List<Integer> before, List<Integer> after) {
    List<Integer> all = new ArrayList<>(before);
    all.addAll(after);
    return all;
  }

  /// Repetition penalty, n-grams, minimum, in this order.
  void process(double[] scores, List<Integer> ids, int newIds) {
    for (int id : new HashSet<>(ids)) {
      double penalty = settings.repetitionPenalty();
      scores[id] = scores[id] > 0 ? scores[id] / penalty : scores[id] * penalty;
    }
    int n = settings.noRepeatNgram();
    if (n > 0 && ids.size() >= n) {
      Set<List<Integer>> there = new HashSet<>();
      for (int start = 0; start + n <= ids.size(); start++) {
        there.add(ids.subList(start, start + n));
      }
      for (int id = 0; id < scores.length; id++) {
        List<Integer> next = joined(ids.subList(ids.size() - n + 1, ids.size()), List.of(id));
        if (there.contains(next)) {
          scores[id] = Double.NEGATIVE_INFINITY;
        }
      }
    }
    if (newIds < settings.minNewTokens()) {
      ends.forEach(end -> scores[end] = Double.NEGATIVE_INFINITY);
    }
  }

  /// @param seen ids that rules look at besides the new ones
  List<Integer> greedy(List<Integer> prompt, List<Integer> seen) {
    List<Integer> found = new ArrayList<>();
    while (found.size() < settings.maxNewTokens()) {
      float[] raw = scorer.after(joined(prompt, found));
      double[] scores = new double[raw.length];
      for (int i = 0; i < raw.length; i++) {
        scores[i] = raw[i];
      }
      process(scores, joined(seen, found), found.size());
      int best = 0;
      for (int id = 1; id < scores.length; id++) {
        best = scores[id] > scores[best] ? id : best;
      }
      found.add(best);
      if (ends.contains(best)) {
        break;
      }
    }
    return found;
  }

  List<Finished> beams(List<Integer> prompt, List<Integer> seen) {
    var search = (Search.Beams) settings.search();
    int most = search.beams();
    int considered = Math.max(2, 1 + ends.size()) * most;
    List<Beam> running = List.of(new Beam(List.of(), 0));
    List<Finished> finished = new ArrayList<>();
    for (int length = 1; length <= settings.maxNewTokens(); length++) {
      List<Beam> next = new ArrayList<>();
      List<Beam> candidates = continuations(running, prompt, seen);
      for (int rank = 0; rank < Math.min(considered, candidates.size()); rank++) {
        Beam candidate = candidates.get(rank);
        boolean ended =
            ends.contains(candidate.ids().getLast()) || length == settings.maxNewTokens();
        if (ended && rank < most) {
          finished.add(
              new Finished(
                  candidate.ids(), candidate.sum() / Math.pow(length, search.lengthPenalty())));
        } else if (!ended && next.size() < most) {
          next.add(candidate);
        }
      }
      finished.sort(Comparator.comparingDouble(each -> -each.score()));
      finished = new ArrayList<>(finished.subList(0, Math.min(most, finished.size())));
      if (next.isEmpty() || finished.size() == most && settled(search, next, finished, length)) {
        break;
      }
      running = next;
    }
    return finished.subList(0, Math.min(search.sequences(), finished.size()));
  }

  private boolean settled(
      Search.Beams search, List<Beam> running, List<Finished> finished, int length) {
    int assumed =
        search.earlyStopping() == Search.EarlyStopping.NEVER && search.lengthPenalty() > 0
            ? settings.maxNewTokens()
            : length;
    double possible = running.getFirst().sum() / Math.pow(assumed, search.lengthPenalty());
    return search.earlyStopping() == Search.EarlyStopping.FULL
        || possible <= finished.getLast().score();
  }

  private List<Beam> continuations(List<Beam> running, List<Integer> prompt, List<Integer> seen) {
    List<Beam> all = new ArrayList<>();
    for (Beam beam : running) {
      double[] scores = logProbabilities(scorer.after(joined(prompt, beam.ids())));
      process(scores, joined(seen, beam.ids()), beam.ids().size());
      for (int id = 0; id < scores.length; id++) {
        if (scores[id] > Double.NEGATIVE_INFINITY) {
          all.add(new Beam(joined(beam.ids(), List.of(id)), beam.sum() + scores[id]));
        }
      }
    }
    all.sort(BEST);
    return all;
  }
}
