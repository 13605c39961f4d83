"""Arguments of every kernel of src/main/torchscript, for check-cuda-kernels.py."""

import torch

B, N, C, H, M = 2, 10, 64, 4, 6


class Examples:
    """Arguments of every kernel, the same for each device and type."""

    def __init__(self, device, dtype):
        self.device, self.dtype = device, dtype
        self.random = None if device == "fake" else torch.Generator().manual_seed(0)

    def _on(self, make, dtype):
        if self.random is None:
            return torch.zeros(make.shape, device="cuda:0", dtype=dtype)
        return make(self.random).to(self.device, dtype)

    def t(self, *shape):
        """Activations and weights, in the type that is tried."""
        return self._on(Drawn(shape, 0.3), self.dtype)

    def w(self, rows, columns):
        """A matrix whose products stay in range."""
        return self._on(Drawn((rows, columns), columns ** -0.5), self.dtype)

    def ones(self, *shape):
        return self._on(Drawn(shape, 0.1, 1.0), self.dtype)

    def f(self, *shape):
        """fp32 whatever the type is."""
        return self._on(Drawn(shape, 0.3), torch.float32)

    def positive(self, *shape):
        return self._on(Drawn(shape, 0.0, 0.5), torch.float32)

    def ids(self, high, *shape):
        return self._on(Whole(shape, high), torch.int64)

    def whole(self, values):
        return self._on(Given(values), torch.int64)

    def bits(self, *shape):
        return self._on(Whole(shape, 256), torch.uint8)

    def true(self, *shape):
        return self._on(Given(torch.ones(shape)), torch.bool)

    def none(self):
        return self._on(Given(torch.zeros(0)), self.dtype)

    def unit(self, *shape):
        x = self.f(*shape)
        return x / x.norm(dim=-1, keepdim=True).clamp_min(1e-6)

    def table(self):
        t, w, f, ids, whole, ones, none = self.t, self.w, self.f, self.ids, self.whole, self.ones, self.none
        eps = 1e-5

        def linear(rows, columns):
            return [w(rows, columns), t(rows)]

        def norm(c=C):
            return [ones(c), t(c)]

        def block():
            return norm() + linear(3 * C, C) + linear(C, C) + norm() + linear(4 * C, C) + linear(C, 4 * C)

        def pairs(r=4):
            return [q for rows, columns in [(3 * C, C), (C, C), (4 * C, C), (C, 4 * C)] for q in (w(r, columns), w(rows, r))]

        def bert():
            return linear(3 * C, C) + linear(C, C) + norm()

        def layer():
            return bert() + linear(C, C) + linear(C, C) + norm() + 2 * (linear(4 * C, C) + linear(C, 4 * C) + norm())

        x = t(B, N, C)
        mask = self.true(B, 1, 1, N)
        seeds = ids(1 << 40, B, 6)
        packed = self.bits(B, N, C * 7 // 8)
        llama = [ones(C), w(C, C), w(C // 2, C), w(C // 2, C), w(C, C), ones(C), w(2 * C, C), w(2 * C, C), w(C, 2 * C)]
        turn = [f(1, N, 1, C // H), f(1, N, 1, C // H)]
        seven, six, none_of = [0] * 7, [0] * 6, [0.0] * 7
        kinds, factors = [1] * 7, [0.5] * 7
        beside = [q for m in llama if m.dim() == 2 for q in (w(4, m.shape[1]), w(m.shape[0], 4))]
        opt = norm() + [w(C, C) for _ in range(4)] + norm() + [w(4 * C, C), w(C, 4 * C)] + [t(C) for _ in range(4)] + [t(4 * C), t(C)]
        memory = [t(B, H // 2, 16, C // H) for _ in range(2)]
        opt_memory = [t(B, H, 16, C // H) for _ in range(2)]
        t5 = [ones(C)] + [w(C, C) for _ in range(4)] + [ones(C)] + [w(C, C) for _ in range(4)] + [ones(C), w(2 * C, C), w(2 * C, C), w(C, 2 * C)]
        classes = whole([0, 1, 0, 3, 4, 4])
        features, others = self.unit(6, 8), self.unit(6, 8)
        scale, bias, temperature = f() * 0 + 2.0, f(), f() * 0 + 0.07
        vocabulary, rows = w(50, C), t(7, C)
        probe = [f(3, C), f(12, 3 * C), f(12), f(5, 12), f(5)]
        mil = [f(12, C), f(12), f(6, 12), f(6), f(6, 12), f(6), f(1, 6), f(1), f(3, 12), f(3)]
        eva = linear(12, C) + linear(12, 12) + linear(12, 12) + linear(1, 12) + linear(12, 12) + linear(6, 12) + linear(3, 6)
        trident = linear(C, C) + linear(6, C) + linear(1, 6) + linear(C, C) + linear(3, C)
        seven_ids, chosen = ids(50, 7), whole([3, 9])
        scores = f(3, 50)
        similarities = [f(6, 9), f(6, 9)]
        connector = (linear(3 * C, C) + linear(C, C) + norm() + linear(C, C) + linear(2 * C, C) + linear(C, C) + norm()
                     + linear(4 * C, C) + linear(C, 4 * C) + norm())
        words = [w(50, C), t(50)]
        integers = self._on(Whole((8, C), 127), torch.int8)
        g, v2 = [f(5, 3), f(3)], [self.positive(5, 3), self.positive(3)]
        masters = [f(5, 3), f(3)]
        moments = [f(5, 3), f(3)]
        # node: what autograd or an own backward differentiates; call: the others
        return [
            ("node", "block", [x], block(), [[], H, True, True, False, 1.0, eps]),
            ("node", "block", [x], block() + [t(C), t(C)], [[], H, False, False, False, 1.0, eps]),
            ("node", "block", [x, self.true(1, 1, N, N)], block(), [[], H, False, False, True, 1.0, eps]),
            ("node", "block_adapted", [x, packed], block() + pairs(), [12, True, H, False, True, 0.5, eps]),
            ("node", "block_pooled", [x, ids(N, B)], block(), [[], H, True, True, 1.0, eps]),
            ("node", "block_pooled_adapted", [x, ids(N, B), packed], block() + pairs(), [12, True, H, True, True, 0.5, eps]),
            ("node", "block_post", [x, mask, seeds], block(), [[], H, False, 1, 0.1, 0.1, 1.0, 1e-12]),
            ("own", "block_pooled_lean", [x, ids(N, B)], block(), [H, True, True, eps]),
            ("own", "block_post_lean", [x, mask, seeds], block(), [H, 1, 0.1, 0.1, 1e-12]),
            ("node", "block_post_adapted", [x, mask, seeds, packed], block() + pairs(), [12, True, H, True, 1, 0.1, 0.0, 0.5, 1e-12]),
            ("node", "block_forward", [x], block(), [H, True, True, eps]),
            ("own", "block_lean", [x], block(), [H, True, True, eps]),
            ("own", "block_lean_adapted", [x, packed], block() + pairs(), [12, True, H, False, True, 0.5, eps]),
            ("call", "bits_left_out", [whole([5, -7]), [3, 3], 8, 0.25, False]),
            ("call", "product", [f(6, C), w(C, C), f(C)]),
            ("call", "product_input", [f(6, 4), w(4, C)]),
            ("call", "product_weight", [f(6, 4), f(6, C)]),
            ("call", "merged", [w(C, C), w(4, C), w(C, 4), 0.5]),
            ("node", "embed_image", [t(B, 3, 8, 8)], [t(C, 3, 4, 4), t(C), t(5, C)] + norm(), []),
            ("node", "embed_text", [ids(50, B, N)], [t(50, C), t(N, C)], []),
            ("node", "tokens_at", [x, ids(N, B, 3)], [], []),
            ("node", "norm", [x], norm(), []),
            ("node", "head", [x, ids(N, B)], norm() + [w(C, 8)], []),
            ("node", "projection", [x, ids(N, B)], norm() + [w(C, 8)], []),
            ("call", "largest_position", [ids(50, B, N)]),
            ("call", "first_position", [ids(50, B, N), 3]),
            ("call", "normalise", [self.bits(B, 3, 8, 8), f(3, 1, 1), self.positive(3, 1, 1), 6]),
            ("node", "embed_timm", [t(B, 3, 8, 8)], [t(C, 3, 4, 4), t(C), t(1, 1, C), t(1, 4, C), t(1, 2, C)], []),
            ("node", "head_timm", [x], norm() + [w(8, C)], [1, True, eps]),
            ("node", "projection_timm", [x], norm() + [w(8, C)], [1, True, eps]),
            ("node", "embed_bert", [ids(50, B, N), seeds], [t(50, C), t(N, C), t(2, C)] + norm(), [0.1, 1e-12]),
            ("node", "head_bert", [x, mask], linear(C, C) + [w(8, C)], [True, True]),
            ("call", "not_padding", [ids(3, B, N), 0]),
            ("node", "contrastive", [features, others], [scale], [0.1]),
            ("own", "contrastive_rows", [features, others, classes, self.unit(6, 8), self.unit(6, 8)], [scale], [0.1, 0.5, 4, True]),
            ("node", "siglip", [features, others], [scale, bias], []),
            ("own", "siglip_rows", [features, others, classes], [scale, bias], [4]),
            ("call", "log_sums_of_rank", [[f(3, 8), f(3, 8), features, others], scale, 2]),
            ("call", "contrastive_of_rank", [[f(3, 8), f(3, 8), features, others], [scale], self.unit(6, 2), 0.1, 0.0, 0.5, 1, 2]),
            ("call", "contrastive_of_rank", [[f(3, 8), f(3, 8), features, others, classes, f(3, 8), f(3, 8), features, others, scale, self.unit(6, 2)], [scale], self.unit(6, 2), 0.1, 0.5, 0.5, 1, 2]),
            ("call", "siglip_of_rank", [[f(3, 8), f(3, 8), features, others], [scale, bias], 0.5, 1, 2]),
            ("call", "siglip_of_rank", [[f(3, 8), f(3, 8), features, others, classes], [scale, bias], 0.5, 1, 2]),
            ("call", "block_of", [features, 1, 4]),
            ("call", "times_exp", [features, scale]),
            ("call", "retrieval_ranks", [features, others, classes, classes, 4]),
            ("call", "retrieval_ranks_of_sets", [features, others, whole([0, 1, 2]), whole([0, 1, 2]), 2, 2, 2]),
            ("call", "nearest", [features, others, 3, self.unit(6, 2), ids(3, 6, 2), 3]),
            ("call", "write_rows", [f(6, 8), 2, f(3, 8)]),
            ("node", "albef_similarities", [features, others], [temperature], []),
            ("call", "albef_targets", [features, others, temperature, 0, 0.4]),
            ("node", "soft_cross_entropy", [f(6, 9), self.positive(6, 9)], [], [6.0]),
            ("node", "alignment_features", [x], linear(8, C), [False]),
            ("node", "alignment_similarities", [self.unit(3, 4, 8), self.unit(3, 8), self.unit(6, 4, 8), self.unit(6, 8)], [temperature], []),
            ("node", "alignment_contrast", similarities, [], [1, 0.1, 6.0]),
            ("call", "alignment_shares", [similarities[0], 1]),
            ("node", "alignment_match", [x], linear(2, C), [4]),
            ("node", "alignment_stacked", [x, x], [], []),
            ("node", "summed_cross_entropy", [f(7, 50), seven_ids], [], [0.1, 7.0]),
            ("node", "alignment_transformed", [rows], linear(C, C) + norm(), [1e-12]),
            ("node", "alignment_words", [rows], linear(C, C) + norm() + words, [1e-12]),
            ("own", "alignment_word_loss", [rows, seven_ids], words, [3, 0.1, 7.0, True]),
            ("call", "mil_parts", [f(9, C), mil]),
            ("node", "mil", [f(9, C), whole([2])], mil, []),
            ("call", "mil_eva_logits", [f(9, C), eva]),
            ("node", "mil_eva", [f(9, C), whole([4, 9]), whole([2, 0])], eva, []),
            ("call", "mil_trident_logits", [f(9, C), [], trident]),
            ("node", "mil_trident", [f(9, C), whole([2]), whole([7])], trident, []),
            ("node", "mil_trident_survival", [f(9, C), whole([1, 1]), whole([7])], trident, []),
            ("node", "probe", [x, ids(5, B)], probe, []),
            ("call", "probe_classes", [x, probe]),
            ("node", "class_logits", [rows], linear(5, C), []),
            ("call", "int8_weight", [w(8, C), 3]),
            ("call", "int8_wide", [integers, self.positive(8)]),
            ("call", "row_lengths", [w(C, C), w(4, C), w(C, 4), 0.5]),
            ("node", "llama_block", [x] + turn + [none()], llama, [H, H // 2, False, seven, none_of, True, eps, []]),
            ("node", "llama_block", [x.narrow(0, 0, 1)] + turn + [none()], llama + beside, [H, H // 2, False, kinds, factors, False, eps, [4, 6]]),
            ("own", "llama_lean", [x] + turn, llama, [H, H // 2, False, seven, none_of, True, eps, []]),
            ("call", "llama_step", [[t(B, 1, C)] + [q.narrow(1, 0, 1) for q in turn], llama, memory, [9], 5, 0, H, H // 2, False, seven, none_of, eps]),
            ("node", "opt_block", [x, none()], opt, [H, six, none_of[:6], True, eps, []]),
            ("own", "opt_lean", [x, none()], opt, [H, six, none_of[:6], True, eps, []]),
            ("call", "opt_step", [[t(B, 1, C)], opt, opt_memory, [16], 5, H, six, none_of[:6], eps]),
            ("node", "positioned", [x, ids(N, 1, N)], [t(20, C)], []),
            ("node", "layer_norm_of", [x], norm(), [eps]),
            ("node", "rms_norm", [x], [ones(C)], [eps]),
            ("node", "rows_at", [x, ids(B * N, 7)], [], []),
            ("own", "token_embedding", [ids(50, B, N)], [vocabulary], [True]),
            ("node", "token_logits", [rows], [vocabulary], []),
            ("own", "linear_cross_entropy", [rows, seven_ids], [vocabulary], [3, 7.0, True, True]),
            ("call", "token_likelihoods", [[rows, seven_ids], [vocabulary], 3]),
            ("node", "chosen_embedding", [ids(50, B, N), chosen], [vocabulary, f(2, C)], [True]),
            ("node", "chosen_logits", [rows, chosen], [vocabulary, f(2, C)], []),
            ("own", "chosen_cross_entropy", [rows, seven_ids, chosen], [vocabulary, f(2, C)], [3, 7.0, True]),
            ("call", "chosen_likelihoods", [[rows, seven_ids, chosen], [vocabulary, f(2, C)], 3]),
            ("call", "turns", [ids(40, B, N), [1.0, 0.5, 0.25]]),
            ("call", "seen_columns", [whole([0, 2]), 5, 3, 1, 4]),
            ("call", "seen_segments", [whole([0, 0, 1, 1, 1]), 4]),
            ("call", "seen_branches", [ids(3, B, N), ids(9, B, N), 4]),
            ("call", "additive_mask", [self.true(B, 1, 3, 5)]),
            ("call", "remembered_rows", [memory, whole([1, 0, 1]), 7]),
            ("call", "exchange_columns", [memory, whole([1, 0]), 2, 5]),
            ("node", "t5_block", [x, f(1, H, N, N), t(B, 5, C), f(B, 1, 1, 5)], t5, [H, True, False, True, eps]),
            ("node", "t5_distances", [f(B, 1, 1, N)], [t(8, H)], [0, N, N, 3.0, False]),
            ("node", "t5_norm", [x], [ones(C)], [0.5, eps]),
            ("call", "t5_read", [t(B, 5, C), [w(C, C), w(C, C)], H]),
            ("call", "t5_step", [t(B, 1, C), [t(8, H)] + t5, opt_memory, [t(B, H, 5, C // H) for _ in range(2)], [], 4, 3.0, True, False, eps]),
            ("call", "greedy_tokens", [scores, ids(50, 3, 6), whole([2]), 1.2, 2, True]),
            ("call", "sampled_tokens", [scores, ids(50, 3, 6), whole([2]), ids(1 << 53, 3), 1.2, 2, True, 0.7, 5, 0.9]),
            ("call", "beam_candidates", [f(4, 50), ids(50, 4, 6), whole([2]), f(2, 2), 1.2, 2, True, 4]),
            ("node", "qformer_queries", [], [t(1, 4, C)], [B]),
            ("node", "qformer_words", [ids(50, B, 6)], [t(50, C), t(N, C)], []),
            ("node", "qformer_joined", [x, x], [], []),
            ("node", "qformer_entering", [x, seeds], norm(), [0.1, 1e-12]),
            ("call", "qformer_seen", [self.ids(2, B, 6), 4, True]),
            ("node", "qformer_image_norm", [t(B, M, C)], norm(), [eps]),
            ("node", "qformer_image", [t(B, M, C)], linear(2 * C, C), []),
            ("node", "qformer_rows", [x, whole([1, 1, 0])], [], []),
            ("node", "qformer_layer", [x, mask, seeds, t(B, M, 2 * C), self.true(B, 1, 1, M)], layer(), [H, 4, True, 0, 0.1, 0.1, 1e-12]),
            ("own", "qformer_lean", [x, mask, seeds, t(B, M, 2 * C), self.true(B, 1, 1, M)], layer(), [H, 4, True, 0, 0.1, 0.1, 1e-12]),
            ("own", "qformer_image_lean", [t(B, M, C)], linear(2 * C, C), [True]),
            ("node", "qformer_projected", [x], linear(12, C), [4]),
            ("node", "qformer_spliced", [x, t(B, 3, C), whole([0, 1, 2, 10, 11, 12])], [], []),
            ("node", "tokens_after", [x], [], [1]),
            ("node", "feature_projector", [x], linear(32, C) + linear(16, 32), []),
            ("node", "with_features", [x, t(1, 3, C), whole([0, 4, 13])], [], []),
            ("node", "tiles_beside", [t(4, 5, C), whole([0, 1, 2, 3])], [], [2]),
            ("call", "real_tiles", [whole([1, 2]), 2, 5]),
            ("node", "connector_queries", [x], [], [1e-6]),
            ("node", "connector_layer", [x, t(B, M, C), self.true(B, 1, 1, M)], connector, [H, 1e-12]),
            ("node", "connector_head", [x, t(B, N, C)], norm() + linear(12, C), [1e-6]),
            ("call", "adamw", [masters, g, moments, v2, [f() * 0 + 1.0] * 2, [], [], f() * 0 + 2.0, 1e-3, 0.9, 0.98, 1e-6, 0.1]),
            ("call", "sgd", [masters, g, moments, [], [], f() * 0 + 2.0, 1e-3, 0.9, True, 0.1]),
            ("call", "lion", [masters, g, moments, [], [], f() * 0 + 2.0, 1e-3, 0.9, 0.99, 0.1]),
            ("call", "muon", [[f(6, 4)], [f(6, 4)], [f(6, 4)], [], [], f() * 0 + 2.0, 1e-3, 1.0, 0.95, True, 0.1]),
            ("call", "gradient_norm", [g]),
            ("call", "clip_divisor", [f() * 0 + 3.0, 1.0, 2.0]),
            ("call", "clamp", [f(3), -0.1, 0.1]),
            ("call", "increment", [f()]),
            ("call", "fill", [f(), 2.0]),
            ("call", "widen", [t(3, 4)]),
            ("call", "widen_all", [[t(3, 4), t(5)]]),
            ("call", "accumulate", [f(3), f(3)]),
            ("call", "accumulate_all", [g, [f(5, 3), f(3)]]),
            ("call", "add", [f(3), f(3)]),
            ("call", "assign", [t(3), f(3)]),
            ("call", "assign_all", [[t(3)], [f(3)]]),
            ("call", "copied", [t(3)]),
            ("call", "scalar_copy", [t(1)]),
            ("call", "cut", [[t(3)]]),
            ("call", "exchange_all", [[f(3)], [f(3)]]),
            ("call", "filled_like", [t(3), 2.0]),
            ("call", "leaf_view", [t(12), 4, [2, 3], False]),
            ("call", "lerp_all", [[f(3)], [f(3)], 0.1]),
            ("call", "row_range", [x, 0, 1]),
            ("call", "stacked", [[x, x]]),
            ("call", "zeros", [[2, 3], 15, "cuda:0" if self.device == "fake" else self.device]),
            ("call", "to_host", [t(3, 4).t(), 6]),
            ("call", "to_host_copy", [t(3, 4).t()]),
            ("call", "to_device", [f(3).cpu(), "cuda:0" if self.device == "fake" else self.device]),
            ("call", "send_to_device", [f(3).cpu(), "cuda:0" if self.device == "fake" else self.device]),
        ]


class Drawn:
    def __init__(self, shape, deviation, mean=0.0):
        self.shape, self.deviation, self.mean = shape, deviation, mean

    def __call__(self, generator):
        spread = torch.randn(self.shape, generator=generator) * self.deviation + self.mean
        return spread if self.deviation else torch.rand(self.shape, generator=generator) + 0.5


class Whole:
    def __init__(self, shape, high):
        self.shape, self.high = shape, high

    def __call__(self, generator):
        return torch.randint(0, self.high, self.shape, generator=generator)


class Given:
    def __init__(self, values):
        self.values = torch.as_tensor(values)
        self.shape = self.values.shape

    def __call__(self, generator):
        return self.values
