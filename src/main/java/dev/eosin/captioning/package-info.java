/// What language models are asked over rows for the sake of training: captions of images, shorter
/// captions, what to look for in slides, findings of reports.
///
/// Ring 4: may use rings 0 to 3, and `caption`. Start reading at `CaptionTask` (what is asked),
/// then `Captioning` (a row, asked until its answer is of use), `AnswerReader` (what is of use) and
/// `CaptioningAssembly` (what is written).
@NullMarked
package dev.eosin.captioning;

import org.jspecify.annotations.NullMarked;
