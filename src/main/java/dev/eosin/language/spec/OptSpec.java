package dev.eosin.language.spec;

/// OPT with its norms before attention and MLP; the head is the token table.
///
/// @param vocabulary entries of the token table
/// @param width hidden size c
/// @param layers number of blocks
/// @param heads a divisor of the hidden size
/// @param mlpWidth hidden size of the MLP
/// @param context the most tokens that there are learned positions for
public record OptSpec(int vocabulary, int width, int layers, int heads, int mlpWidth, int context)
    implements LanguageSpec {
  /// @throws IllegalArgumentException when no model has these sizes
  public OptSpec {
    if (vocabulary < 1 || width < 1 || layers < 1 || mlpWidth < 1 || context < 1) {
      throw new IllegalArgumentException("every size of a decoder is at least 1");
    }
    if (heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "%d heads cannot share a hidden size of %d evenly".formatted(heads, width));
    }
  }

  public int headWidth() {
    return width / heads;
  }

  @Override
  public OptSpec withVocabulary(int entries) {
    return new OptSpec(entries, width, layers, heads, mlpWidth, context);
  }
}
