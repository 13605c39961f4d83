package dev.eosin.clip;

class OpenclipTrainGeluParityTest extends OpenClipTrainParity {
  OpenclipTrainGeluParityTest() {
    super("openclip-train-gelu");
  }
}
