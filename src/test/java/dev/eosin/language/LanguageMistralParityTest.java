package dev.eosin.language;

class LanguageMistralParityTest extends DecoderParity {
  LanguageMistralParityTest() {
    super("language-mistral");
  }
}
