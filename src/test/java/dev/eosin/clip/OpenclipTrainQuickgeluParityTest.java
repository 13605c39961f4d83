package dev.eosin.clip;

class OpenclipTrainQuickgeluParityTest extends OpenClipTrainParity {
  OpenclipTrainQuickgeluParityTest() {
    super("openclip-train-quickgelu");
  }
}
