package dev.eosin.text;

import java.util.ArrayList;
import java.util.List;

/// The vocabulary of OpenAI's CLIP, 49,408 tokens, as open_clip ships it.
///
/// Ids 0 to 255 are the single bytes in the order of [ByteAlphabet], 256 to 511 the same bytes at
/// the end of a word (`</w>`), then one id per merge in the order they were learned, then start and
/// end of text. A token is spelled in the byte alphabet, as in `merges.txt` of Hugging Face.
///
/// Source: Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
/// Supervision"; the file is open_clip's `bpe_simple_vocab_16e6.txt.gz`, cut to the merges in use.
public final class ClipVocabulary {
  /// Ends a word's last token.
  public static final String END_OF_WORD = "</w>";

  private static final String MERGES = "clip-bpe-merges.txt.gz";
  private static final int MERGE_COUNT = 48_894;

  private final List<String> merges;
  private final List<String> tokens;

  private ClipVocabulary(List<String> merges) {
    this.merges = List.copyOf(merges);
    List<String> all = new ArrayList<>(ByteAlphabet.SIZE * 2 + merges.size() + 2);
    for (int rank = 0; rank < ByteAlphabet.SIZE; rank++) {
      all.add(ByteAlphabet.spelling(rank));
    }
    for (int rank = 0; rank < ByteAlphabet.SIZE; rank++) {
      all.add(ByteAlphabet.spelling(rank) + END_OF_WORD);
    }
    for (String merge : merges) {
      all.add(merge.replace(" ", ""));
    }
    all.add("<start_of_text>");
    all.add("<end_of_text>");
    tokens = List.copyOf(all);
  }

  /// Reads the vocabulary that ships with Eosin.
  public static ClipVocabulary load() {
    List<String> merges = TextResource.lines(MERGES);
    if (merges.size() != MERGE_COUNT) {
      throw new IllegalStateException(
          "the resource %s holds %d merges, expected %d"
              .formatted(MERGES, merges.size(), MERGE_COUNT));
    }
    return new ClipVocabulary(merges);
  }

  /// The merges in the order they apply, each as `left right`.
  public List<String> merges() {
    return merges;
  }

  /// Every token's spelling, in the order of the ids.
  public List<String> tokens() {
    return tokens;
  }

  public int size() {
    return tokens.size();
  }

  public int startOfText() {
    return tokens.size() - 2;
  }

  public int endOfText() {
    return tokens.size() - 1;
  }
}
