/// The `eosin` command: its start, and the commands that run on several ranks.
///
/// Ring 8: may use every other package, and no other package may use this one. Only here and in its
/// sub-packages may code write to the console or end the process. Start reading at [Main] and
/// [Subcommands]; the shell launcher `eosin` at the repository's root starts it.
@NullMarked
package dev.eosin.cli;

import org.jspecify.annotations.NullMarked;
