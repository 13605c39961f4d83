/// What evaluations found of each sample: the scores behind the figures, on disk, so that pages can
/// draw curves and two evaluations can be compared on the same resamples. Uses `eval.probes`. Start
/// reading at [dev.eosin.eval.samples.SampleResults].
@NullMarked
package dev.eosin.eval.samples;

import org.jspecify.annotations.NullMarked;
