package dev.eosin.language;

class LanguageLlamaParityTest extends DecoderParity {
  LanguageLlamaParityTest() {
    super("language-llama");
  }
}
