package dev.eosin.language.generation;

import java.util.List;

/// Scores of the next token as a fixed function of all ids before it: what
/// `scripts/record-generation.py` gave to transformers. Exact in fp32.
record ToyScores(int vocabulary) {
  private static final long RANGE = 1L << 31;

  float[] after(List<Integer> ids) {
    long state = 17;
    for (int id : ids) {
      state = (state * 31 + id + 1) % (RANGE - 1);
    }
    float[] scores = new float[vocabulary];
    for (int token = 0; token < vocabulary; token++) {
      long z = (state * 1103515245L + token * 12820163L + 12345) % RANGE;
      z = (z ^ (z >> 13)) * 1274126177L % RANGE;
      scores[token] = (float) ((z % 16777216) / 16777216.0 * 6 - 3);
    }
    return scores;
  }
}
