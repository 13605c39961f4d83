package dev.eosin.clip;

class HfClipPlipParityTest extends HuggingFaceClipParity {
  HfClipPlipParityTest() {
    super("hf-clip-plip");
  }
}
