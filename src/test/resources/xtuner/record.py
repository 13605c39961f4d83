# Writes two checkpoints as xtuner 0.2 does: names and wrappers, with numbers that tell their place.
from collections import OrderedDict
import torch

count = 0
def numbers(*shape):
    global count
    size = 1
    for each in shape: size *= each
    values = (torch.arange(count, count + size) % 509).float().reshape(shape) / 512
    count += size
    return values

state = OrderedDict()
for layer in range(2):
    prefix = f"llm.base_model.model.model.layers.{layer}.self_attn.q_proj."
    state[prefix + "lora_A.default.weight"] = numbers(2, 32)
    state[prefix + "lora_B.default.weight"] = numbers(32, 2)
for module in (0, 2):
    state[f"projector.model.{module}.weight"] = numbers(32, 32)
    state[f"projector.model.{module}.bias"] = numbers(32)
torch.save({"meta": {"iter": 2}, "state_dict": state, "message_hub": {"log": 1}}, "iter_2.pth")
half = OrderedDict((name, value.half()) for name, value in state.items())
shapes = [OrderedDict((name, value.shape) for name, value in half.items())]
torch.save({"module": half, "buffer_names": [], "optimizer": None, "param_shapes": shapes,
            "lr_scheduler": None, "ds_config": {"train_micro_batch_size_per_gpu": 1},
            "ds_version": "0.12.6", "global_steps": 2}, "deepspeed.pth/mp_rank_00_model_states.pt")
