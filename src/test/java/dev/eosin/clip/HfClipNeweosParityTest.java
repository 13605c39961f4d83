package dev.eosin.clip;

class HfClipNeweosParityTest extends HuggingFaceClipParity {
  HfClipNeweosParityTest() {
    super("hf-clip-neweos");
  }
}
