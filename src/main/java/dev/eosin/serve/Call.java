package dev.eosin.serve;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// A request that was let through.
///
/// @param rest of its path, behind what the endpoint is known by
/// @param body an empty object where it has none
/// @param deadline of its answer
record Call(String rest, ObjectNode body, Deadline deadline) {}
