/// Models that see images and speak, in LLaVA's manner: an image tower, what carries its features
/// over, and a decoder that reads them among its tokens.
///
/// Ring 4: may use `language`, `tower`, `train` and what lies below. Start reading at
/// [VisionLanguage].
@NullMarked
package dev.eosin.vllm;

import org.jspecify.annotations.NullMarked;
