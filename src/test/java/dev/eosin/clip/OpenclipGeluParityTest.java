package dev.eosin.clip;

class OpenclipGeluParityTest extends OpenClipParity {
  OpenclipGeluParityTest() {
    super("openclip-gelu");
  }
}
