package dev.eosin.onnx;

/// A value of a graph: what an operator gives, a weight, an input.
///
/// @param name unlike every other's in its graph
public record GraphValue(String name, ElementType type) {}
