package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;

/// What calls to a service cost.
///
/// @param calls at least 0
/// @param tokens at least 0, sent and received
/// @param money at least 0, in the currency of the service's price list
public record Cost(long calls, long tokens, double money) {
  public static final Cost NONE = new Cost(0, 0, 0);

  /// @throws IllegalArgumentException when one is negative or no number
  public Cost {
    if (calls < 0 || tokens < 0 || !(money >= 0) || Double.isInfinite(money)) {
      throw new IllegalArgumentException(
          "a cost of %d calls, %d tokens, %s is not possible".formatted(calls, tokens, money));
    }
  }

  /// One call.
  public static Cost ofCall(long tokens, double money) {
    return new Cost(1, tokens, money);
  }

  public Cost plus(Cost other) {
    return new Cost(calls + other.calls, tokens + other.tokens, money + other.money);
  }

  /// What came to it, without what rounding makes of money.
  Cost since(Cost before) {
    return new Cost(
        calls - before.calls, tokens - before.tokens, Math.max(0, money - before.money));
  }

  /// An answer is at least one call.
  Cost atLeastOneCall() {
    return calls > 0 ? this : new Cost(1, tokens, money);
  }

  JsonNode json() {
    return Json.object().put("calls", calls).put("tokens", tokens).put("money", money);
  }

  /// @throws IllegalArgumentException when it is no cost
  static Cost of(JsonNode json) {
    return new Cost(
        json.path("calls").asLong(-1),
        json.path("tokens").asLong(-1),
        json.path("money").asDouble(-1));
  }
}
