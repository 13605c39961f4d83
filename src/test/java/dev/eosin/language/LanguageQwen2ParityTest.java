package dev.eosin.language;

class LanguageQwen2ParityTest extends DecoderParity {
  LanguageQwen2ParityTest() {
    super("language-qwen2");
  }
}
