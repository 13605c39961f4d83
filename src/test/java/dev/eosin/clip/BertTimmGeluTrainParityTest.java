package dev.eosin.clip;

class BertTimmGeluTrainParityTest extends OpenClipTrainParity {
  BertTimmGeluTrainParityTest() {
    super("bert-timm-gelu");
  }
}
