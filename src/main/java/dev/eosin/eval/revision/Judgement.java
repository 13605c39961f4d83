package dev.eosin.eval.revision;

import java.util.ArrayList;
import java.util.List;

/// What a revision made of the places at which a caption differs from the good one.
///
/// @param before words that stand there before the revision, place by place
/// @param wanted words that should stand there
/// @param found words that stand there after it; where words beside a place were revised, too, with
///   these
/// @param restored whether what stands there is what should, at every place
record Judgement(
    List<List<String>> before,
    List<List<String>> wanted,
    List<List<String>> found,
    boolean restored) {
  Judgement {
    before = List.copyOf(before);
    wanted = List.copyOf(wanted);
    found = List.copyOf(found);
  }

  static Judgement of(RevisionRow row) {
    List<String> words = WordAlignment.words(row.corrupted());
    WordAlignment target = WordAlignment.of(words, WordAlignment.words(row.target()));
    WordAlignment answer = WordAlignment.of(words, WordAlignment.words(row.answer()));
    List<List<String>> before = new ArrayList<>();
    List<List<String>> wanted = new ArrayList<>();
    List<List<String>> found = new ArrayList<>();
    boolean restored = true;
    for (WordAlignment.Change change : target.changes()) {
      before.add(words.subList(change.from(), change.to()));
      wanted.add(target.between(change.from() - 1, change.to()));
      int left = change.from() - 1;
      while (!(target.has(left) && answer.has(left))) {
        left--;
      }
      int right = change.to();
      while (!(target.has(right) && answer.has(right))) {
        right++;
      }
      found.add(answer.between(left, right));
      restored &= answer.between(left, right).equals(target.between(left, right));
    }
    return new Judgement(before, wanted, found, restored);
  }
}
