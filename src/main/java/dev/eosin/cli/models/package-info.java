/// Commands on stored models: inspect, convert, merge, export, score, search, generate, chat,
/// serve, fetch.
///
/// Ring 8, below `cli`. Start reading at [ConvertCommand].
@NullMarked
package dev.eosin.cli.models;

import org.jspecify.annotations.NullMarked;
