package dev.eosin.text;

import java.util.OptionalInt;

/// The ids of the tokens that a tokenizer's files give a meaning; those that are not named are
/// empty.
///
/// @param bos begin of text
/// @param eos end of text
/// @param pad what shorter rows are filled with
/// @param unk what stands for text that no token spells
public record SpecialTokens(OptionalInt bos, OptionalInt eos, OptionalInt pad, OptionalInt unk) {}
