package dev.eosin.language.generation;

import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Beam search as transformers has it. A prompt is computed once; its beams part at the first
/// token.
final class BeamSearch {
  private final Generator generator;
  private final Search.Beams search;
  private final GrowingSequences sequences;
  private final TokenListener listener;
  private final List<BeamGroup> groups = new ArrayList<>();
  private final int count;

  BeamSearch(
      Generator generator,
      Search.Beams search,
      GrowingSequences sequences,
      List<Prompt> prompts,
      TokenListener listener) {
    this.generator = generator;
    this.search = search;
    this.sequences = sequences;
    this.listener = listener;
    for (int place = 0; place < prompts.size(); place++) {
      groups.add(new BeamGroup(generator, search, place, prompts.get(place)));
    }
    // Enough for every beam to go on even where each has all the ends among its best.
    this.count = Math.max(2, 1 + generator.ends().ids().size()) * search.beams();
  }

  List<GeneratedSequence> run(Tensor first, ScoreRules rules) {
    List<BeamGroup> present = groups;
    advance(first, rules, present, 0);
    List<BeamGroup> going = going(present);
    if (!going.isEmpty()) {
      sequences.spread(search.beams());
    }
    for (int step = 1; !going.isEmpty(); step++) {
      present = kept(present, going);
      if (step > 1) {
        choose(present);
      }
      sequences.append(eachBeam(present, BeamGroup::token));
      advance(sequences.scores(), rules, present, step);
      going = going(present);
    }
    return groups.stream().flatMap(group -> group.results().stream()).toList();
  }

  private void advance(Tensor scores, ScoreRules rules, List<BeamGroup> present, int step) {
    List<IdHistory> rows = present.stream().flatMap(group -> group.beams().stream()).toList();
    float[] sums = new float[rows.size()];
    int beams = rows.size() / present.size();
    for (int group = 0; group < present.size(); group++) {
      System.arraycopy(present.get(group).sums(), 0, sums, group * beams, beams);
    }
    float[] best = rules.candidates(scores, rows, step, sums, present.size(), count);
    int stride = best.length / 3;
    int each = stride / present.size();
    for (int group = 0; group < present.size(); group++) {
      BeamGroup one = present.get(group);
      if (!one.hasEnded()) {
        one.advance(best, group * each, each, stride, step + 1);
        tell(one);
      }
    }
  }

  private void tell(BeamGroup group) {
    if (group.hasEnded()) {
      List<GeneratedSequence> results = group.results();
      for (int sequence = 0; sequence < results.size(); sequence++) {
        for (int id : results.get(sequence).ids()) {
          listener.added(results.get(sequence).prompt(), sequence, id);
        }
      }
    }
  }

  private static List<BeamGroup> going(List<BeamGroup> present) {
    return present.stream().filter(group -> !group.hasEnded()).toList();
  }

  private List<BeamGroup> kept(List<BeamGroup> present, List<BeamGroup> going) {
    if (going.size() == present.size()
        || !Generator.shrinkingPays(present.size() - going.size(), present.size())) {
      return present;
    }
    sequences.keep(
        IntStream.range(0, present.size() * search.beams())
            .filter(row -> !present.get(row / search.beams()).hasEnded())
            .toArray());
    return going;
  }

  private void choose(List<BeamGroup> present) {
    int[] from = eachBeam(present, BeamGroup::from);
    for (int row = 0; row < from.length; row++) {
      from[row] += row / search.beams() * search.beams();
    }
    if (IntStream.range(0, from.length).anyMatch(row -> from[row] != row)) {
      sequences.choose(from);
    }
  }

  /// A number of each row.
  @FunctionalInterface
  private interface OfBeam {
    int of(BeamGroup group, int beam);
  }

  private int[] eachBeam(List<BeamGroup> present, OfBeam number) {
    return IntStream.range(0, present.size() * search.beams())
        .map(row -> number.of(present.get(row / search.beams()), row % search.beams()))
        .toArray();
  }
}
