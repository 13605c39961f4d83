package dev.eosin.instruct;

/// A pair that is left out.
///
/// @param reason one of [PairRules#REASONS]
/// @param detail what was found, for people
/// @param question as it came; empty where there is none
/// @param answer as it came; empty where there is none
record LeftOut(Way way, String reason, String detail, String question, String answer) {
  static LeftOut of(Instruction pair, String reason, String detail) {
    return new LeftOut(pair.way(), reason, detail, pair.question(), pair.answer());
  }
}
