package dev.eosin.api;

/// Something that was found.
///
/// @param index its place among what was searched
/// @param cosine with the query, in -1 to 1
public record Hit(int index, double cosine) {}
