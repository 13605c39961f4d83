package dev.eosin.random;

/// The root of all randomness of a run. Every draw is a pure function of (seed, purpose, epoch,
/// position), never of threads, ranks, micro-batch size or wall clock, so a resumed or
/// re-distributed run sees the same numbers.
///
/// @param seed the recipe's `seed`
public record RandomKey(long seed) {
  /// What a draw is for. The number is part of the checkpoint contract: append, never renumber.
  public enum Purpose {
    INITIALISATION(1),
    SAMPLE_ORDER(2),
    AUGMENTATION(3),
    CAPTION_CHOICE(4),
    REFILL(5),
    SYNTHETIC_TILE(6),
    SYNTHETIC_CAPTION(7),
    PATCH_DROPOUT(8),
    BOOTSTRAP(9),
    CAPTION_TEMPLATE(10),
    SENTENCE_SAMPLING(11),
    VALIDATION_SPLIT(12),
    ADAPTER_DROPOUT(13),
    TEXT_DROPOUT(14),
    VALIDATION_ORDER(15),
    PREPARATION(16),
    FACTS(17),
    FACT_TILE(18),
    FACT_CAPTION(19),
    FACT_QUESTION(20),
    FACT_CONVERSATION(21),
    OTHER_IMAGE(22),
    TOKEN_SAMPLING(23),
    HARD_NEGATIVE(24),
    QFORMER_DROPOUT(25),
    CAPTION_DEGRADING(26),
    FEW_SHOTS(27),
    PROBE_ORDER(28),
    RANDOM_FEATURES(29),
    EMBEDDING_MAP(30),
    FINE_TUNING(31);

    private final long number;

    Purpose(long number) {
      this.number = number;
    }
  }

  /// A fresh stream for one draw.
  ///
  /// @param epoch pass over the data, or 0 where that has no meaning
  /// @param position global sample position, parameter index or the like
  public RandomStream stream(Purpose purpose, long epoch, long position) {
    long state = RandomStream.mix(seed + 0x9E3779B97F4A7C15L);
    state = RandomStream.mix(state ^ (purpose.number * 0xD1B54A32D192ED03L));
    state = RandomStream.mix(state ^ (epoch * 0xABC98388FB8FAC03L + 0x632BE59BD9B4E019L));
    state = RandomStream.mix(state ^ (position * 0x8CB92BA72F3D8DD7L + 0x2545F4914F6CDD1DL));
    return new RandomStream(state);
  }
}
