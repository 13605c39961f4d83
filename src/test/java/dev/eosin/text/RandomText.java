package dev.eosin.text;

import java.util.random.RandomGenerator;

/// Texts that nobody would think of: letters of all scripts, blanks of all kinds, marks, emoji,
/// bytes that mean something to tokenizers.
final class RandomText {
  private static final String[] ODD = {
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\u200d",
    "\u0301",
    "e\u0301",
    "é",
    "ﬁ",
    "①",
    "½",
    "٣",
    "癌",
    "가",
    "🔬",
    "👩\u200d⚕️",
    "\u2581",
    "</s>",
    "<s>",
    "<unk>",
    "<pad>",
    "<0x0A>",
    "'s",
    "'ll",
    "'",
    "gland",
    " tumor",
    "12",
    "3+4=7",
    "…",
    "\0",
    "\uFFFD",
    "Ġ",
    "\u2028"
  };

  private RandomText() {}

  /// @param most the number of parts at most
  static String of(RandomGenerator random, int most) {
    StringBuilder text = new StringBuilder();
    for (int parts = random.nextInt(most + 1); parts > 0; parts--) {
      switch (random.nextInt(4)) {
        case 0 -> text.append((char) random.nextInt(' ', '\u007f'));
        case 1 -> text.append((char) random.nextInt('\u00a0', '\u0530'));
        case 2 -> text.appendCodePoint(random.nextInt(0x1F300, 0x1F650));
        default -> text.append(ODD[random.nextInt(ODD.length)]);
      }
    }
    return text.toString();
  }
}
