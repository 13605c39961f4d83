package dev.eosin.index;

/// What is nearest to each of q queries, nearest first; of equals the first row comes first.
///
/// @param rows [q,k], k at most as many as there are
/// @param cosines [q,k]
public record Neighbours(int[][] rows, float[][] cosines) {}
