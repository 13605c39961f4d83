/// The `eosin` command: picocli commands, error reports and exit codes, nothing else.
///
/// Ring 7: may use every other package, and no other package may use this one. Only here may code
/// write to the console or end the process. Start reading at `Main`; the shell launcher `eosin` at
/// the repository's root starts it.
@NullMarked
package dev.eosin.cli;

import org.jspecify.annotations.NullMarked;
