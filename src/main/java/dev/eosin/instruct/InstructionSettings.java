package dev.eosin.instruct;

import dev.eosin.config.Doc;

/// What instructions are made of; the key `type` chooses.
@Doc("What instructions are made of.")
public sealed interface InstructionSettings permits CaptionInstructionSettings, FewShotSettings {}
