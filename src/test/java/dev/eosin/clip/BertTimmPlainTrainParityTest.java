package dev.eosin.clip;

class BertTimmPlainTrainParityTest extends OpenClipTrainParity {
  BertTimmPlainTrainParityTest() {
    super("bert-timm-plain");
  }
}
