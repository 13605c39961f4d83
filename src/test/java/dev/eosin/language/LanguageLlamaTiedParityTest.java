package dev.eosin.language;

class LanguageLlamaTiedParityTest extends DecoderParity {
  LanguageLlamaTiedParityTest() {
    super("language-llama-tied");
  }
}
