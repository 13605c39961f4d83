package dev.eosin.clip;

class OpenclipQuickgeluParityTest extends OpenClipParity {
  OpenclipQuickgeluParityTest() {
    super("openclip-quickgelu");
  }
}
