package dev.eosin.instruct;

/// A question with its answer.
record Instruction(Way way, String question, String answer) {}
