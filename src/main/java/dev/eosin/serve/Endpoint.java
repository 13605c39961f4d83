package dev.eosin.serve;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// Something that can be asked for.
interface Endpoint {
  /// Answers.
  ///
  /// @throws ApiException why there is no answer
  /// @throws TimeoutException when it is late
  /// @throws ExecutionException when a model or a decoder failed
  Reply answer(Call call)
      throws ApiException, IOException, TimeoutException, ExecutionException, InterruptedException;
}
