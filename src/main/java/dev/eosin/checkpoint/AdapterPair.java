package dev.eosin.checkpoint;

/// Eosin's names of a low-rank adapter and of the weight that it adapts.
///
/// @param weight W [out,in]
/// @param down A [r,in]
/// @param up B [out,r]
public record AdapterPair(String weight, String down, String up) {}
