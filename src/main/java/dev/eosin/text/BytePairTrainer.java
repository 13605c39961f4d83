package dev.eosin.text;

import dev.eosin.text.ByteLevelJson.Merge;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.IntStream;

/// Learns a byte-level vocabulary from text: again and again the pair of neighbouring tokens that
/// occurs most becomes one token.
///
/// Pairs are counted inside the words of [ByteLevelWords]. Of pairs that occur equally often the
/// one whose left token has the lower id is taken, then the one whose right token has: the result
/// depends on nothing but the texts and the settings, not on the texts' order. Ids are given to the
/// special tokens, then to the 256 bytes in the order of their spelling, then in the order of
/// learning. These are the rules of `BpeTrainer` in Hugging Face's tokenizers 0.23, but that no
/// pair becomes a special token.
///
/// For one thread. A pass over the texts keeps one copy of each word.
public final class BytePairTrainer {
  private final BytePairSettings settings;
  private final Map<String, long[]> counts = new HashMap<>();
  private final List<String> tokens = new ArrayList<>();
  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private final List<Merge> merges = new ArrayList<>();
  private long documents;
  private long words;

  public BytePairTrainer(BytePairSettings settings) {
    this.settings = settings;
  }

  /// Learns from some texts at once.
  public static BytePairVocabulary train(Iterable<String> texts, BytePairSettings settings) {
    BytePairTrainer trainer = new BytePairTrainer(settings);
    texts.forEach(trainer::add);
    return trainer.train();
  }

  /// Counts the words of one more text.
  public void add(String text) {
    documents++;
    ByteLevelWords.cut(text, this::count);
  }

  private void count(String word) {
    words++;
    counts.computeIfAbsent(word, w -> new long[1])[0]++;
  }

  /// The number of texts counted.
  public long documents() {
    return documents;
  }

  /// The number of words counted.
  public long words() {
    return words;
  }

  /// Learns the vocabulary from all that was counted; it is smaller than wanted where no pair
  /// occurs often enough any more.
  public BytePairVocabulary train() {
    tokens.clear();
    ids.clear();
    merges.clear();
    settings.specialTokens().forEach(this::token);
    int[] byteIds = new int[ByteAlphabet.SIZE];
    IntStream.range(0, ByteAlphabet.SIZE)
        .boxed()
        .sorted(Comparator.comparing(ByteAlphabet::spelling))
        .forEach(rank -> byteIds[rank] = token(ByteAlphabet.spelling(rank)));
    new Learning(byteIds).run();
    return new BytePairVocabulary(settings, tokens, ids, merges);
  }

  private int token(String spelling) {
    Integer known = ids.putIfAbsent(spelling, tokens.size());
    if (known == null) {
      tokens.add(spelling);
    }
    return known == null ? tokens.size() - 1 : known;
  }

  /// Two neighbouring tokens: how often they occur, and in which words (some of them no longer).
  private static final class Pair {
    private final int left;
    private final int right;
    private long count;
    private int[] words = new int[2];
    private int wordCount;

    Pair(int left, int right) {
      this.left = left;
      this.right = right;
    }

    void in(int word) {
      if (wordCount > 0 && words[wordCount - 1] == word) {
        return;
      }
      if (wordCount == words.length) {
        words = Arrays.copyOf(words, 2 * wordCount);
      }
      words[wordCount++] = word;
    }

    int[] takeWords() {
      int[] taken = Arrays.copyOf(words, wordCount);
      words = new int[2];
      wordCount = 0;
      return taken;
    }
  }

  /// What a pair's count was when it was queued; a wrong one is put right when its turn comes.
  private record Queued(long count, Pair pair) {}

  private static final Comparator<Queued> MOST_FIRST =
      Comparator.comparingLong(Queued::count)
          .reversed()
          .thenComparingInt(queued -> queued.pair().left)
          .thenComparingInt(queued -> queued.pair().right);

  /// One training: every different word as token ids, and the pairs in them.
  private final class Learning {
    private final List<int[]> spelled = new ArrayList<>();
    private final long[] weights;
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Queued> queue = new PriorityQueue<>(MOST_FIRST);
    private final Set<Pair> touched = new HashSet<>();
    private final Set<String> forbidden = new HashSet<>(settings.specialTokens());

    Learning(int[] byteIds) {
      weights = new long[counts.size()];
      counts.forEach(
          (word, count) -> {
            weights[spelled.size()] = count[0];
            byte[] bytes = TextRepair.replaceLoneSurrogates(word).getBytes(StandardCharsets.UTF_8);
            int[] spelling = new int[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
              spelling[i] = byteIds[ByteAlphabet.rank(bytes[i])];
            }
            spelled.add(spelling);
          });
    }

    void run() {
      for (int word = 0; word < spelled.size(); word++) {
        int[] spelling = spelled.get(word);
        for (int i = 0; i + 1 < spelling.length; i++) {
          change(spelling[i], spelling[i + 1], word, weights[word]);
        }
      }
      queueTouched();
      while (tokens.size() < settings.vocabulary()) {
        Queued most = queue.poll();
        if (most == null) {
          break;
        }
        Pair pair = most.pair();
        if (most.count() != pair.count) {
          enqueue(pair);
        } else if (!forbidden.contains(tokens.get(pair.left) + tokens.get(pair.right))) {
          merge(pair);
        }
      }
    }

    private void enqueue(Pair pair) {
      if (pair.count >= settings.minimumCount()) {
        queue.add(new Queued(pair.count, pair));
      }
    }

    private void merge(Pair pair) {
      String left = tokens.get(pair.left);
      String right = tokens.get(pair.right);
      int id = token(left + right);
      merges.add(new Merge(left, right));
      for (int word : pair.takeWords()) {
        merge(pair, id, word);
      }
      queueTouched();
    }

    /// Replaces the pair in one word from the left, and keeps the counts of its neighbours right.
    private void merge(Pair pair, int id, int word) {
      int[] old = spelled.get(word);
      int[] spelling = new int[old.length];
      int length = 0;
      for (int i = 0; i < old.length; i++) {
        boolean here = i + 1 < old.length && old[i] == pair.left && old[i + 1] == pair.right;
        spelling[length++] = here ? id : old[i];
        i += here ? 1 : 0;
      }
      if (length == old.length) {
        return;
      }
      spelling = Arrays.copyOf(spelling, length);
      spelled.set(word, spelling);
      for (int i = 0; i + 1 < old.length; i++) {
        change(old[i], old[i + 1], word, -weights[word]);
      }
      for (int i = 0; i + 1 < length; i++) {
        change(spelling[i], spelling[i + 1], word, weights[word]);
      }
    }

    private void change(int left, int right, int word, long by) {
      Pair pair = pairs.computeIfAbsent(key(left, right), key -> new Pair(left, right));
      pair.count += by;
      if (by > 0) {
        pair.in(word);
        touched.add(pair);
      }
    }

    private void queueTouched() {
      touched.forEach(this::enqueue);
      touched.clear();
    }

    private static long key(int left, int right) {
      return (long) left << Integer.SIZE | right;
    }
  }
}
