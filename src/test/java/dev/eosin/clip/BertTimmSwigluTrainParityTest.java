package dev.eosin.clip;

class BertTimmSwigluTrainParityTest extends OpenClipTrainParity {
  BertTimmSwigluTrainParityTest() {
    super("bert-timm-swiglu");
  }
}
