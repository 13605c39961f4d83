/// What a run asks of any kind of training, and what every recipe of a training says. Open
/// interfaces: a family's recipe implements them, and so can a test.
///
/// Ring 3, after `train`: may use rings 0 to 2 and `train`. Start reading at `Experiment`.
@NullMarked
package dev.eosin.experiment;

import org.jspecify.annotations.NullMarked;
