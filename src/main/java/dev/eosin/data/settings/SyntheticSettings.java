package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Pixels;
import dev.eosin.config.Range;
import java.util.Locale;

/// `type: synthetic`: tiles drawn by Eosin itself, for trying things out without data.
@Doc("Drawn H&E-like tiles with captions: no data needed.")
public record SyntheticSettings(
    @Doc("How many different tiles, or conversations.") @Range(min = 1) long samples,
    @Doc("Tiles of the two splits never coincide.") @OrElse("train") Split split,
    @Doc("Width and height of a tile.") @OrElse("224 px") Pixels tile,
    @Doc("Chooses the tiles; independent of the run's seed.") @OrElse("0") long seed,
    @Doc(
            "natural: nine tissues that vary as slides do. independent: tissue, density, stain,"
                + " calcification and its quadrant are drawn uniformly and independently of each"
                + " other, so that no answer follows from another or from a question. Flipped or"
                + " turned, such a tile shows another quadrant.")
        @OrElse("natural")
        FactDrawing facts,
    @Doc(
            "What is said, with facts: independent. captions: every fact, in several words and"
                + " orders. questions: each sample is one question; of every tile and fact one that"
                + " is answered with yes, one with no and an open one. conversations: facts told in"
                + " words and six questions about them, without a picture. dialogues: a tile with"
                + " all questions about it as one conversation. findings: captions of every fact"
                + " that has a value, a calcification with its quadrant last, and not mentioned"
                + " where there is none: with it left out or put in, a caption might be another"
                + " tile's.")
        @OrElse("captions")
        Says says)
    implements SourceSettings {
  /// More tiles than anyone asks about: where their questions begin is held in memory.
  private static final long MOST_ASKED = 10_000_000;

  /// The two sides of a data set.
  public enum Split {
    TRAIN,
    VALIDATION
  }

  /// What tiles have in common and what not.
  public enum FactDrawing {
    NATURAL,
    INDEPENDENT
  }

  /// What is said about tiles.
  public enum Says {
    CAPTIONS,
    QUESTIONS,
    CONVERSATIONS,
    DIALOGUES,
    FINDINGS
  }

  /// @throws IllegalArgumentException for questions about natural tiles, or too many of them
  public SyntheticSettings {
    if (facts == FactDrawing.NATURAL && says != Says.CAPTIONS) {
      throw new IllegalArgumentException(
          "says: '%s' needs to know what is drawn; write facts: independent beside it"
              .formatted(says.name().toLowerCase(Locale.ROOT)));
    }
    if (says == Says.QUESTIONS && samples > MOST_ASKED) {
      throw new IllegalArgumentException(
          "samples: questions are asked about at most %,d tiles, found %,d"
              .formatted(MOST_ASKED, samples));
    }
  }

  /// Natural tiles with captions.
  public SyntheticSettings(long samples, Split split, Pixels tile, long seed) {
    this(samples, split, tile, seed, FactDrawing.NATURAL, Says.CAPTIONS);
  }

  /// The random series of the split.
  public long series() {
    return switch (split) {
      case TRAIN -> 0;
      case VALIDATION -> 1;
    };
  }

  /// What messages call a tile.
  public String key(long tile) {
    return "synthetic/%s/%d".formatted(split.name().toLowerCase(Locale.ROOT), tile);
  }
}
