/// What every command has in common: exit codes, error reports, colours, the end by signals, the
/// arguments that many take.
///
/// Ring 8, below the other packages of cli. Start reading at [ExitCode] and [ErrorReport].
@NullMarked
package dev.eosin.cli.terminal;

import org.jspecify.annotations.NullMarked;
