/// The server: models of this process, or graphs of a bundle, asked over HTTP by programs and by
/// people in a browser. Requests of many clients go through a model together. What a client sends
/// is limited before it is read, and decoded only then; no answer names a path of this machine.
///
/// Ring 5, beside `export`: may use rings 0 to 4. `run` opens models and indexes and hands them in.
/// Start reading at [Server], then [Gate] (what every request goes through), [Batcher] (how
/// requests share a model) and the endpoints.
@NullMarked
package dev.eosin.serve;

import org.jspecify.annotations.NullMarked;
